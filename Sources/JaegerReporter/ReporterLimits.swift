import SpoorNetworking

/// The bounds of a reporter, each with a default and a reason.
public struct ReporterLimits: Sendable {
    /// How many spans may be pending, those under way included; one more is dropped as
    /// ``ReporterStatus/DropCause/queueFull``.
    ///
    /// 16 384: at 10 000 spans a second that bridges a collector's pause of a second and a half. Once half of it is used,
    /// spans leave without waiting for ``scheduleDelay``.
    public var maxQueueSize = 16_384

    /// How many bytes, in the encoding of the wire, may be pending, those under way included; beyond them spans are dropped
    /// as ``ReporterStatus/DropCause/queueFull``.
    ///
    /// 16 MiB: the default count of usual spans (600 bytes) fits in it, and a few huge ones cannot exhaust the memory, of
    /// which batches take up to twice these bytes while they grow.
    public var maxQueueBytes = 16 << 20

    /// How many spans a batch has at the most.
    ///
    /// 512: the size at which the cost of a request no longer shows in the cost of a span.
    public var maxExportBatchSize = 512

    /// How many bytes the body of a batch has at the most; a span that alone is larger is dropped as
    /// ``ReporterStatus/DropCause/tooLarge``.
    ///
    /// 1 MiB: a twentieth of what collectors accept (20 MiB).
    public var maxExportBatchBytes = 1 << 20

    /// How long a span waits for others before its batch is sent.
    ///
    /// One second, as in all Jaeger clients: fresh traces are on the page by the time one looks.
    public var scheduleDelay = Duration.seconds(1)

    /// How long one `POST` may take, and how long ``CollectorEndpoint/headerProvider`` may before it.
    ///
    /// Five seconds, as in Jaeger's clients; spans gather meanwhile.
    public var exportTimeout = Duration.seconds(5)

    /// How often, and for how long, a batch is tried again.
    public var retries = RetryPolicy()

    /// How old a connection to the collector gets before another takes its place, for which the name is looked up again.
    ///
    /// A minute: spans follow a collector that moved, and the cost of connecting does not show.
    public var maxConnectionAge = Duration.seconds(60)

    /// How long ``HTTPReporter/close(within:)`` waits for spans to be sent, unless told otherwise; what is left is dropped.
    public var shutdownTimeout = Duration.seconds(5)

    /// The defaults.
    public init() {}
}

/// How often and for how long a batch is tried when the collector cannot be reached or asks to be left alone.
///
/// A batch is first sent at once. After each failure in a row the pause doubles, up to a bound; a part of each pause is left
/// to chance, so that many processes do not come back at the same moment. `Retry-After` makes a pause longer, never shorter.
public struct RetryPolicy: Sendable, Equatable {
    /// The pause after the first failure.
    ///
    /// Half a second: a collector that is restarted behind a load balancer is back by then.
    public var initialBackoff = Duration.milliseconds(500)

    /// The longest pause, a day at the most.
    ///
    /// 15 seconds, so that a collector that is back gets spans while most of them are still in the queue.
    public var maxBackoff = Duration.seconds(15)

    /// For how long a batch is tried.
    ///
    /// No attempt begins later than this after the batch's first, but for one after the time that a collector named by
    /// `Retry-After` (10 minutes at the most), and for those of a reporter that closes, which has a deadline. Zero: one
    /// attempt. A minute, as OpenTelemetry's exporters; spans that come meanwhile wait in the queue.
    public var budget = Duration.seconds(60)

    /// The defaults.
    public init() {}

    /// The pause after so many failures in a row: between one half of it and all of it.
    ///
    /// - Parameters:
    ///   - failures: At least 1.
    ///   - jitter: From 0 up to 1, by chance.
    func pause(afterFailures failures: Int, jitter: Double) -> Duration {
        // Beyond 30 doublings every first pause has met the bound.
        let doubled = initialBackoff.upToADay * (1 << min(max(failures, 1) - 1, 30))
        return min(doubled, maxBackoff.upToADay) * (0.5 + jitter / 2)
    }
}

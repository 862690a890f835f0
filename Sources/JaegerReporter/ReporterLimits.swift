import SpoorNetworking

/// The limits of a reporter, each with a default and its reason.
public struct ReporterLimits: Sendable {
    /// The maximum number of pending spans, including those in flight; further spans are dropped as
    /// ``ReporterStatus/DropCause/queueFull``.
    ///
    /// 16 384: at 10 000 spans per second that covers a pause of the collector of one and a half seconds. When it is
    /// half full, spans are sent without waiting for ``scheduleDelay``.
    public var maxQueueSize = 16_384

    /// The maximum number of encoded bytes that are pending, including those in flight; further spans are dropped as
    /// ``ReporterStatus/DropCause/queueFull``.
    ///
    /// 16 MiB: the default number of typical spans (600 bytes) fits, and a few huge ones cannot exhaust the memory, of
    /// which batches use up to twice this number while they grow.
    public var maxQueueBytes = 16 << 20

    /// The maximum number of spans of a batch.
    ///
    /// 512: at this size the cost of a request no longer affects the cost of a span.
    public var maxExportBatchSize = 512

    /// The maximum size of the body of a batch, in bytes; a single larger span is dropped as
    /// ``ReporterStatus/DropCause/tooLarge``.
    ///
    /// 1 MiB: a twentieth of what collectors accept (20 MiB).
    public var maxExportBatchBytes = 1 << 20

    /// The maximum time that a span waits for others before its batch is sent.
    ///
    /// One second, as in all of Jaeger's clients: new traces are visible by the time a user looks.
    public var scheduleDelay = Duration.seconds(1)

    /// The timeout of one `POST`, and of ``CollectorEndpoint/headerProvider`` before it.
    ///
    /// Five seconds, as in Jaeger's clients; spans are queued meanwhile.
    public var exportTimeout = Duration.seconds(5)

    /// The policy for retries.
    public var retries = RetryPolicy()

    /// The maximum age of a connection to the collector, after which it is replaced and the name is resolved again.
    ///
    /// One minute: spans follow a collector that moved, and the cost of connecting is negligible.
    public var maxConnectionAge = Duration.seconds(60)

    /// The default time for which ``HTTPReporter/shutdown(timeout:)`` sends pending spans; the remaining ones are dropped.
    public var shutdownTimeout = Duration.seconds(5)

    /// Creates the default limits.
    public init() {}
}

/// The policy for retries when the collector cannot be reached or requests a delay.
///
/// A batch is first sent without delay. After each consecutive failure the backoff doubles, up to a maximum; a part of
/// each backoff is random (jitter), so that many processes do not retry at the same moment. `Retry-After` makes a delay
/// longer, never shorter.
public struct RetryPolicy: Sendable, Equatable {
    /// The backoff after the first failure.
    ///
    /// Half a second: a collector that is restarted by a load balancer is available again by then.
    public var initialBackoff = Duration.milliseconds(500)

    /// The maximum backoff, at most a day.
    ///
    /// 15 seconds, so that a collector that is available again receives spans while most of them are still queued.
    public var maxBackoff = Duration.seconds(15)

    /// The maximum time between the first and the last attempt to send a batch; zero for one attempt.
    ///
    /// Two exceptions: after a `Retry-After` (at most 10 minutes) one more attempt is made, and during a shutdown its deadline
    /// applies instead. A minute, as in OpenTelemetry's exporters; spans that end in the meantime wait in the queue.
    public var maxElapsedTime = Duration.seconds(60)

    /// Creates the default policy.
    public init() {}

    /// Returns the backoff after a number of consecutive failures: between a half and the whole of the exponential
    /// value.
    ///
    /// - Parameters:
    ///   - failures: The number of failures, at least 1.
    ///   - jitter: A random number from 0 up to 1.
    func backoff(afterFailures failures: Int, jitter: Double) -> Duration {
        // After 30 doublings any initial backoff has reached the maximum.
        let doubled = initialBackoff.upToADay * (1 << min(max(failures, 1) - 1, 30))
        return min(doubled, maxBackoff.upToADay) * (0.5 + jitter / 2)
    }
}

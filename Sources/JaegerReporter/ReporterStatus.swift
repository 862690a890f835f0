import CoreMetrics

/// The counts of all spans of a reporter at one moment, and its last failure.
///
/// `finished == sent + dropped + pending` holds at every moment.
public struct ReporterStatus: Sendable, Equatable, CustomStringConvertible {
    /// The reason why a span was not sent; the raw value is the metric's `cause`.
    public enum DropCause: String, Sendable, CaseIterable {
        /// The queue had reached its limit of spans or bytes.
        case queueFull = "queue_full"
        /// The single span is larger than a batch may be.
        case tooLarge = "too_large"
        /// The span has a zero id, for which collectors reject whole batches.
        case invalid
        /// The collector could not be reached, or did not accept the batch, until the maximum elapsed time had passed.
        ///
        /// If only the response was lost, the collector may have received the spans nevertheless.
        case undeliverable
        /// The collector rejected the batch permanently, or reported that it rejected spans of it.
        ///
        /// A rejected batch is dropped as a whole and not retried in halves: the causes for which collectors are known
        /// to reject a single span are excluded from batches (``tooLarge``, ``invalid``), and other rejections
        /// (credentials, path, format) concern all spans.
        case rejected
        /// The reporter was shut down, before the span was reported or before it could be sent.
        case closed
    }

    /// The number of reported spans.
    public package(set) var finished = 0
    /// The number of spans that the collector accepted.
    public package(set) var sent = 0
    /// The number of spans that are queued or in flight.
    public package(set) var pending = 0
    /// The number of dropped spans, by cause.
    public package(set) var droppedByCause: [DropCause: Int] = [:]
    /// The number of retried attempts.
    public package(set) var retries = 0
    /// The message of the last failure, also if a retry succeeded; nil if there was none.
    public package(set) var lastError: String?
    /// The time of the last failure; monotonic, for comparison with `ContinuousClock.now`.
    public package(set) var lastErrorAt: ContinuousClock.Instant?
    /// The time when the collector last accepted a batch; nil if it never did.
    public package(set) var lastSuccessAt: ContinuousClock.Instant?

    package init() {}

    /// The total number of dropped spans.
    public var dropped: Int { droppedByCause.values.reduce(0, +) }

    /// The counts on one line.
    public var description: String {
        let causes = DropCause.allCases.compactMap { cause in
            droppedByCause[cause].map { "\(cause.rawValue) \($0)" }
        }
        let reasons = causes.isEmpty ? "" : " (\(causes.joined(separator: ", ")))"
        return
            "finished \(finished) = sent \(sent) + dropped \(dropped)\(reasons) + pending \(pending)"
    }
}

/// The final state of a batch.
enum BatchOutcome: Equatable {
    /// The collector accepted it, except for the spans that it rejected (OTLP's `partial_success`).
    case sent(rejectedSpans: Int = 0)
    /// No span of it will be sent.
    case dropped(ReporterStatus.DropCause)

    /// Returns the number of dropped spans of a batch; nil if there are none.
    func droppedSpans(of count: Int) -> Int? {
        switch self {
        case .sent(let rejected): rejected > 0 ? min(rejected, count) : nil
        case .dropped: count
        }
    }
}

/// The counts of a reporter in swift-metrics, with the names of Jaeger's clients.
///
/// `jaeger_tracer_reporter_spans` counts by `result` (ok, err, dropped) and `cause` (`none` for ok); the gauge
/// `jaeger_tracer_reporter_queue_length` is the number of pending spans after the last attempt;
/// `jaeger_tracer_reporter_retries` counts retries.
struct ReporterMetrics: Sendable {
    private static let spans = "jaeger_tracer_reporter_spans"

    private let sent: Counter
    private let dropped: [ReporterStatus.DropCause: Counter]
    private let retries: Counter
    private let pending: Gauge

    init(factory: any MetricsFactory = MetricsSystem.factory) {
        sent = Counter(
            label: Self.spans, dimensions: [("result", "ok"), ("cause", "none")], factory: factory)
        dropped = Dictionary(
            uniqueKeysWithValues: ReporterStatus.DropCause.allCases.map { cause in
                let dimensions = [("result", cause.result), ("cause", cause.rawValue)]
                return (
                    cause,
                    Counter(label: Self.spans, dimensions: dimensions, factory: factory)
                )
            })
        retries = Counter(
            label: "jaeger_tracer_reporter_retries", dimensions: [], factory: factory)
        pending = Gauge(label: "jaeger_tracer_reporter_queue_length", factory: factory)
    }

    /// Counts the spans of a batch.
    func count(_ outcome: BatchOutcome, of count: Int, pending: Int) {
        self.pending.record(pending)
        switch outcome {
        case .sent(let rejected):
            let rejected = min(max(rejected, 0), count)
            sent.increment(by: count - rejected)
            if rejected > 0 { drop(rejected, for: .rejected) }
        case .dropped(let cause): drop(count, for: cause)
        }
    }

    /// Counts dropped spans.
    func drop(_ count: Int, for cause: ReporterStatus.DropCause) {
        dropped[cause]?.increment(by: count)
    }

    /// Counts a retry.
    func retry(pending: Int) {
        self.pending.record(pending)
        retries.increment()
    }
}

extension ReporterStatus.DropCause {
    /// The label `err` for spans that could not be sent, `dropped` for those without an attempt, as in Jaeger's
    /// clients.
    fileprivate var result: String {
        switch self {
        case .rejected, .undeliverable: "err"
        case .queueFull, .tooLarge, .invalid, .closed: "dropped"
        }
    }
}

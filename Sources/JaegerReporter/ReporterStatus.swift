import CoreMetrics

/// What became of every span that a reporter was given, at one moment.
///
/// `finished == sent + dropped + pending` holds at every moment.
public struct ReporterStatus: Sendable, Equatable, CustomStringConvertible {
    /// Why a span was not sent; the raw value is the metric's `cause`.
    public enum DropCause: String, Sendable, CaseIterable {
        /// The queue was at its bound of spans or bytes.
        case queueFull = "queue_full"
        /// The span alone is larger than a batch may be.
        case tooLarge = "too_large"
        /// The span has a zero id, for which collectors refuse whole batches.
        case invalid
        /// The collector could not be reached, or did not want the batch, until the budget for trying was used up.
        ///
        /// Where an answer was lost on its way, the collector may have the spans all the same.
        case undeliverable
        /// The collector refused the batch for good, or said that it left out spans of it.
        ///
        /// A refused batch is dropped whole and not sent again in halves: what collectors are known to refuse one span for
        /// is kept out of batches (``tooLarge``, ``invalid``), and other refusals (credentials, path, format) are of all.
        case rejected
        /// The reporter was closed, before the span came or before it could be sent.
        case closed
    }

    /// How many spans were handed in.
    public package(set) var finished = 0
    /// How many the collector has taken.
    public package(set) var sent = 0
    /// How many wait or are under way.
    public package(set) var pending = 0
    /// How many were dropped, by cause.
    public package(set) var droppedByCause: [DropCause: Int] = [:]
    /// How many attempts to send a batch were repeated.
    public package(set) var retries = 0
    /// What the last failure said, also one that was mended by trying again; nil when there was none.
    public package(set) var lastError: String?
    /// When that was; monotonic, for comparing with `ContinuousClock.now`.
    public package(set) var lastErrorAt: ContinuousClock.Instant?
    /// When the collector last took a batch; nil if it never did.
    public package(set) var lastSuccessAt: ContinuousClock.Instant?

    package init() {}

    /// How many were dropped in all.
    public var dropped: Int { droppedByCause.values.reduce(0, +) }

    /// The account on one line.
    public var description: String {
        let causes = DropCause.allCases.compactMap { cause in
            droppedByCause[cause].map { "\(cause.rawValue) \($0)" }
        }
        let reasons = causes.isEmpty ? "" : " (\(causes.joined(separator: ", ")))"
        return
            "finished \(finished) = sent \(sent) + dropped \(dropped)\(reasons) + pending \(pending)"
    }
}

/// What became of a batch.
enum BatchOutcome: Equatable {
    /// The collector has it, except for so many spans that it rejected (OTLP's `partial_success`).
    case sent(rejectedSpans: Int = 0)
    /// None of it will be sent.
    case dropped(ReporterStatus.DropCause)

    /// How many of so many spans were dropped; nil for none.
    func droppedSpans(of count: Int) -> Int? {
        switch self {
        case .sent(let rejected): rejected > 0 ? min(rejected, count) : nil
        case .dropped: count
        }
    }
}

/// The reporter's account through swift-metrics, under the names of Jaeger's clients.
///
/// `jaeger_tracer_reporter_spans` counts by `result` (ok, err, dropped) and `cause` (`none` for ok); the gauge
/// `jaeger_tracer_reporter_queue_length` is what was pending after the last attempt;
/// `jaeger_tracer_reporter_retries` counts attempts that were repeated.
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

    /// Counts the spans of a batch of so many.
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

    /// Counts spans that were dropped.
    func drop(_ count: Int, for cause: ReporterStatus.DropCause) {
        dropped[cause]?.increment(by: count)
    }

    /// Counts an attempt that is repeated.
    func retry(pending: Int) {
        self.pending.record(pending)
        retries.increment()
    }
}

extension ReporterStatus.DropCause {
    /// `err` for what could not be sent, `dropped` for what was not tried, as Jaeger's clients distinguish them.
    fileprivate var result: String {
        switch self {
        case .rejected, .undeliverable: "err"
        case .queueFull, .tooLarge, .invalid, .closed: "dropped"
        }
    }
}

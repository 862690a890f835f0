import CoreMetrics

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

    /// Notes what became of a batch of so many spans.
    func note(_ delivery: Delivery, of count: Int, pending: Int) {
        self.pending.record(pending)
        switch delivery {
        case .sent(let refused):
            let refused = min(max(refused, 0), count)
            sent.increment(by: count - refused)
            if refused > 0 { drop(refused, for: .rejected) }
        case .dropped(let cause): drop(count, for: cause)
        }
    }

    /// Notes spans that were dropped.
    func drop(_ count: Int, for cause: ReporterStatus.DropCause) {
        dropped[cause]?.increment(by: count)
    }

    /// Notes that a batch is tried again.
    func retry(pending: Int) {
        self.pending.record(pending)
        retries.increment()
    }
}

extension ReporterStatus.DropCause {
    /// `err` for what could not be sent, `dropped` for what was not tried, as Jaeger's clients tell them apart.
    fileprivate var result: String {
        switch self {
        case .rejected, .undeliverable: "err"
        case .queueFull, .tooLarge, .invalid, .closed: "dropped"
        }
    }
}

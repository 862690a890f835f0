import Metrics

/// The reporter's account through swift-metrics, under the names of Jaeger's clients.
///
/// `jaeger_tracer_reporter_spans` counts by `result` (ok, err, dropped) and `cause`; `jaeger_tracer_reporter_queue_length` is what
/// waited when the last batch was done.
struct ReporterMetrics: Sendable {
    private static let spans = "jaeger_tracer_reporter_spans"

    private let sent = Counter(label: Self.spans, dimensions: [("result", "ok")])
    private let pending = Gauge(label: "jaeger_tracer_reporter_queue_length")

    /// Notes what became of a batch.
    func note(_ count: Int, droppedFor cause: ReporterStatus.DropCause?, pending: Int) {
        self.pending.record(pending)
        guard let cause else { return sent.increment(by: count) }
        dropped(count, for: cause)
    }

    /// Notes spans that were dropped.
    func dropped(_ count: Int, for cause: ReporterStatus.DropCause) {
        let result = cause == .rejected || cause == .undeliverable ? "err" : "dropped"
        Counter(
            label: Self.spans, dimensions: [("result", result), ("cause", cause.rawValue)]
        ).increment(by: count)
    }
}

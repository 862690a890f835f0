import JaegerTracing

extension FinishedSpan {
    /// Returns a span of which only the process is relevant.
    static func stub(
        _ process: TracedProcess = TracedProcess(serviceName: "stub"), name: String = "op",
        spanID: UInt64 = 2
    ) -> FinishedSpan {
        FinishedSpan(
            process: process, traceID: TraceID(low: 1), spanID: SpanID(spanID), operationName: name,
            startNanosecondsSinceEpoch: 1_700_000_000_000_000_000, durationNanoseconds: 1_500_000)
    }
}

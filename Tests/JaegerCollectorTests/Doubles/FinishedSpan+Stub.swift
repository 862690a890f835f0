import JaegerTracing

extension FinishedSpan {
    /// Returns a span of which a test sets only what is relevant.
    static func stub(
        service: String = "shop",
        processTags: [SpanTag] = [],
        trace: UInt64 = 1,
        id: UInt64 = 2,
        parent: UInt64? = nil,
        operation: String = "GET /",
        references: [SpanReference] = [],
        startMicroseconds: UInt64 = 1_700_000_000_000_000,
        durationMicroseconds: UInt64 = 1_000,
        tags: [SpanTag] = [],
        logs: [SpanLog] = []
    ) -> FinishedSpan {
        FinishedSpan(
            process: TracedProcess(serviceName: service, tags: processTags),
            traceID: TraceID(low: trace),
            spanID: SpanID(id),
            parentID: parent.map(SpanID.init),
            operationName: operation,
            references: references,
            startNanosecondsSinceEpoch: startMicroseconds * 1000,
            durationNanoseconds: durationMicroseconds * 1000,
            tags: tags,
            logs: logs
        )
    }
}

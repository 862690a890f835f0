import JaegerTracing

extension FinishedSpan {
    /// A span of which a test says only what it is about.
    static func stub(
        service: String = "shop",
        processTags: [Tag] = [],
        trace: UInt64 = 1,
        id: UInt64 = 2,
        parent: UInt64? = nil,
        operation: String = "GET /",
        references: [SpanReference] = [],
        startMicroseconds: UInt64 = 1_700_000_000_000_000,
        durationMicroseconds: UInt64 = 1_000,
        tags: [Tag] = [],
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

/// A small generator that gives the same numbers for the same seed, so that a failure repeats.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

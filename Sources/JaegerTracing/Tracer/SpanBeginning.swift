/// What a tracer decides on a span before it begins.
struct SpanBeginning {
    let identity: SpanIdentity
    /// The flags that the span begins with; without ``TraceFlags/sampled`` while that is open.
    var flags: TraceFlags
    /// What the span tells of the decision.
    var tags: [Tag] = []
    /// Where the spans of the trace are held while it is open whether they are reported.
    var localTrace: LocalTrace?
    let traceState: TraceState?

    init(_ identity: SpanIdentity, under parent: SpanContext?) {
        self.identity = identity
        flags = TraceFlags(received: parent?.flags.rawValue ?? 0)
        traceState = parent?.isValid == true ? parent?.traceState : nil
    }

    /// Whether what is set on the span is kept.
    var isRecorded: Bool { localTrace != nil || flags.contains(.sampled) }

    /// What is known of sampling, as it is counted.
    var sampling: TracerMetrics.Sampling {
        localTrace?.sampling ?? (flags.contains(.sampled) ? .sampled : .unsampled)
    }
}

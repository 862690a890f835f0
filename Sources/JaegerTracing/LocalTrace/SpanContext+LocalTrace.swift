/// The local trace that a context belongs to: children join it, whoever the context was handed to.
struct LocalTraceLink: Hashable, Sendable {
    let trace: LocalTrace?

    // It is no part of what travels, so contexts that differ in nothing else are equal.
    static func == (one: LocalTraceLink, other: LocalTraceLink) -> Bool { true }
    func hash(into hasher: inout Hasher) {}
}

extension SpanContext {
    /// The context as it may leave the process: a sampler that is undecided has had its last chance.
    ///
    /// ``flags`` of a context from a span whose trace is undecided (a sampler that waits, a flight
    /// recorder) change when that is decided; those of this one are final, as reading it makes the
    /// tracer decide. Equal to the context itself if it came from elsewhere.
    public var settled: SpanContext {
        guard let trace = local.trace else { return self }
        var context = self
        context.local = LocalTraceLink(trace: nil)
        if trace.settle() { context.flags.insert(.sampled) }
        return context
    }

    /// The flags of ``settled``.
    var settledFlags: TraceFlags {
        guard let trace = local.trace, trace.settle() else { return flags }
        return flags.union(.sampled)
    }
}

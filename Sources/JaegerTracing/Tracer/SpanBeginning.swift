/// What a tracer decides on a span before it begins.
///
/// It is moved on from its making into the span, and never copied.
struct SpanBeginning: ~Copyable {
    let identity: SpanIdentity
    /// Whether the span is the first of a new trace.
    let isNewTrace: Bool
    /// Whether the span only hands its parent's context on.
    var isPassedOn = false
    /// The flags that the span begins with; without ``TraceFlags/sampled`` while that is open.
    var flags: TraceFlags = []
    var baggage = Baggage()
    /// What the span tells of the decision.
    var tags: [SpanTag] = []
    /// The trace's state, and where its spans are held while it is open whether they are reported.
    var companions = SpanCompanions()

    /// Whether what is set on the span is kept.
    var isRecorded: Bool {
        !isPassedOn && (flags.contains(.sampled) || companions.localTrace != nil)
    }

    /// What is known of sampling, as it is counted.
    var sampling: TracerMetrics.Sampling {
        companions.localTrace?.sampling ?? (flags.contains(.sampled) ? .sampled : .unsampled)
    }
}

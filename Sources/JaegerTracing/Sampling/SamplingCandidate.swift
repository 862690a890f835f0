public import Tracing

/// What is known of a new trace when its sampler is asked: its first span, as far as it has got.
public struct SamplingCandidate: Sendable {
    /// The new trace's id.
    public var traceID: TraceID
    /// What the first span is called so far.
    public var operationName: String
    /// The role of the first span.
    public var kind: SpanKind
    /// The tags that the first span got so far, in order.
    public var tags: [SpanTag]
    /// Whether this is the last time that the sampler is asked about the trace: the context leaves
    /// the process or the first span ends, and a decision that is not final is taken as final.
    public var isLastChance: Bool
    /// Whether the first span has got another name than it was started with, as a server span does
    /// when its route is known.
    public var isRenamed: Bool

    /// Makes a candidate.
    public init(
        traceID: TraceID, operationName: String, kind: SpanKind = .internal, tags: [SpanTag] = [],
        isLastChance: Bool = false, isRenamed: Bool = false
    ) {
        self.traceID = traceID
        self.operationName = operationName
        self.kind = kind
        self.tags = tags
        self.isLastChance = isLastChance
        self.isRenamed = isRenamed
    }
}

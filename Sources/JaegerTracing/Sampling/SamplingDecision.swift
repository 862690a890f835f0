/// What a sampler decided, and why.
public struct SamplingDecision: Hashable, Sendable {
    /// Whether the spans of the trace are recorded and reported.
    public var isSampled: Bool
    /// What the first span of the trace tells of the decision: `sampler.type`, `sampler.param`.
    public var tags: [SpanTag]
    /// Whether the sampler has made up its mind.
    ///
    /// If not, the spans of the trace are recorded for the time being, and the sampler is asked again
    /// when the first span gets another name or a tag, at the latest
    /// (``SamplingCandidate/isLastChance``) when the context leaves the process or that span ends.
    public var isFinal: Bool

    /// Makes a decision.
    public init(isSampled: Bool, tags: [SpanTag] = [], isFinal: Bool = true) {
        self.isSampled = isSampled
        self.tags = tags
        self.isFinal = isFinal
    }

    /// What a sampler says that wants to be asked again.
    public static let undecided = SamplingDecision(isSampled: false, isFinal: false)

    /// Makes the tags by which Jaeger's backends know samplers.
    public static func tags(type: String, parameter: TagValue) -> [SpanTag] {
        [SpanTag("sampler.type", .string(type)), SpanTag("sampler.param", parameter)]
    }
}

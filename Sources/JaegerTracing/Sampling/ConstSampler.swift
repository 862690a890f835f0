/// Samples all traces, or none.
public struct ConstSampler: Sampler {
    private let decision: SamplingDecision

    /// Makes a sampler with one answer.
    public init(_ isSampled: Bool) {
        decision = SamplingDecision(
            isSampled: isSampled,
            tags: SamplingDecision.tags(type: "const", parameter: .bool(isSampled)))
    }

    /// The one answer.
    public func decide(_ candidate: SamplingCandidate) -> SamplingDecision {
        decision
    }
}

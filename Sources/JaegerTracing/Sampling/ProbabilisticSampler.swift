/// Samples a share of all traces, chosen by their ids: every sampler of one rate agrees on a trace.
///
/// The lower 63 bits of the id count, as in Jaeger's client for Go, so that both choose alike.
public struct ProbabilisticSampler: Sampler {
    /// The share of traces that are sampled, from 0 (none at all) to 1 (all without exception).
    public let rate: Double
    /// An id whose lower 63 bits are below this is sampled; 2^63 for all.
    private let boundary: UInt64
    private let tags: [SpanTag]

    /// Makes a sampler of a rate; below 0 and not a number count as 0, above 1 as 1.
    public init(rate: Double) {
        // Both comparisons are false for a number that is none.
        let rate = rate >= 1 ? 1 : rate > 0 ? rate : 0
        self.rate = rate
        // Exact, for only the exponent changes; 2^63 at most, so the conversion cannot trap.
        boundary = UInt64(rate * 0x1p63)
        tags = SamplingDecision.tags(type: "probabilistic", parameter: .double(rate))
    }

    /// Decides by the lower 63 bits of the id.
    public func decide(_ candidate: SamplingParameters) -> SamplingDecision {
        SamplingDecision(isSampled: candidate.traceID.low & (1 << 63 - 1) < boundary, tags: tags)
    }
}

/// Samples a share of all traces, determined by their ids: all samplers with the same rate agree on a trace.
///
/// It uses the lower 63 bits of the id, as Jaeger's Go client, so that both make the same decision.
public struct ProbabilisticSampler: Sampler {
    /// The share of traces that are sampled, from 0 (none) to 1 (all).
    public let rate: Double
    /// The limit of the lower 63 bits of sampled ids; 2^63 if all are sampled.
    private let boundary: UInt64
    private let tags: [SpanTag]

    /// Creates a sampler with a rate; values below 0 and NaN count as 0, values above 1 as 1.
    public init(rate: Double) {
        // Both comparisons are false for NaN.
        let rate = rate >= 1 ? 1 : rate > 0 ? rate : 0
        self.rate = rate
        // Exact, because only the exponent changes; 2^63 at most, so the conversion cannot trap.
        boundary = UInt64(rate * 0x1p63)
        tags = SamplingDecision.tags(type: "probabilistic", parameter: .double(rate))
    }

    /// Decides by the lower 63 bits of the id.
    public func decide(_ parameters: SamplingParameters) -> SamplingDecision {
        SamplingDecision(isSampled: parameters.traceID.low & (1 << 63 - 1) < boundary, tags: tags)
    }
}

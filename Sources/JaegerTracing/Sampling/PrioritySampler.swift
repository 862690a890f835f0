/// Asks samplers in the order of their priority: the first that samples the trace has its way.
///
/// A sampler that has not made up its mind holds up those behind it, and the whole decision, until it
/// is asked again; so none of them is asked, and charged, twice for one trace.
public struct PrioritySampler: Sampler {
    private let samplers: [any Sampler]

    /// Makes a chain, the most important sampler first; none at all samples nothing.
    public init(_ samplers: [any Sampler]) {
        self.samplers = samplers
    }

    /// Decides as the first sampler that samples or is undecided, else as the last.
    public func decide(_ candidate: SamplingCandidate) -> SamplingDecision {
        var decision = SamplingDecision(isSampled: false)
        for sampler in samplers {
            decision = sampler.decide(candidate)
            // A chance that is the last one makes any decision final.
            let isUndecided = !decision.isFinal && !candidate.isLastChance
            if decision.isSampled || isUndecided { break }
        }
        return decision
    }

    /// Closes every sampler.
    public func close() {
        for sampler in samplers { sampler.close() }
    }
}

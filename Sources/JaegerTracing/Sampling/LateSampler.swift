public import Tracing

/// Lets a sampler decide only when the first span has its final name: for samplers by operation, where
/// a server span is named after its route.
///
/// The decision falls when the span is renamed, when the context leaves the process or when the span
/// ends; until then the trace is recorded, which costs as much as if it were sampled. Spans of other
/// kinds are decided on at once.
public struct LateSampler: Sampler {
    private let base: any Sampler
    private let kinds: Set<SpanKind>

    /// Makes a sampler.
    ///
    /// - Parameters:
    ///   - base: Decides; it is asked once for each trace.
    ///   - kinds: The kinds of first spans whose names come late.
    public init(_ base: any Sampler, kinds: Set<SpanKind> = [.server, .consumer]) {
        self.base = base
        self.kinds = kinds
    }

    /// Waits for another name, or the last chance, if names of this kind come late.
    public func decide(_ candidate: SamplingCandidate) -> SamplingDecision {
        let waits = !candidate.isLastChance && !candidate.isRenamed
        return waits && kinds.contains(candidate.kind) ? .undecided : base.decide(candidate)
    }

    /// Closes the sampler that decides.
    public func close() {
        base.close()
    }
}

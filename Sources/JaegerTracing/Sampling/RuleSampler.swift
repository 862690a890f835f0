public import Tracing

/// Decides by rules on tags and names: the first that matches has its say, another sampler where none
/// does.
///
/// ```swift
/// RuleSampler(
///     [
///         .operation("GET /health", ConstSampler(false)),
///         .tag("customer.tier", "gold", ConstSampler(true)),
///     ],
///     otherwise: ProbabilisticSampler(rate: 0.01), waits: true)
/// ```
///
/// A server span gets its route's name, and most tags, only after it has started. A sampler that waits
/// looks at each of them as it comes and lets the other one decide at the last chance: when the context
/// leaves the process or the first span ends. Until then the trace is recorded, which costs as much as
/// if it were sampled.
public struct RuleSampler: Sampler {
    private let rules: [SamplingRule]
    private let otherwise: any Sampler
    private let waits: Bool

    /// Makes a sampler.
    ///
    /// - Parameters:
    ///   - rules: The rules, the most important first.
    ///   - otherwise: Decides where no rule matches.
    ///   - waits: Whether to wait for names and tags to come while no rule matches.
    public init(_ rules: [SamplingRule], otherwise: any Sampler, waits: Bool = false) {
        self.rules = rules
        self.otherwise = otherwise
        self.waits = waits
    }

    /// Decides by the first rule that matches; without one waits, or lets the other sampler decide.
    public func decide(_ candidate: SamplingParameters) -> SamplingDecision {
        if let rule = rules.first(where: { $0.matches(candidate) }) {
            return rule.sampler.decide(candidate)
        }
        if waits, !candidate.mustDecide { return .undecided }
        return otherwise.decide(candidate)
    }

    /// Closes the samplers of the rules and the other one.
    public func close() {
        for rule in rules { rule.sampler.close() }
        otherwise.close()
    }
}

/// A kind of trace that a ``RuleSampler`` knows, and the sampler that decides on it.
///
/// The sampler may be any: `ConstSampler(false)` drops, `RateLimitingSampler` lets some through.
public struct SamplingRule: Sendable {
    let matches: @Sendable (SamplingParameters) -> Bool
    let sampler: any Sampler

    /// Makes a rule of a condition of one's own; it must not wait.
    public init(
        _ sampler: any Sampler, when matches: @escaping @Sendable (SamplingParameters) -> Bool
    ) {
        self.matches = matches
        self.sampler = sampler
    }

    /// Matches a trace whose first span has a tag of a key, whatever its value.
    public static func tag(_ key: String, _ sampler: any Sampler) -> SamplingRule {
        SamplingRule(sampler) { $0.tags.contains { $0.key == key } }
    }

    /// Matches a trace whose first span has a tag of a key and a value.
    public static func tag(
        _ key: String, _ value: TagValue, _ sampler: any Sampler
    ) -> SamplingRule {
        SamplingRule(sampler) { $0.tags.contains { $0.key == key && $0.value == value } }
    }

    /// Matches a trace whose first span has a name.
    public static func operation(_ name: String, _ sampler: any Sampler) -> SamplingRule {
        SamplingRule(sampler) { $0.operationName == name }
    }
}

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
    public func decide(_ candidate: SamplingParameters) -> SamplingDecision {
        var decision = SamplingDecision(isSampled: false)
        for sampler in samplers {
            decision = sampler.decide(candidate)
            // A chance that is the last one makes any decision final.
            let isUndecided = !decision.isFinal && !candidate.mustDecide
            if decision.isSampled || isUndecided { break }
        }
        return decision
    }

    /// Closes every sampler.
    public func close() {
        for sampler in samplers { sampler.close() }
    }
}

/// Lets a sampler decide only when the first span has its final name: for samplers by operation, where
/// a server span is named after its route.
///
/// The decision falls when the span is renamed, when the context leaves the process or when the span
/// ends; until then the trace is recorded, which costs as much as if it were sampled. Spans of other
/// kinds are decided on at once.
public struct DeferredSampler: Sampler {
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
    public func decide(_ candidate: SamplingParameters) -> SamplingDecision {
        let waits = !candidate.mustDecide && !candidate.isRenamed
        return waits && kinds.contains(candidate.kind) ? .undecided : base.decide(candidate)
    }

    /// Closes the sampler that decides.
    public func close() {
        base.close()
    }
}

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
    public func decide(_ candidate: SamplingCandidate) -> SamplingDecision {
        if let rule = rules.first(where: { $0.matches(candidate) }) {
            return rule.sampler.decide(candidate)
        }
        if waits, !candidate.isLastChance { return .undecided }
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
    let matches: @Sendable (SamplingCandidate) -> Bool
    let sampler: any Sampler

    /// Makes a rule of a condition of one's own; it must not wait.
    public init(
        _ sampler: any Sampler, when matches: @escaping @Sendable (SamplingCandidate) -> Bool
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

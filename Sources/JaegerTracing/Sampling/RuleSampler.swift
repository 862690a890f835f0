public import Tracing

/// Decides by rules on tags and names: the first rule that matches, or another sampler if none does.
///
/// ```swift
/// RuleSampler(
///     [
///         .operation("GET /health", ConstSampler(false)),
///         .tag("customer.tier", "gold", ConstSampler(true)),
///     ],
///     otherwise: ProbabilisticSampler(rate: 0.01), defersUntilNamed: true)
/// ```
///
/// A server span receives the name of its route, and most tags, after its start. With `defersUntilNamed` the rules are evaluated
/// again for each new name and tag. If none matches, the other sampler decides when the context leaves the process or the first
/// span ends. Until then the trace is recorded, which costs as much as a sampled trace.
public struct RuleSampler: Sampler {
    private let rules: [SamplingRule]
    private let otherwise: any Sampler
    private let defersUntilNamed: Bool

    /// Creates a sampler.
    ///
    /// - Parameters:
    ///     - rules: The rules, the most important first.
    ///     - otherwise: The sampler that decides if no rule matches.
    ///     - defersUntilNamed: Whether to wait for further names and tags while no rule matches.
    public init(_ rules: [SamplingRule], otherwise: any Sampler, defersUntilNamed: Bool = false) {
        self.rules = rules
        self.otherwise = otherwise
        self.defersUntilNamed = defersUntilNamed
    }

    /// Decides by the first rule that matches; otherwise waits, or calls the other sampler.
    public func decide(_ parameters: SamplingParameters) -> SamplingDecision {
        if let rule = rules.first(where: { $0.matches(parameters) }) {
            return rule.sampler.decide(parameters)
        }
        if defersUntilNamed, !parameters.mustDecide { return .undecided }
        return otherwise.decide(parameters)
    }

    /// Shuts down the samplers of the rules and the other sampler.
    public func shutdown() {
        for rule in rules { rule.sampler.shutdown() }
        otherwise.shutdown()
    }
}

/// A condition on traces, and the sampler that decides on traces that match.
///
/// The sampler may be any: `ConstSampler(false)` drops them, `RateLimitingSampler` limits their rate.
public struct SamplingRule: Sendable {
    let matches: @Sendable (SamplingParameters) -> Bool
    let sampler: any Sampler

    /// Creates a rule with a custom condition, which must not block.
    public init(
        _ sampler: any Sampler, when matches: @escaping @Sendable (SamplingParameters) -> Bool
    ) {
        self.matches = matches
        self.sampler = sampler
    }

    /// Returns a rule for traces whose first span has a tag with a key, regardless of the value.
    public static func tag(_ key: String, _ sampler: any Sampler) -> SamplingRule {
        SamplingRule(sampler) { $0.tags.contains { $0.key == key } }
    }

    /// Returns a rule for traces whose first span has a tag with a key and a value.
    public static func tag(
        _ key: String, _ value: TagValue, _ sampler: any Sampler
    ) -> SamplingRule {
        SamplingRule(sampler) { $0.tags.contains { $0.key == key && $0.value == value } }
    }

    /// Returns a rule for traces whose first span has a name.
    public static func operation(_ name: String, _ sampler: any Sampler) -> SamplingRule {
        SamplingRule(sampler) { $0.operationName == name }
    }
}

/// Calls samplers in order of priority until one of them samples the trace.
///
/// A sampler that is undecided defers the samplers after it, and the whole decision, until it is called again; so no
/// sampler is called, and charged, twice for one trace.
public struct PrioritySampler: Sampler {
    private let samplers: [any Sampler]

    /// Creates a chain, the most important sampler first; an empty chain samples nothing.
    public init(_ samplers: [any Sampler]) {
        self.samplers = samplers
    }

    /// Decides like the first sampler that samples or is undecided, otherwise like the last.
    public func decide(_ parameters: SamplingParameters) -> SamplingDecision {
        var decision = SamplingDecision(isSampled: false)
        for sampler in samplers {
            decision = sampler.decide(parameters)
            // If the sampler must decide, any decision is final.
            let isUndecided = !decision.isFinal && !parameters.mustDecide
            if decision.isSampled || isUndecided { break }
        }
        return decision
    }

    /// Shuts down every sampler.
    public func shutdown() {
        for sampler in samplers { sampler.shutdown() }
    }
}

/// Defers the decision until the first span has its final name: for samplers by operation, where a server span is named
/// after its route.
///
/// The decision is made when the span is renamed, when the context leaves the process or when the span ends; until then
/// the trace is recorded, which costs as much as if it were sampled. Traces whose first span has another kind are
/// decided on immediately.
public struct DeferredSampler: Sampler {
    private let base: any Sampler
    private let kinds: Set<SpanKind>

    /// Creates a sampler.
    ///
    /// - Parameters:
    ///   - base: The sampler that decides; it is called once for each trace.
    ///   - kinds: The kinds of first spans that are renamed after their start.
    public init(_ base: any Sampler, kinds: Set<SpanKind> = [.server, .consumer]) {
        self.base = base
        self.kinds = kinds
    }

    /// Defers the decision until another name is set or a decision is required, if the first span has one of ``kinds``.
    public func decide(_ parameters: SamplingParameters) -> SamplingDecision {
        let waits = !parameters.mustDecide && !parameters.isRenamed
        return waits && kinds.contains(parameters.kind) ? .undecided : base.decide(parameters)
    }

    /// Shuts down the base sampler.
    public func shutdown() {
        base.shutdown()
    }
}

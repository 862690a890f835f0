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

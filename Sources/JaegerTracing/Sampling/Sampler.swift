/// Decides for each new trace whether its spans are recorded.
///
/// A trace that comes from elsewhere brings the decision along; a debug id bypasses the sampler.
public protocol Sampler: Sendable {
    /// Decides on a new trace; called on the thread that starts the span, so it must not wait.
    func decide(traceID: TraceID, operationName: String) -> SamplingDecision
}

/// What a sampler decided, and why.
public struct SamplingDecision: Hashable, Sendable {
    /// Whether the spans of the trace are recorded and reported.
    public var isSampled: Bool
    /// What the first span of the trace tells of the decision: `sampler.type`, `sampler.param`.
    public var tags: [Tag]

    /// Makes a decision.
    public init(isSampled: Bool, tags: [Tag] = []) {
        self.isSampled = isSampled
        self.tags = tags
    }

    /// Makes the tags by which Jaeger's backends know samplers.
    public static func tags(type: String, parameter: TagValue) -> [Tag] {
        [Tag("sampler.type", .string(type)), Tag("sampler.param", parameter)]
    }
}

public import Tracing

/// Decides for each new trace whether its spans are recorded.
///
/// For a trace that was started elsewhere the received decision is used; a debug id bypasses the sampler. A custom
/// sampler is a value or an object with ``decide(_:)``, which must not block, because it runs on the thread that starts
/// the span, and which is called concurrently.
public protocol Sampler: Sendable {
    /// Decides on a new trace by its first span.
    func decide(_ parameters: SamplingParameters) -> SamplingDecision

    /// Stops the background work of the sampler; it continues to decide as before.
    func shutdown()
}

extension Sampler {
    /// Does nothing: most samplers have no background work.
    public func shutdown() {}
}

/// The parameters of a sampling decision: the state of the first span of a new trace.
public struct SamplingParameters: Sendable {
    /// The id of the new trace.
    public var traceID: TraceID
    /// The current name of the first span.
    public var operationName: String
    /// The kind of the first span.
    public var kind: SpanKind
    /// The tags of the first span so far, in order.
    public var tags: [SpanTag]
    /// Whether the sampler is called the last time for this trace, because the context leaves the process or the first
    /// span ends; a decision that is not final is then taken as final.
    public var mustDecide: Bool
    /// Whether the first span has another name than at its start, as a server span has when its route is known.
    public var isRenamed: Bool

    /// Creates parameters.
    public init(
        traceID: TraceID, operationName: String, kind: SpanKind = .internal, tags: [SpanTag] = [],
        mustDecide: Bool = false, isRenamed: Bool = false
    ) {
        self.traceID = traceID
        self.operationName = operationName
        self.kind = kind
        self.tags = tags
        self.mustDecide = mustDecide
        self.isRenamed = isRenamed
    }
}

/// A sampling decision and its reason.
public struct SamplingDecision: Hashable, Sendable {
    /// Whether the spans of the trace are recorded and reported.
    public var isSampled: Bool
    /// The tags of the first span of the trace that record the decision: `sampler.type`, `sampler.param`.
    public var tags: [SpanTag]
    /// Whether the decision is final.
    ///
    /// If not, the spans of the trace are recorded for now, and the sampler is called again when the first span gets
    /// another name or a tag, at the latest (``SamplingParameters/mustDecide``) when the context leaves the process or
    /// that span ends.
    public var isFinal: Bool

    /// Creates a decision.
    public init(isSampled: Bool, tags: [SpanTag] = [], isFinal: Bool = true) {
        self.isSampled = isSampled
        self.tags = tags
        self.isFinal = isFinal
    }

    /// The decision of a sampler that must be called again.
    public static let undecided = SamplingDecision(isSampled: false, isFinal: false)

    /// Returns the tags by which Jaeger's backends recognise samplers.
    public static func tags(type: String, parameter: TagValue) -> [SpanTag] {
        [SpanTag("sampler.type", .string(type)), SpanTag("sampler.param", parameter)]
    }
}

/// Samples all traces, or none.
public struct ConstSampler: Sampler {
    private let decision: SamplingDecision

    /// Creates a sampler that always makes the same decision.
    public init(_ isSampled: Bool) {
        decision = SamplingDecision(
            isSampled: isSampled,
            tags: SamplingDecision.tags(type: "const", parameter: .bool(isSampled)))
    }

    /// Returns the constant decision.
    public func decide(_ parameters: SamplingParameters) -> SamplingDecision {
        decision
    }
}

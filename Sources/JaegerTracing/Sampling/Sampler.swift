public import Tracing

/// Decides for each new trace whether its spans are recorded.
///
/// A trace that comes from elsewhere brings the decision along; a debug id bypasses the sampler. A
/// sampler of your own is a value or an object with ``decide(_:)``: it must not wait, for it runs on
/// the thread that starts the span, and it is asked from many threads at once.
public protocol Sampler: Sendable {
    /// Decides on a new trace by its first span.
    func decide(_ candidate: SamplingParameters) -> SamplingDecision

    /// Ends what the sampler does in the background; it goes on deciding as it last did.
    func close()
}

extension Sampler {
    /// Does nothing: most samplers have no background.
    public func close() {}
}

/// What is known of a new trace when its sampler is asked: its first span, as far as it has got.
public struct SamplingParameters: Sendable {
    /// The new trace's id.
    public var traceID: TraceID
    /// What the first span is called so far.
    public var operationName: String
    /// The role of the first span.
    public var kind: SpanKind
    /// The tags that the first span got so far, in order.
    public var tags: [SpanTag]
    /// Whether this is the last time that the sampler is asked about the trace: the context leaves
    /// the process or the first span ends, and a decision that is not final is taken as final.
    public var mustDecide: Bool
    /// Whether the first span has got another name than it was started with, as a server span does
    /// when its route is known.
    public var isRenamed: Bool

    /// Makes a candidate.
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

/// What a sampler decided, and why.
public struct SamplingDecision: Hashable, Sendable {
    /// Whether the spans of the trace are recorded and reported.
    public var isSampled: Bool
    /// The tags of the first span of the trace that record the decision: `sampler.type`, `sampler.param`.
    public var tags: [SpanTag]
    /// Whether the sampler has made up its mind.
    ///
    /// If not, the spans of the trace are recorded for the time being, and the sampler is asked again
    /// when the first span gets another name or a tag, at the latest
    /// (``SamplingParameters/mustDecide``) when the context leaves the process or that span ends.
    public var isFinal: Bool

    /// Makes a decision.
    public init(isSampled: Bool, tags: [SpanTag] = [], isFinal: Bool = true) {
        self.isSampled = isSampled
        self.tags = tags
        self.isFinal = isFinal
    }

    /// What a sampler says that wants to be asked again.
    public static let undecided = SamplingDecision(isSampled: false, isFinal: false)

    /// Makes the tags by which Jaeger's backends know samplers.
    public static func tags(type: String, parameter: TagValue) -> [SpanTag] {
        [SpanTag("sampler.type", .string(type)), SpanTag("sampler.param", parameter)]
    }
}

/// Samples all traces, or none.
public struct ConstSampler: Sampler {
    private let decision: SamplingDecision

    /// Makes a sampler with one answer.
    public init(_ isSampled: Bool) {
        decision = SamplingDecision(
            isSampled: isSampled,
            tags: SamplingDecision.tags(type: "const", parameter: .bool(isSampled)))
    }

    /// The one answer.
    public func decide(_ candidate: SamplingParameters) -> SamplingDecision {
        decision
    }
}

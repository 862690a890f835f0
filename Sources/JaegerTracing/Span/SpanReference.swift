/// A causal relation to another span, in this trace or in another (`SpanRef` of jaeger.thrift).
public struct SpanReference: Hashable, Sendable {
    /// How the other span relates to this one (`SpanRefType`).
    public enum Kind: Hashable, Sendable {
        /// The other span waits for this one.
        case childOf
        /// The other span caused this one and does not wait for it.
        case followsFrom
    }

    /// How the other span relates to this one.
    public var kind: Kind
    /// The flags of the other span's trace; lost in Thrift.
    public var flags: TraceFlags
    /// Whether that trace's id is known to be random; lost in Thrift.
    public var hasRandomTraceID: Bool
    /// Whether the other span is one of another process, nil if that is not known; lost in Thrift.
    public var isRemote: Bool?
    /// The trace of the other span.
    public var traceID: TraceID
    /// The other span.
    public var spanID: SpanID
    /// What is known of the relation (`attributes` of a link of OTLP); lost in Thrift.
    public var tags: [SpanTag]
    /// The `tracestate` of the other span's trace (`trace_state` of a link of OTLP); lost in Thrift.
    public var traceState: String?

    /// Makes a reference.
    public init(
        _ kind: Kind, traceID: TraceID, spanID: SpanID, flags: TraceFlags = [],
        hasRandomTraceID: Bool = false, isRemote: Bool? = nil, tags: [SpanTag] = [],
        traceState: String? = nil
    ) {
        self.kind = kind
        self.flags = flags
        self.hasRandomTraceID = hasRandomTraceID
        self.isRemote = isRemote
        self.traceID = traceID
        self.spanID = spanID
        self.tags = tags
        self.traceState = traceState
    }
}

/// A span that causes a new one: for a start with several causes, or with one that does not wait.
public struct CausalReference: Hashable, Sendable {
    /// How the other span relates to the new one.
    public var kind: SpanReference.Kind
    /// The context of the other span.
    public var context: SpanContext

    /// Makes a reference.
    public init(_ kind: SpanReference.Kind, _ context: SpanContext) {
        self.kind = kind
        self.context = context
    }

    /// The other span waits for the new one.
    public static func childOf(_ context: SpanContext) -> CausalReference {
        CausalReference(.childOf, context)
    }

    /// The other span does not wait for the new one.
    public static func followsFrom(_ context: SpanContext) -> CausalReference {
        CausalReference(.followsFrom, context)
    }
}

extension [CausalReference] {
    /// The one whose trace, decision and baggage the new span inherits: the first parent that names a
    /// trace, or else the first reference that does, or else one that came without a trace.
    var indexOfParent: Int? {
        firstIndex { $0.kind == .childOf && $0.context.isValid }
            ?? firstIndex { $0.context.isValid } ?? indices.first
    }
}

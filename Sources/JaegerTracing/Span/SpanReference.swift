/// A causal relation to another span, in this trace or in another (`SpanRef` of jaeger.thrift).
public struct SpanReference: Hashable, Sendable {
    /// How the other span relates to this one (`SpanRefType`).
    public enum Kind: Hashable, Sendable {
        /// The other span waits for this one to end.
        case childOf
        /// The other span caused this one and does not wait for it to end.
        case followsFrom
    }

    /// How the other span relates to this one.
    public var kind: Kind
    /// The flags of the other span's trace; not encoded in Thrift.
    public var flags: TraceFlags
    /// Whether that trace's id is known to be random; not encoded in Thrift.
    public var hasRandomTraceID: Bool
    /// Whether the other span belongs to another process, nil if unknown; not encoded in Thrift.
    public var isRemote: Bool?
    /// The trace id of the other span.
    public var traceID: TraceID
    /// The id of the other span.
    public var spanID: SpanID
    /// The tags of the relation (`attributes` of an OTLP link); not encoded in Thrift.
    public var tags: [SpanTag]
    /// The `tracestate` of the other span's trace (`trace_state` of an OTLP link); not encoded in Thrift.
    public var traceState: String?

    /// Creates a reference.
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

/// A span that causes a new one, for a start with several causes, or with one that does not wait for the new span.
public struct CausalReference: Hashable, Sendable {
    /// How the other span relates to the new one.
    public var kind: SpanReference.Kind
    /// The context of the other span.
    public var context: SpanContext

    /// Creates a reference.
    public init(_ kind: SpanReference.Kind, _ context: SpanContext) {
        self.kind = kind
        self.context = context
    }

    /// Returns a reference to a span that waits for the new one.
    public static func childOf(_ context: SpanContext) -> CausalReference {
        CausalReference(.childOf, context)
    }

    /// Returns a reference to a span that does not wait for the new one.
    public static func followsFrom(_ context: SpanContext) -> CausalReference {
        CausalReference(.followsFrom, context)
    }
}

extension [CausalReference] {
    /// The index of the reference whose trace, decision and baggage the new span inherits: the first parent with a
    /// valid trace, otherwise the first reference with one, otherwise the first reference.
    var indexOfParent: Int? {
        firstIndex { $0.kind == .childOf && $0.context.isValid }
            ?? firstIndex { $0.context.isValid } ?? indices.first
    }
}

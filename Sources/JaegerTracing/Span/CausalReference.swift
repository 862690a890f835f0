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

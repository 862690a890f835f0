/// Writing a context as each of the formats has it.
extension PropagationFormat {
    func forEachField(
        of context: SpanContext, _ body: (_ name: String, _ value: String) -> Void
    ) {
        switch kind {
        case .jaeger(let field):
            if context.isDecided { body(field, context.description) }
        case .traceContext(let parent, let state):
            guard context.isDecided else { return }
            body(parent, context.traceParent)
            if let traceState = context.traceState { body(state, traceState.description) }
        case .baggage(let field):
            if let value = context.baggage.w3cText { body(field, value) }
        case .b3(let names, isSingle: true):
            if let value = context.b3 { body(names.single, value) }
        case .b3(let names, isSingle: false): names.forEachField(of: context, body)
        case .custom(let format): format.inject(context, setField: body)
        }
    }
}

extension SpanContext {
    /// Whether formats that cannot leave the decision on sampling open have something to say.
    fileprivate var isDecided: Bool { isValid && !isSamplingDeferred }
}

extension B3Names {
    fileprivate func forEachField(
        of context: SpanContext, _ body: (_ name: String, _ value: String) -> Void
    ) {
        if context.isValid {
            body(traceID, context.traceID.description)
            body(spanID, context.spanID.description)
            if let parent = context.parentID, parent.isValid { body(parentID, parent.description) }
        }
        guard !context.isSamplingDeferred else { return }
        if context.isDebug {
            body(flags, "1")
        } else {
            body(sampled, context.isSampled ? "1" : "0")
        }
    }
}

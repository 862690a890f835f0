public import Tracing

extension ServiceContext {
    /// The span context that travels in this service context.
    ///
    /// If a ``JaegerSpan`` put it there, this is the span's context as it is now, with baggage and
    /// flags that were set after the service context was made.
    public var spanContext: SpanContext? {
        get { self[SpanContextKey.self]?.context }
        set { self[SpanContextKey.self] = newValue.map { .received(ReceivedContext($0)) } }
    }

    /// The span that put its context here, if it was one of this process.
    public var jaegerSpan: JaegerSpan? {
        if case .span(let span) = self[SpanContextKey.self] { span } else { nil }
    }

    /// This context with a span in it; the receiver itself must hold none.
    func with(_ span: JaegerSpan) -> ServiceContext {
        var copy = self
        copy[SpanContextKey.self] = .span(span)
        return copy
    }

    /// What of this context a span keeps to hand on: everything but another span.
    ///
    /// Keeping the parent too would keep all ancestors alive, however long the chain grows.
    var withoutSpanContext: ServiceContext? {
        guard !isEmpty else { return nil }
        guard self[SpanContextKey.self] != nil else { return self }
        guard count > 1 else { return nil }
        var copy = self
        copy[SpanContextKey.self] = nil
        return copy
    }
}

private enum SpanContextKey: ServiceContextKey {
    typealias Value = CarriedContext
    static var nameOverride: String? { "jaeger-span-context" }
}

/// A span context within a service context, in one word: no allocation for a span of this process.
private enum CarriedContext: Sendable {
    case span(JaegerSpan)
    case received(ReceivedContext)

    var context: SpanContext {
        switch self {
        case .span(let span): span.spanContext
        case .received(let received): received.context
        }
    }
}

private final class ReceivedContext: Sendable {
    let context: SpanContext

    init(_ context: SpanContext) { self.context = context }
}

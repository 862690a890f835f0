public import Tracing

/// The span context within a service context: one value, so that it is found by one look-up.
///
/// A span of this process is kept as itself and not as a copy of its context.
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

    /// The tracer of the span that put its context here, or that received the context.
    package var jaegerTracer: JaegerTracer? {
        switch self[SpanContextKey.self] {
        case .span(let span): span.tracer
        case .received(let received): received.tracer
        case nil: nil
        }
    }

    /// Lets a received context travel on, with the tracer that can write it.
    package mutating func pass(_ context: SpanContext, by tracer: JaegerTracer) {
        self[SpanContextKey.self] = .received(ReceivedContext(context, tracer))
    }

    /// This context with a span in it; the receiver itself must hold none.
    func with(_ span: JaegerSpan) -> ServiceContext {
        var copy = self
        copy[SpanContextKey.self] = .span(span)
        return copy
    }

    /// The span context in this service context, after the tracer has decided on sampling (``SpanContext/resolveSampling()``).
    package var resolvedSpanContext: SpanContext? {
        switch self[SpanContextKey.self] {
        case .span(let span): span.resolveSampling()
        case .received(let received): received.context.resolveSampling()
        case nil: nil
        }
    }

    /// What a service context holds for a new span.
    struct Parts: ~Copyable {
        /// The parent that it names.
        let parent: SpanParent?
        /// What else is in it, for the span to hand on.
        let rest: ServiceContext?
    }

    /// The parent that this context names, and what else is in it.
    ///
    /// The rest is without the parent: keeping it would keep all ancestors alive, however long the
    /// chain grows.
    func split() -> Parts {
        guard !isEmpty else { return Parts(parent: nil, rest: nil) }
        guard let carried = self[SpanContextKey.self] else { return Parts(parent: nil, rest: self) }
        guard count > 1 else { return Parts(parent: carried.asParent(), rest: nil) }
        var rest = self
        rest[SpanContextKey.self] = nil
        return Parts(parent: carried.asParent(), rest: rest)
    }

    /// What else than a span is in this context; nil for nothing.
    var withoutSpan: ServiceContext? {
        guard count > 1 || count == 1 && self[SpanContextKey.self] == nil else { return nil }
        var rest = self
        rest[SpanContextKey.self] = nil
        return rest
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

    func asParent() -> SpanParent {
        switch self {
        case .span(let span): span.asParent()
        case .received(let received): received.context.asParent()
        }
    }
}

private final class ReceivedContext: Sendable {
    let context: SpanContext
    let tracer: JaegerTracer?

    init(_ context: SpanContext, _ tracer: JaegerTracer? = nil) {
        self.context = context
        self.tracer = tracer
    }
}

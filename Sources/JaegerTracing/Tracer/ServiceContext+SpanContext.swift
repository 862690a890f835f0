public import Tracing

/// The span context in a service context: one value, so that one lookup is enough.
///
/// A span of this process is stored as a reference and not as a copy of its context.
extension ServiceContext {
    /// The span context in this service context.
    ///
    /// If it was set by a ``JaegerSpan``, this is the current context of the span, with baggage and flags that were set
    /// after the service context was created.
    public var spanContext: SpanContext? {
        get { self[SpanContextKey.self]?.context }
        set { self[SpanContextKey.self] = newValue.map { .received(ReceivedContext($0)) } }
    }

    /// The span in this service context, if it belongs to this process.
    public var jaegerSpan: JaegerSpan? {
        if case .span(let span) = self[SpanContextKey.self] { span } else { nil }
    }

    /// The tracer of the span in this service context, or the tracer that extracted the context.
    package var jaegerTracer: JaegerTracer? {
        switch self[SpanContextKey.self] {
        case .span(let span): span.tracer
        case .received(let received): received.tracer
        case nil: nil
        }
    }

    /// Sets a received context, with the tracer that can inject it.
    package mutating func pass(_ context: SpanContext, by tracer: JaegerTracer) {
        self[SpanContextKey.self] = .received(ReceivedContext(context, tracer))
    }

    /// Returns this context with a span added; the receiver must not contain one.
    func with(_ span: JaegerSpan) -> ServiceContext {
        var copy = self
        copy[SpanContextKey.self] = .span(span)
        return copy
    }

    /// The span context in this service context, after the tracer has resolved sampling
    /// (``SpanContext/resolveSampling()``).
    package var resolvedSpanContext: SpanContext? {
        switch self[SpanContextKey.self] {
        case .span(let span): span.resolveSampling()
        case .received(let received): received.context.resolveSampling()
        case nil: nil
        }
    }

    /// The parts of a service context for a new span.
    struct Parts: ~Copyable {
        /// The parent.
        let parent: SpanParent?
        /// The other values, which the span passes on.
        let rest: ServiceContext?
    }

    /// Returns the parent in this context, and the other values.
    ///
    /// The other values exclude the parent: keeping it would keep all ancestors alive, however long the chain grows.
    func split() -> Parts {
        guard !isEmpty else { return Parts(parent: nil, rest: nil) }
        guard let carried = self[SpanContextKey.self] else { return Parts(parent: nil, rest: self) }
        guard count > 1 else { return Parts(parent: carried.asParent(), rest: nil) }
        var rest = self
        rest[SpanContextKey.self] = nil
        return Parts(parent: carried.asParent(), rest: rest)
    }

    /// The other values than the span in this context; nil if there are none.
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

/// A span context in a service context, in one word: no allocation for a span of this process.
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

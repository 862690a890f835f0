import HTTPTypes
import JaegerTracing
public import SpoorHTTP
public import SpoorMiddleware
public import Tracing

/// A client middleware that creates a client span for each outgoing request and injects its context.
///
/// Trace and baggage headers that the request has already are replaced; a `jaeger-debug-id` set by hand is kept. A
/// pass-through tracer without a context to propagate leaves the request unchanged.
///
/// The span is a child of the current span. It ends when the response body has been consumed; a request that is retried
/// on a new connection remains one span, with `http.request.resend_count`. Its name is the method; its tags are those
/// of ``ServerTracing``, with the peer that was reached (or, if none was, the host of the URL), and `error` if the
/// status is 400 or above or there was no response. A cancellation by the caller is logged (`cancelled`) and is not an
/// error; a timeout is one, and is logged as `http.timeout` with its `phase`. Do not use it in the client of a span
/// reporter: each export would create new spans.
public struct ClientTracing: ClientMiddleware {
    private let tracer: (any Tracer)?
    /// The same tracer, if it is a Jaeger tracer.
    private let jaeger: JaegerTracer?
    private let plan: ClientSpanPlan

    /// Creates the middleware with a tracer; without a current span it starts a new trace.
    ///
    /// - Parameters:
    ///   - tracer: The tracer that creates the spans.
    ///   - configuration: What is propagated and recorded.
    public init(
        _ tracer: any Tracer,
        configuration: ClientTracingConfiguration = ClientTracingConfiguration()
    ) {
        self.tracer = tracer
        jaeger = tracer as? JaegerTracer
        plan = ClientSpanPlan(configuration)
    }

    /// Creates the middleware without a tracer: if a ``JaegerSpan`` is current, its tracer creates the span; otherwise
    /// the request is sent unchanged.
    ///
    /// Within an exchange without a span (``ServerTracingConfiguration/shouldTrace``), the received context is propagated.
    ///
    /// - Parameter configuration: What is propagated and recorded.
    public init(configuration: ClientTracingConfiguration = ClientTracingConfiguration()) {
        tracer = nil
        jaeger = nil
        plan = ClientSpanPlan(configuration)
    }

    /// Runs the rest of the chain within a span.
    public func intercept(_ exchange: ClientExchange, next: ClientNext) async throws {
        let current = ServiceContext.current
        if let tracer, jaeger == nil {
            return try await intercept(exchange, next, tracer, current ?? .topLevel)
        }
        guard let jaeger = jaeger ?? current?.jaegerTracer else {
            return try await next(exchange)
        }
        if !plan.shouldTrace(exchange.request) || tracer == nil && current?.jaegerSpan == nil {
            if plan.shouldPropagate(exchange.request), let context = current?.resolvedSpanContext {
                inject(context, by: jaeger, into: exchange)
            }
            return try await next(exchange)
        }
        let span = jaeger.startSpan(
            plan.name(of: exchange.request), within: current, ofKind: .client)
        // Before the context is injected: its headers are not recorded on the span.
        let isDescribed = describe(exchange, span)
        if plan.shouldPropagate(exchange.request) {
            inject(span.resolveSampling(), by: jaeger, into: exchange)
        }
        try await run(exchange, next, span, isDescribed: isDescribed)
    }

    private func inject(
        _ context: SpanContext, by jaeger: JaegerTracer, into exchange: ClientExchange
    ) {
        var carrier = HeadersCarrier(headers: exchange.request.headers)
        jaeger.inject(context, into: &carrier)
        exchange.request.headers = carrier.headers
    }

    /// Intercepts with a tracer that is not Jaeger's.
    private func intercept(
        _ exchange: ClientExchange, _ next: ClientNext, _ tracer: some Tracer,
        _ current: ServiceContext
    ) async throws {
        if !plan.shouldTrace(exchange.request) {
            inject(current, by: tracer, into: exchange)
            return try await next(exchange)
        }
        let span = tracer.startSpan(
            plan.name(of: exchange.request), context: current, ofKind: .client)
        let isDescribed = describe(exchange, span)
        inject(span.context, by: tracer, into: exchange)
        try await run(exchange, next, span, isDescribed: isDescribed)
    }

    private func inject(
        _ context: ServiceContext, by tracer: some Tracer, into exchange: ClientExchange
    ) {
        guard plan.shouldPropagate(exchange.request) else { return }
        tracer.inject(context, into: &exchange.request.headers, using: HeadersInstrument())
    }

    private func describe(_ exchange: ClientExchange, _ span: some Tracing.Span) -> Bool {
        let isRecording = span.isRecording
        if isRecording { plan.describe(exchange.request, on: span) }
        return isRecording
    }

    private func run(
        _ exchange: ClientExchange, _ next: ClientNext, _ span: some Tracing.Span,
        isDescribed: Bool
    ) async throws {
        do {
            try await ServiceContext.withValue(span.context) { try await next(exchange) }
        } catch {
            finish(exchange, span, isDescribed: isDescribed, thrown: error)
            throw error
        }
        finish(exchange, span, isDescribed: isDescribed, thrown: nil)
    }

    private func finish(
        _ exchange: ClientExchange, _ span: some Tracing.Span, isDescribed: Bool,
        thrown: (any Error)?
    ) {
        defer { span.end() }
        guard span.isRecording else { return }
        // The trace may have been requested only now (sampling.priority).
        if !isDescribed { plan.describe(exchange.request, on: span) }
        plan.conclude(exchange, thrown: thrown, on: span)
    }
}

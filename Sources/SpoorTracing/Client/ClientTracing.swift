import HTTPTypes
import JaegerTracing
public import SpoorHTTP
public import SpoorMiddleware
public import Tracing

/// Makes a client span of every outgoing request and sends its context along.
///
/// Headers of a trace and of baggage that the request has already are replaced; a `jaeger-debug-id` set by hand goes along.
/// A tracer that is switched off and has no context to pass on leaves the request as it is.
///
/// The span is a child of the current one. It ends when the answer's body has been consumed; a request that is sent again
/// on a fresh connection stays one span, with `http.request.resend_count`. Its
/// name is the method; tags are those of ``ServerTracing``, with the peer that was reached
/// (or, if none was, the host of the URL), and `error` when the status is 400 or above or nothing came back. A caller's
/// cancellation is logged (`cancelled`) and is no error; a time-out is one, and is logged as `http.timeout` with its
/// `phase`. Never put it into the client of a span reporter: spans would beget spans.
public struct ClientTracing: ClientMiddleware {
    private let tracer: (any Tracer)?
    /// The same tracer, if it is Jaeger's.
    private let jaeger: JaegerTracer?
    private let plan: ClientSpanPlan

    /// Makes the middleware with a tracer; without a current span it starts a new trace.
    ///
    /// - Parameters:
    ///   - tracer: Makes the spans.
    ///   - configuration: What is sent along and recorded.
    public init(
        _ tracer: any Tracer,
        configuration: ClientTracingConfiguration = ClientTracingConfiguration()
    ) {
        self.tracer = tracer
        jaeger = tracer as? JaegerTracer
        plan = ClientSpanPlan(configuration)
    }

    /// Makes the middleware that joins by itself: when a ``JaegerSpan`` is current, its tracer
    /// makes the span; without one the request goes out as it is.
    ///
    /// Within an exchange that ``ServerTracingConfiguration/skips`` spares a span, the context that the
    /// exchange came with goes out.
    ///
    /// - Parameter configuration: What is sent along and recorded.
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
        if plan.skips(exchange.request) || tracer == nil && current?.jaegerSpan == nil {
            if plan.shouldPropagate(exchange.request), let context = current?.resolvedSpanContext {
                inject(context, by: jaeger, into: exchange)
            }
            return try await next(exchange)
        }
        let span = jaeger.startSpan(
            plan.name(of: exchange.request), within: current, ofKind: .client)
        // Before the context is written: its fields are no news on the span.
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

    /// The same by a tracer of which only the protocol is known.
    private func intercept(
        _ exchange: ClientExchange, _ next: ClientNext, _ tracer: some Tracer,
        _ current: ServiceContext
    ) async throws {
        if plan.skips(exchange.request) {
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
        // Somebody may have asked for the trace only now (sampling.priority).
        if !isDescribed { plan.describe(exchange.request, on: span) }
        plan.conclude(exchange, thrown: thrown, on: span)
    }
}

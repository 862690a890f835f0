public import CoreMetrics
public import SpoorHTTP
public import SpoorMiddleware
public import Tracing
import HTTPTypes
import JaegerTracing

/// Makes a server span of every exchange, under the trace that the request brings along.
///
/// Put it outermost. While the rest of the chain runs, the span is the current one, also when the
/// body streams: nested spans and outgoing calls join by themselves. The span ends after the last
/// byte of the response, also when the handler throws, the peer goes away or the task is
/// cancelled. So that it knows the status that is sent, it answers for what is thrown further in,
/// as ``ErrorMiddleware`` does: put an error page of your own inside of it. Malformed trace headers
/// are counted by the tracer and never change a response.
///
/// The name is `GET /hello/{name}` as soon as the route is known, and `GET` without one. Tags, by default: `component`,
/// `http.method`, `http.url`, `http.status_code`, `peer.ipv4` or `peer.ipv6` with `peer.port` or
/// `peer.address`, and `error` when the status is 500 or above or the response broke off. What
/// came from outside is logged: `http.client_disconnected`, `http.timeout` with its `phase`, `http.server_aborted`.
/// A client that disconnects is no error: the span has the status only if it was sent before.
/// ``ServerTracingConfiguration`` changes all of it.
public struct ServerTracing: Middleware {
    private let tracer: any Tracer
    /// The same tracer, if it is Jaeger's: all that is special is done through it.
    private let jaeger: JaegerTracer?
    private let plan: ServerSpanPlan

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - tracer: Makes the spans. One that is not a ``JaegerTracer`` sees repeated headers as one
    ///     value, and only those fields whose names it asks for; it knows no debug ids.
    ///   - configuration: What is believed, recorded and answered.
    ///   - metricsFactory: Where it is counted who was not believed: `spoor.tracing.refused_contexts`,
    ///     `spoor.tracing.refused_debug_ids`.
    public init(
        _ tracer: any Tracer,
        configuration: ServerTracingConfiguration = ServerTracingConfiguration(),
        metricsFactory: any MetricsFactory = MetricsSystem.factory
    ) {
        self.tracer = tracer
        jaeger = tracer as? JaegerTracer
        plan = ServerSpanPlan(configuration, tracer.conventions, metricsFactory)
    }

    /// Runs the rest of the chain within a span.
    public func intercept(_ exchange: Exchange, next: Next) async throws {
        guard let jaeger else { return try await intercept(exchange, next, tracer) }
        let received = jaeger.extract(from: HeadersCarrier(headers: exchange.request.headers))
        if plan.screens { return try await screen(exchange, next, jaeger, received) }
        let span = jaeger.startSpan(
            plan.firstName(of: exchange),
            childOf: received, within: ServiceContext.current, ofKind: .server)
        try await run(exchange, next, span)
    }

    /// The same where something is to be decided before.
    private func screen(
        _ exchange: Exchange, _ next: Next, _ jaeger: JaegerTracer, _ received: SpanContext?
    ) async throws {
        let (believed, linked) = plan.screened(received, exchange)
        if plan.skips(exchange) {
            guard let believed else { return try await next(exchange) }
            var context = ServiceContext.current ?? .topLevel
            context.pass(believed, by: jaeger)
            return try await ServiceContext.withValue(context) { try await next(exchange) }
        }
        let span = jaeger.startSpan(
            plan.firstName(of: exchange),
            childOf: believed, within: ServiceContext.current, ofKind: .server)
        if let linked { span.addReference(.followsFrom, to: linked) }
        try await run(exchange, next, span)
    }

    /// The same by a tracer of which only the protocol is known.
    private func intercept(_ exchange: Exchange, _ next: Next, _ tracer: some Tracer) async throws {
        let surroundings = ServiceContext.current ?? .topLevel
        var context = surroundings
        tracer.extract(exchange.request.headers, into: &context, using: HeadersInstrument())
        var linked: ServiceContext?
        if !plan.configuration.contextTrust.includes(exchange) {
            if context.count > surroundings.count {
                plan.refusedContexts.increment()
                if plan.configuration.linksUntrustedContext { linked = context }
            }
            context = surroundings
        }
        if plan.skips(exchange) {
            return try await ServiceContext.withValue(context) { try await next(exchange) }
        }
        let span = tracer.startSpan(
            plan.firstName(of: exchange), context: context, ofKind: .server)
        if let linked { span.addLink(SpanLink(context: linked, attributes: [:])) }
        plan.configuration.traceResponseHeader?.set(tracer, span.context, on: exchange)
        try await run(exchange, next, span)
    }

    private func run(
        _ exchange: Exchange, _ next: Next, _ span: some Tracing.Span
    ) async throws {
        let isDescribed = span.isRecording
        if isDescribed { begin(exchange, span) }
        if isDescribed || watchesUnsampled {
            exchange.observer = ServerSpanObserver(span: span, plan: plan)
        }
        do {
            try await ServiceContext.$current.withValue(span.context) {
                try await ErrorMiddleware().intercept(exchange, next: next)
            }
        } catch {
            finish(exchange, span, isDescribed: isDescribed, thrown: error)
            throw error
        }
        finish(exchange, span, isDescribed: isDescribed, thrown: nil)
    }

    /// A client is told of unsampled spans too; and so is an observer, who is to know them by their names.
    private var watchesUnsampled: Bool { plan.answers || jaeger?.isObserved == true }

    private func begin(_ exchange: Exchange, _ span: some Tracing.Span) {
        describe(exchange, span)
        if plan.configuration.recordsPhases {
            let count = exchange.request.headers.bytes.count
            span.log(event: "http.request.head_received", [SpanTag("bytes", .int(Int64(count)))])
        }
    }

    private func describe(_ exchange: Exchange, _ span: some Tracing.Span) {
        span.write(plan.requestTags(exchange))
        if let tags = plan.configuration.span.requestTags { span.writeForeign(tags(exchange)) }
    }

    private func finish(
        _ exchange: Exchange, _ span: some Tracing.Span, isDescribed: Bool,
        thrown: (any Error)?
    ) {
        defer { span.endNow() }
        if isDescribed || watchesUnsampled {
            // A middleware further in may have looked on in its own stead.
            let hasHeardOfRoute = exchange.isObserved && exchange.route != nil
            exchange.observer = nil
            if !hasHeardOfRoute { plan.rename(span, exchange) }
        }
        guard span.isRecording else { return }
        // The handler may have asked for the trace only now (sampling.priority).
        if !isDescribed {
            describe(exchange, span)
            plan.rename(span, exchange)
        }
        let response = exchange.response
        if plan.configuration.recordsPhases, response.isComplete {
            let count = Int64(response.bodyBytesSent)
            span.log(event: "http.response.last_byte", [SpanTag("bytes", .int(count))])
        }
        let end = exchange.conclusion(thrown: thrown)
        span.write(plan.responseTags(exchange, end.status))
        end.interruption?.log(
            to: span, ago: exchange.transport.nanosecondsSinceInterruption(of: exchange))
        if end.isServerFailure {
            Failure(error: end.error, status: end.status, interruption: end.interruption)
                .write(to: span, plan.conventions)
        }
        if let tags = plan.configuration.span.responseTags { span.writeForeign(tags(exchange)) }
    }
}

/// Looks on while an exchange happens, and tells its span.
///
/// Two references, so that it fits into the exchange without an allocation.
struct ServerSpanObserver<Span: Tracing.Span>: ExchangeObserver {
    let span: Span
    let plan: ServerSpanPlan

    var looksAtPhases: Bool {
        plan.configuration.recordsPhases || plan.answers
    }

    func exchange(_ exchange: Exchange, did step: ExchangeStep) {
        switch step {
        case .routed:
            // At once: a sampler that waits for the name decides by it before a call goes out with the decision.
            plan.rename(span, exchange)
        case .responding:
            guard let field = plan.configuration.traceResponseHeader, let span = span as? JaegerSpan
            else { return }
            guard field.tellsDecision else { return field.set(span.spanContext, on: exchange) }
            // What no route took has its name now.
            if exchange.route == nil { plan.rename(span, exchange) }
            // The client is told of a decision: there must be one.
            field.set(span.resolveSampling(), on: exchange)
        case .bodyRead:
            guard plan.configuration.recordsPhases else { return }
            span.log(
                event: "http.request.body_read",
                [SpanTag("bytes", .int(Int64(exchange.bodyBytesReceived)))])
        case .responseBegun:
            guard plan.configuration.recordsPhases else { return }
            span.log(event: "http.response.first_byte")
        }
    }
}

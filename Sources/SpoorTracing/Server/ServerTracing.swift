public import CoreMetrics
public import SpoorHTTP
public import SpoorMiddleware
public import Tracing
import HTTPTypes
import JaegerTracing
import SpoorText

/// A middleware that creates a server span for each exchange, in the trace that the request propagates.
///
/// Make it the outermost middleware. While the rest of the chain runs, also while the body streams, its span is
/// current, so nested spans and outgoing requests become its children automatically. The span ends after the last byte
/// of the response, also if the handler throws, the peer disconnects or the task is cancelled. So that it knows the
/// status that is sent, it converts thrown errors to responses like ``ErrorMiddleware``: put a custom error page after
/// it in the chain. Malformed trace headers are counted by the tracer and never change a response.
///
/// The name is `GET /hello/{name}` as soon as the route is known, and `GET` without a route. Tags, by default:
/// `component`, `http.method`, `http.url`, `http.status_code`, `peer.ipv4` or `peer.ipv6` with `peer.port` or
/// `peer.address`, and `error` if the status is 500 or above or the response was aborted. Interruptions are logged:
/// `http.client_disconnected`, `http.timeout` with its `phase`, `http.server_aborted`. A client that disconnects is not
/// an error: the span has a status only if it was sent before. All of it can be changed with
/// ``ServerTracingConfiguration``.
public struct ServerTracing: Middleware {
    private let tracer: any Tracer
    /// The same tracer, if it is a Jaeger tracer, for what only that offers.
    private let jaeger: JaegerTracer?
    private let plan: ServerSpanPlan

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - tracer: The tracer that creates the spans. A tracer other than ``JaegerTracer`` receives repeated headers as
    ///     one value, and only headers that it looks up by name; it does not support debug ids.
    ///   - configuration: What is trusted, recorded and sent in responses.
    ///   - metricsFactory: The factory of the counters of untrusted requests: `spoor.tracing.rejected_contexts`,
    ///     `spoor.tracing.rejected_debug_ids`.
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
        if plan.needsCheck { return try await handleChecked(exchange, next, jaeger) }
        try await run(exchange, next, startSpan(of: exchange, by: jaeger))
    }

    // Spans are started by synchronous functions that are not inlined: their temporaries would otherwise be part of
    // the asynchronous frame, which takes memory for as long as the exchange.

    /// Starts the span of an exchange that needs no check, in the trace that the request propagates.
    @inline(never)
    private func startSpan(of exchange: Exchange, by jaeger: JaegerTracer) -> JaegerSpan {
        let span = jaeger.startSpan(
            plan.initialName(of: exchange),
            childOf: jaeger.extract(from: HeadersCarrier(headers: exchange.request.headers)),
            within: ServiceContext.current, ofKind: .server)
        exchange.state.value.traceIdentity = span
        return span
    }

    /// The result of the check of an exchange.
    private enum CheckedStart {
        case traced(JaegerSpan)
        /// No span; the context to run in, if it is not the current one.
        case untraced(ServiceContext?)
    }

    /// Checks what the request propagates, and starts the span if the exchange is to be traced.
    @inline(never)
    private func startChecked(_ exchange: Exchange, by jaeger: JaegerTracer) -> CheckedStart {
        let received = jaeger.extract(from: HeadersCarrier(headers: exchange.request.headers))
        let (trusted, linked) = plan.checked(received, exchange)
        guard plan.shouldTrace(exchange) else {
            guard let trusted else { return .untraced(nil) }
            var context = ServiceContext.current ?? .topLevel
            context.pass(trusted, by: jaeger)
            return .untraced(context)
        }
        let span = jaeger.startSpan(
            plan.initialName(of: exchange),
            childOf: trusted, within: ServiceContext.current, ofKind: .server)
        if let linked { span.addReference(.followsFrom, to: linked) }
        exchange.state.value.traceIdentity = span
        return .traced(span)
    }

    /// Handles an exchange that must be checked before the span starts.
    @inline(never)
    private func handleChecked(
        _ exchange: Exchange, _ next: Next, _ jaeger: JaegerTracer
    ) async throws {
        switch startChecked(exchange, by: jaeger) {
        case .traced(let span): try await run(exchange, next, span)
        case .untraced(nil): try await next(exchange)
        case .untraced(let context?):
            try await ServiceContext.withValue(context) { try await next(exchange) }
        }
    }

    /// Handles an exchange with a tracer that is not Jaeger's.
    private func intercept(_ exchange: Exchange, _ next: Next, _ tracer: some Tracer) async throws {
        let outerContext = ServiceContext.current ?? .topLevel
        var context = outerContext
        tracer.extract(exchange.request.headers, into: &context, using: HeadersInstrument())
        var linked: ServiceContext?
        if !plan.configuration.contextTrust.includes(exchange) {
            if context.count > outerContext.count {
                plan.rejectedContexts.increment()
                if plan.configuration.linksUntrustedContext { linked = context }
            }
            context = outerContext
        }
        if !plan.shouldTrace(exchange) {
            return try await ServiceContext.withValue(context) { try await next(exchange) }
        }
        let span = tracer.startSpan(
            plan.initialName(of: exchange), context: context, ofKind: .server)
        if let linked { span.addLink(SpanLink(context: linked, attributes: [:])) }
        plan.configuration.traceResponseHeader?.set(tracer, span.context, on: exchange)
        try await run(exchange, next, span)
    }

    private func run(
        _ exchange: Exchange, _ next: Next, _ span: some Tracing.Span
    ) async throws {
        let isDescribed = span.isRecording
        if isDescribed { begin(exchange, span) }
        if isDescribed || observesUnsampled {
            exchange.addObserver(ServerSpanObserver(span: span, plan: plan))
            // In a chain within a route.
            if exchange.route != nil { plan.rename(span, exchange) }
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

    /// Whether unsampled spans are observed, too: if a response header is set, or the tracer has an observer, which
    /// needs the final names.
    private var observesUnsampled: Bool { plan.setsResponseHeader || jaeger?.isObserved == true }

    private func begin(_ exchange: Exchange, _ span: some Tracing.Span) {
        describe(exchange, span)
        if plan.configuration.recordsPhases {
            let count = exchange.request.head.bytes.count
            span.log(event: "http.request.head_received", [SpanTag("bytes", .int(Int64(count)))])
        }
    }

    private func describe(_ exchange: Exchange, _ span: some Tracing.Span) {
        span.write(plan.requestTags(exchange))
        if let tags = plan.configuration.span.requestTags { span.writeCustom(tags(exchange)) }
    }

    private func finish(
        _ exchange: Exchange, _ span: some Tracing.Span, isDescribed: Bool,
        thrown: (any Error)?
    ) {
        defer { span.endNow() }
        // A request with a route got its final name when that was chosen.
        if isDescribed || observesUnsampled, exchange.route == nil { plan.rename(span, exchange) }
        guard span.isRecording else { return }
        // The trace may have been requested only by the handler (sampling.priority).
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
        if let tags = plan.configuration.span.responseTags { span.writeCustom(tags(exchange)) }
    }
}

/// Observes an exchange and records its steps on the span.
///
/// It consists of two references, so that it fits into the exchange without an allocation.
struct ServerSpanObserver<Span: Tracing.Span>: ExchangeObserver {
    let span: Span
    let plan: ServerSpanPlan

    var observedSteps: ExchangeSteps { plan.observedSteps }

    func routeMatched(_ exchange: Exchange) {
        // Immediately: a deferred sampler decides by the name before an outgoing request propagates the decision.
        plan.rename(span, exchange)
    }

    func requestBodyRead(_ exchange: Exchange) {
        span.log(
            event: "http.request.body_read",
            [SpanTag("bytes", .int(Int64(exchange.bodyBytesReceived)))])
    }

    func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
        guard let header = plan.configuration.traceResponseHeader, let span = span as? JaegerSpan
        else { return }
        guard header.includesDecision else { return header.set(span.spanContext, on: exchange) }
        // A request without a route has its final name now.
        if exchange.route == nil { plan.rename(span, exchange) }
        // The response reports a decision, so there must be one.
        header.set(span.resolveSampling(), on: exchange)
    }

    func responseHeadSent(_ exchange: Exchange) {
        span.log(event: "http.response.first_byte")
    }
}

extension JaegerSpan: TraceIdentity {
    package var traceIDText: String { "\(spanContext.traceID)" }
}

extension ServerTracing: StockMiddleware {
    package static var position: StockPosition { .tracing }
}

import HTTPTypes
import JaegerTracing
public import SpoorHTTP
public import SpoorMiddleware
public import Tracing

/// Makes a client span of every outgoing request and sends its context along.
///
/// The span is a child of the current one. It ends when the answer's body has been consumed. Its
/// name is the method; tags are those of ``ServerTracing``, with the peer that was reached
/// (or, if none was, the host of the URL), and `error` when the status is 400 or above or nothing came back. A caller's cancellation is logged
/// and is no error. Never put it into the client of a span reporter: spans would beget spans.
public struct ClientTracing: ClientMiddleware {
    private let tracer: (any Tracer)?
    /// The same tracer, if it is Jaeger's.
    private let jaeger: JaegerTracer?
    private let recordsQuery: Bool

    /// Makes the middleware with a tracer; without a current span it starts a new trace.
    ///
    /// - Parameters:
    ///   - tracer: Makes the spans.
    ///   - recordsQuery: Whether `http.url` has the query, which may hold secrets.
    public init(_ tracer: any Tracer, recordsQuery: Bool = false) {
        self.tracer = tracer
        jaeger = tracer as? JaegerTracer
        self.recordsQuery = recordsQuery
    }

    /// Makes the middleware that joins by itself: when a ``JaegerSpan`` is current, its tracer
    /// makes the span; without one the request goes out as it is.
    ///
    /// - Parameter recordsQuery: Whether `http.url` has the query, which may hold secrets.
    public init(recordsQuery: Bool = false) {
        tracer = nil
        jaeger = nil
        self.recordsQuery = recordsQuery
    }

    /// Runs the rest of the chain within a span.
    public func intercept(_ exchange: ClientExchange, next: ClientNext) async throws {
        let current = ServiceContext.current
        if let tracer, jaeger == nil {
            return try await run(
                exchange, next, startSpan(tracer, exchange, current ?? .topLevel))
        }
        guard let jaeger = jaeger ?? current?.jaegerSpan?.tracer else {
            return try await next(exchange)
        }
        let span = jaeger.startSpan(
            name(exchange), childOf: current?.spanContext, within: current, ofKind: .client)
        var carrier = FieldsCarrier(fields: exchange.request.fields)
        jaeger.inject(span.spanContext, into: &carrier)
        exchange.request.fields = carrier.fields
        try await run(exchange, next, span)
    }

    private func name(_ exchange: ClientExchange) -> String {
        HTTPSpanTags.name(KnownMethod(exchange.request.method), route: nil)
    }

    private func startSpan<T: Tracer>(
        _ tracer: T, _ exchange: ClientExchange, _ context: ServiceContext
    ) -> any Tracing.Span {
        let span = tracer.startSpan(name(exchange), context: context, ofKind: .client)
        tracer.inject(span.context, into: &exchange.request.fields, using: FieldsInstrument())
        return span
    }

    private func run(
        _ exchange: ClientExchange, _ next: ClientNext, _ span: some Tracing.Span
    ) async throws {
        if span.isRecording {
            span.write(HTTPSpanTags.request(exchange.request, recordsQuery: recordsQuery))
        }
        do {
            try await ServiceContext.withValue(span.context) { try await next(exchange) }
        } catch {
            finish(exchange, span, thrown: error)
            throw error
        }
        finish(exchange, span, thrown: nil)
    }

    private func finish(
        _ exchange: ClientExchange, _ span: some Tracing.Span, thrown: (any Error)?
    ) {
        defer { span.end() }
        guard span.isRecording else { return }
        var tags: [Tag] = []
        if let peer = exchange.peer {
            HTTPSpanTags.append(peer, to: &tags)
        } else {
            // Nobody was reached: the URL tells at least who was meant.
            HTTPSpanTags.append(peerOf: exchange.request.url, to: &tags)
        }
        if let status = exchange.status { tags.append(HTTPSpanTags.status(status)) }
        if exchange.resendCount > 0 {
            tags.append(Tag("http.request.resend_count", .int(Int64(exchange.resendCount))))
        }
        if !tags.isEmpty { span.write(tags) }
        if thrown is CancellationError {
            span.addEvent(SpanEvent(name: "cancelled"))
        } else if thrown != nil || exchange.status.map({ $0.code >= 400 }) ?? true {
            span.writeFailure(thrown)
        }
    }
}

import HTTPTypes
import JaegerTracing
public import SpoorHTTP
public import SpoorMiddleware
public import Tracing

/// Makes a server span of every exchange, under the trace that the request brings along.
///
/// Put it outermost. While the rest of the chain runs, the span is the current one, also when the
/// body streams: nested spans and outgoing calls join by themselves. The span ends after the last
/// byte of the response, also when the handler throws, the peer goes away or the task is
/// cancelled. So that it knows the status that is sent, it answers for what is thrown further in,
/// as ``ErrorResponses`` does: put an error page of your own inside of it. Malformed trace fields
/// are counted by the tracer and never change a response.
///
/// The name is `GET /hello/{name}` after routing and `GET` without a route. Tags: `component`,
/// `http.method`, `http.url`, `http.status_code`, `peer.ipv4` or `peer.ipv6` with `peer.port` or
/// `peer.address`, and `error` when the status is 500 or above or the response broke off.
public struct ServerTracing: Middleware {
    private let tracer: any Tracer
    /// The same tracer, if it is Jaeger's: all that is special is done through it.
    private let jaeger: JaegerTracer?
    private let recordsQuery: Bool

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - tracer: Makes the spans. One that is not a ``JaegerTracer`` sees repeated fields as one
    ///     value, and only those fields whose names it asks for.
    ///   - recordsQuery: Whether `http.url` has the query, which may hold secrets.
    public init(_ tracer: any Tracer, recordsQuery: Bool = false) {
        self.tracer = tracer
        jaeger = tracer as? JaegerTracer
        self.recordsQuery = recordsQuery
    }

    /// Runs the rest of the chain within a span.
    public func intercept(_ exchange: Exchange, next: Next) async throws {
        if let jaeger {
            let parent = jaeger.extract(from: FieldsCarrier(fields: exchange.request.fields))
            let span = jaeger.startSpan(
                HTTPSpanTags.name(exchange.request.knownMethod, route: nil),
                childOf: parent, within: ServiceContext.current, ofKind: .server)
            try await run(exchange, next, span)
        } else {
            try await run(exchange, next, startSpan(tracer, exchange.request))
        }
    }

    private func startSpan<T: Tracer>(_ tracer: T, _ request: Request) -> any Tracing.Span {
        var context = ServiceContext.current ?? .topLevel
        tracer.extract(request.fields, into: &context, using: FieldsInstrument())
        return tracer.startSpan(
            HTTPSpanTags.name(request.knownMethod, route: nil), context: context, ofKind: .server)
    }

    private func run(
        _ exchange: Exchange, _ next: Next, _ span: some Tracing.Span
    ) async throws {
        let isDescribed = span.isRecording
        if isDescribed { describe(exchange, span) }
        do {
            try await ServiceContext.withValue(span.context) {
                try await ErrorResponses().intercept(exchange, next: next)
            }
        } catch {
            finish(exchange, span, isDescribed: isDescribed, thrown: error)
            throw error
        }
        finish(exchange, span, isDescribed: isDescribed, thrown: nil)
    }

    private func describe(_ exchange: Exchange, _ span: some Tracing.Span) {
        span.write(HTTPSpanTags.request(exchange, recordsQuery: recordsQuery))
    }

    private func finish(
        _ exchange: Exchange, _ span: some Tracing.Span, isDescribed: Bool,
        thrown: (any Error)?
    ) {
        defer { span.end() }
        guard span.isRecording else { return }
        // The handler may have asked for the trace only now (sampling.priority).
        if !isDescribed { describe(exchange, span) }
        rename(span, exchange)
        let response = exchange.response
        // What is thrown before the head is out is answered outside of this span, by the same rule.
        let status: HTTPResponse.Status
        if let thrown, !response.isHeadSent {
            status = SpoorHTTP.response(for: thrown).status
        } else {
            status = response.status
        }
        span.write([HTTPSpanTags.status(status)])
        if thrown != nil && response.isHeadSent || status.code >= 500 || !response.isComplete {
            span.writeFailure(thrown ?? response.failure)
        }
    }

    /// Names the span after the route, unless the handler has named it.
    private func rename(_ span: some Tracing.Span, _ exchange: Exchange) {
        let method = exchange.request.knownMethod
        guard let route = exchange.route,
            span.operationName == HTTPSpanTags.name(method, route: nil)
        else { return }
        span.operationName = HTTPSpanTags.name(method, route: route)
    }
}

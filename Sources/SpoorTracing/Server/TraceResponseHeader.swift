public import HTTPTypes
import JaegerTracing
import SpoorHTTP
import Tracing

/// A response header that reports the trace of the request to the client.
public struct TraceResponseHeader: Hashable, Sendable {
    private enum Form: Hashable {
        case traceResponse
        case traceID
    }

    private let form: Form
    private let name: HTTPField.Name

    /// W3C's `traceresponse` (Trace Context Level 2): version, trace id, the server's span id and flags, in the format
    /// of `traceparent`.
    ///
    /// A deferred sampler must decide when the response head is created.
    public static let traceResponse = TraceResponseHeader(
        form: .traceResponse, name: HTTPField.Name("traceresponse") ?? .via)

    /// Returns a header with only the trace id, in hexadecimal digits, under a name such as `X-Trace-Id`.
    public static func traceID(in name: HTTPField.Name) -> TraceResponseHeader {
        TraceResponseHeader(form: .traceID, name: name)
    }

    /// Whether the header contains the sampling decision.
    var includesDecision: Bool { form == .traceResponse }

    /// Sets the header for a Jaeger span, if its context is valid; the context of a disabled tracer may not be.
    func set(_ context: SpanContext, on exchange: Exchange) {
        guard context.isValid else { return }
        switch form {
        case .traceID: exchange.response.headers[name] = context.traceID.description
        case .traceResponse:
            let traceID = String(repeating: "0", count: context.traceID.high == 0 ? 16 : 0)
            let flags = (context.isSampled ? 1 : 0) | (context.hasRandomTraceID ? 2 : 0)
            exchange.response.headers[name] =
                "00-\(traceID)\(context.traceID)-\(context.spanID)-0\(flags)"
        }
    }

    /// Sets the header for a span of another tracer, if that injects `traceparent`, the only way to read its ids.
    func set(_ tracer: some Tracer, _ context: ServiceContext, on exchange: Exchange) {
        var headers = Headers()
        tracer.inject(context, into: &headers, using: HeadersInstrument())
        guard let name = HTTPField.Name("traceparent"), let parent = headers[name] else { return }
        let parts = parent.split(separator: "-")
        guard parts.count >= 4, parts[1].utf8.count == 32 else { return }
        exchange.response.headers[self.name] = form == .traceID ? String(parts[1]) : parent
    }
}

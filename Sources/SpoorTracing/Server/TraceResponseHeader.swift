public import HTTPTypes
import JaegerTracing
import SpoorHTTP
import Tracing

/// A field of the response that tells the client in which trace its request was handled.
public struct TraceResponseHeader: Hashable, Sendable {
    private enum Form: Hashable {
        case traceResponse
        case traceID
    }

    private let form: Form
    private let name: HTTPField.Name

    /// `traceresponse` of the W3C (Trace Context Level 2): version, trace id, the server's span id and flags, as
    /// `traceparent` has them.
    ///
    /// A sampler that waits has its last chance when the response's head is made.
    public static let traceResponse = TraceResponseHeader(
        form: .traceResponse, name: HTTPField.Name("traceresponse") ?? .via)

    /// The trace id alone, in hexadecimal digits, under a name such as `X-Trace-Id`.
    public static func traceID(in name: HTTPField.Name) -> TraceResponseHeader {
        TraceResponseHeader(form: .traceID, name: name)
    }

    /// Whether it says if the trace is sampled.
    var tellsDecision: Bool { form == .traceResponse }

    /// Sets the field for a span of Jaeger's, if that names a trace: one that is switched off may not.
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

    /// Sets the field for a span of another tracer, if that writes `traceparent`: what it says cannot be asked otherwise.
    func set(_ tracer: some Tracer, _ context: ServiceContext, on exchange: Exchange) {
        var headers = Headers()
        tracer.inject(context, into: &headers, using: HeadersInstrument())
        guard let name = HTTPField.Name("traceparent"), let parent = headers[name] else { return }
        let parts = parent.split(separator: "-")
        guard parts.count >= 4, parts[1].utf8.count == 32 else { return }
        exchange.response.headers[self.name] = form == .traceID ? String(parts[1]) : parent
    }
}

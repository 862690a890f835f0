import HTTPTypes
import JaegerTracing
import SpoorHTTP
import Tracing

/// How an exchange went wrong, and how its span says so.
struct Failure {
    /// What was thrown, if anything was.
    let error: (any Error)?
    /// The status of the response; nil if there was none.
    let status: HTTPResponse.Status?
    /// What ended the exchange from outside, if something did.
    let interruption: Interruption?

    /// The kind of the failure by the stable conventions: what interrupted the exchange, the type of the error, or the
    /// status.
    ///
    /// An error that stands for a status says no more than that.
    var kind: String {
        if let interruption { return interruption.name }
        if let error = error as? any ClassifiedError { return error.kind }
        if let status, status.code >= 400, error == nil || error is any ResponseError {
            return String(status.code)
        }
        return error.map { String(describing: type(of: $0)) } ?? "_OTHER"
    }

    /// Notes the failure on a span.
    ///
    /// The status of the span has a description only if the HTTP status does not say it all.
    func write(to span: some Tracing.Span, _ conventions: SemanticConventions) {
        if let error { span.recordError(error) }
        if conventions.areStable { span.write([SpanTag("error.type", .string(kind))]) }
        if conventions == .openTracing, span is JaegerSpan {
            // Jaeger's spans say no more by a state than by the tag.
            return span.write([SpanTag("error", true)])
        }
        let isToldByStatus = status.map { $0.code >= 400 } ?? false
        let description = isToldByStatus ? nil : error.map { String(describing: $0) }
        if let description, conventions.areStable {
            span.setStatus(SpanStatus(code: .error, message: description))
        } else {
            span.setStatus(SpanStatus(code: .error))
        }
        // A status of an error is this very tag already on Jaeger's spans.
        if conventions.areOpenTracing, !(span is JaegerSpan) {
            span.write([SpanTag("error", true)])
        }
    }
}

extension Interruption {
    /// Notes on a span what happened from outside, now or so many nanoseconds ago.
    func log(to span: some Tracing.Span, ago nanoseconds: UInt64 = 0) {
        switch self {
        case .peerLeft: span.log(event: "http.client_disconnected", ago: nanoseconds)
        case .timedOut(let phase):
            span.log(event: "http.timeout", [SpanTag("phase", .string(phase))], ago: nanoseconds)
        case .aborted: span.log(event: "http.server_aborted", ago: nanoseconds)
        case .cancelled: span.log(event: "cancelled", ago: nanoseconds)
        }
    }
}

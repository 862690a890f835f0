import HTTPTypes
import JaegerTracing
import SpoorHTTP
import Tracing

/// The failure of an exchange, and how it is recorded on the span.
struct Failure {
    /// The thrown error, if any.
    let error: (any Error)?
    /// The status of the response; nil if there was none.
    let status: HTTPResponse.Status?
    /// The external interruption of the exchange, if any.
    let interruption: Interruption?

    /// The kind of the failure by the stable conventions: the interruption, the type of the error, or the status.
    ///
    /// If the error only represents a status, the kind is the status.
    var kind: String {
        if let interruption { return interruption.name }
        if let error = error as? any ClassifiedError { return error.kind }
        if let status, status.code >= 400, error == nil || error is any ResponseError {
            return String(status.code)
        }
        return error.map { String(describing: type(of: $0)) } ?? "_OTHER"
    }

    /// Records the failure on a span.
    ///
    /// The status of the span has a description only if the HTTP status does not explain the failure.
    func write(to span: some Tracing.Span, _ conventions: SemanticConventions) {
        if let error { span.recordError(error) }
        if conventions.includesStable { span.write([SpanTag("error.type", .string(kind))]) }
        if conventions == .openTracing, span is JaegerSpan {
            // For a Jaeger span the status would add nothing to the tag.
            return span.write([SpanTag("error", true)])
        }
        let isExplainedByStatus = status.map { $0.code >= 400 } ?? false
        let description = isExplainedByStatus ? nil : error.map { String(describing: $0) }
        if let description, conventions.includesStable {
            span.setStatus(SpanStatus(code: .error, message: description))
        } else {
            span.setStatus(SpanStatus(code: .error))
        }
        // On a Jaeger span, setting the error status has already set this tag.
        if conventions.includesOpenTracing, !(span is JaegerSpan) {
            span.write([SpanTag("error", true)])
        }
    }
}

extension Interruption {
    /// Adds an event for the interruption to a span, now or a number of nanoseconds ago.
    func log(to span: some Tracing.Span, ago nanoseconds: UInt64 = 0) {
        switch self {
        case .peerDisconnected: span.log(event: "http.client_disconnected", ago: nanoseconds)
        case .timedOut(let phase):
            span.log(event: "http.timeout", [SpanTag("phase", .string(phase))], ago: nanoseconds)
        case .aborted: span.log(event: "http.server_aborted", ago: nanoseconds)
        case .cancelled: span.log(event: "cancelled", ago: nanoseconds)
        }
    }
}

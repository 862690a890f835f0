import JaegerTracing
import Tracing

/// Tags onto spans of any tracer: in one go for Jaeger's, as attributes for all others.
extension Tracing.Span {
    /// Sets tags the cheapest way that the span's tracer has.
    func write(_ tags: [Tag]) {
        if let span = self as? JaegerSpan { return span.setTags(tags) }
        updateAttributes { attributes in
            for tag in tags { attributes.set(tag.key, value: tag.value.attribute) }
        }
    }

    /// Notes that the operation failed, and why if that is known.
    func writeFailure(_ error: (any Error)?) {
        if let error { recordError(error) }
        // Jaeger's spans say no more by a state than by the tag.
        if !(self is JaegerSpan) { setStatus(SpanStatus(code: .error)) }
        write([Tag("error", true)])
    }
}

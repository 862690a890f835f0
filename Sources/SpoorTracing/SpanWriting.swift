import JaegerTracing
import Tracing

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
        if self is JaegerSpan {
            write([Tag("error", true)])
        } else {
            setStatus(SpanStatus(code: .error))
            write([Tag("error", true)])
        }
    }
}

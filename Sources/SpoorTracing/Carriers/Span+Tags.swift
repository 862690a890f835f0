import JaegerTracing
import Tracing

/// Tags and events onto spans of any tracer: in one go for Jaeger's, as attributes for all others.
extension Tracing.Span {
    /// Sets tags the cheapest way that the span's tracer has.
    func write(_ tags: [SpanTag]) {
        guard !tags.isEmpty else { return }
        if let span = self as? JaegerSpan { return span.setTags(tags) }
        updateAttributes { attributes in
            for tag in tags { attributes.set(tag.key, value: tag.value.attribute) }
        }
    }

    /// Sets tags that somebody else has made, among which `sampling.priority` may be.
    func writeForeign(_ tags: [SpanTag]) {
        guard let span = self as? JaegerSpan else { return write(tags) }
        for tag in tags { span.setTag(tag.key, tag.value) }
    }

    /// Ends the span; Jaeger's reads the clock by itself, once.
    func endNow() {
        if let span = self as? JaegerSpan { span.end() } else { end() }
    }

    /// Notes that something has happened, now or so many nanoseconds ago, but not before the span.
    func log(event: String, _ fields: [SpanTag] = [], ago nanoseconds: UInt64 = 0) {
        let now = DefaultTracerClock.now.nanosecondsSinceEpoch
        if let span = self as? JaegerSpan {
            let instant = now &- (nanoseconds > 0 ? min(nanoseconds, span.ageNanoseconds) : 0)
            return span.log([SpanTag("event", .string(event))] + fields, at: instant)
        }
        var attributes = SpanAttributes()
        for field in fields { attributes.set(field.key, value: field.value.attribute) }
        let timestamp = DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: now &- nanoseconds)
        addEvent(SpanEvent(name: event, at: timestamp, attributes: attributes))
    }
}

extension Tracer {
    /// The conventions that middlewares follow if they are not told otherwise.
    var conventions: SemanticConventions { (self as? JaegerTracer)?.conventions ?? .openTracing }
}

import JaegerTracing
import Tracing

/// Setting of tags and events on spans of any tracer: in one call on Jaeger's spans, as attributes on all others.
extension Tracing.Span {
    /// Sets tags in the cheapest way that the span's tracer offers.
    func write(_ tags: [SpanTag]) {
        guard !tags.isEmpty else { return }
        if let span = self as? JaegerSpan { return span.setTags(tags) }
        updateAttributes { attributes in
            for tag in tags { attributes.set(tag.key, value: tag.value.attribute) }
        }
    }

    /// Sets tags of the application, which may include `sampling.priority`.
    func writeCustom(_ tags: [SpanTag]) {
        guard let span = self as? JaegerSpan else { return write(tags) }
        for tag in tags { span.setTag(tag.key, tag.value) }
    }

    /// Ends the span; a Jaeger span reads the clock itself, once.
    func endNow() {
        if let span = self as? JaegerSpan { span.end() } else { end() }
    }

    /// Adds an event, now or a number of nanoseconds ago, but not before the start of the span.
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
    /// The conventions of the tracer, which middlewares use by default.
    var conventions: SemanticConventions { (self as? JaegerTracer)?.conventions ?? .openTracing }
}

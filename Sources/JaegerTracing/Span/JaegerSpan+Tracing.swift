public import Tracing

/// The span as swift-distributed-tracing uses it: states, events, errors and links become tags, logs
/// and references.
extension JaegerSpan: Tracing.Span {
    /// Notes how the operation went, as OpenTelemetry's mapping to Jaeger has it.
    ///
    /// An error sets the tag `error`; both codes set `otel.status_code`.
    public func setStatus(_ status: SpanStatus) {
        guard isRecording else { return }
        var tags: [Tag] = []
        switch status.code {
        case .ok: tags.append(Tag("otel.status_code", "OK"))
        case .error:
            tags.append(Tag("error", true))
            tags.append(Tag("otel.status_code", "ERROR"))
        }
        setTags(tags)
        if let message = status.message, status.code == .error {
            setTag("otel.status_description", .string(message))
        }
    }

    /// Adds a log with the event's name as field `event` and its attributes as further fields.
    public func addEvent(_ event: SpanEvent) {
        guard isRecording else { return }
        let fields = [Tag("event", .string(event.name))] + event.attributes.tags
        log(fields, at: event.nanosecondsSinceEpoch)
    }

    /// Adds a log of an error: fields `event`, `error.kind`, `message` and the attributes.
    public func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {
        guard isRecording else { return }
        var fields = [
            Tag("event", "error"),
            Tag("error.kind", .string(String(describing: type(of: error)))),
            Tag("message", .string(String(describing: error))),
        ]
        fields += attributes.tags
        log(fields, at: instant().nanosecondsSinceEpoch)
    }

    /// Refers to another span as `FOLLOWS_FROM`; the attributes of the link are lost, for Jaeger
    /// has no place for them.
    public func addLink(_ link: SpanLink) {
        guard isRecording, let other = link.context.spanContext else { return }
        addReference(.followsFrom, to: other)
    }
}

public import Tracing

/// The conformance to swift-distributed-tracing: status, events, errors and links become tags, logs and references.
extension JaegerSpan: Tracing.Span {
    /// Sets the status of the operation according to OpenTelemetry's mapping to Jaeger.
    ///
    /// An error sets the tags `error`, `otel.status_code=ERROR` and, with a message, `otel.status_description`. `ok`
    /// removes them, sets `otel.status_code=OK` and is final: later statuses are ignored (OpenTelemetry's tracing API,
    /// "Set Status"); its message is not kept.
    public func setStatus(_ status: SpanStatus) {
        guard isRecording else { return }
        var tags: [SpanTag] = []
        switch status.code {
        case .ok: tags.append(SpanTag("otel.status_code", "OK"))
        case .error:
            tags.append(SpanTag("error", true))
            tags.append(SpanTag("otel.status_code", "ERROR"))
            if let message = status.message {
                tags.append(SpanTag("otel.status_description", .string(message)))
            }
        }
        trim(&tags)
        update { record, limits in
            let rejectedCount = record.setStatus(tags, maxTagCount: limits.maxTagCount)
            if rejectedCount > 0 { tracer.metrics.exceeded(.tagCount, by: rejectedCount) }
        }
        reconsider()
    }

    /// Adds a log with the event's name as field `event` and its attributes as further fields.
    public func addEvent(_ event: SpanEvent) {
        guard isRecording else { return }
        let fields = [SpanTag("event", .string(event.name))] + event.attributes.tags
        log(fields, at: event.nanosecondsSinceEpoch)
    }

    /// Adds a log of an error according to OpenTracing's conventions: fields `event=error`, `error.kind` (the type),
    /// `message`, and the attributes.
    ///
    /// An attribute replaces a field of the same name. There is no field `stack` unless it is one of the attributes: a
    /// Swift error has no stack trace, and the stack here would only show where it was caught.
    public func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {
        guard isRecording else { return }
        let given = attributes.tags
        var fields = [
            SpanTag("event", "error"),
            SpanTag("error.kind", .string(String(describing: type(of: error)))),
            SpanTag("message", .string(String(describing: error))),
        ]
        fields.removeAll { field in given.contains { $0.key == field.key } }
        log(fields + given, at: instant().nanosecondsSinceEpoch)
    }

    /// Adds a reference to another span, with the attributes of the link as tags of the reference.
    ///
    /// The reference is `FOLLOWS_FROM`, or `CHILD_OF` if the attribute `opentracing.ref_type` is `child_of`
    /// (OpenTelemetry's conventions for OpenTracing).
    public func addLink(_ link: SpanLink) {
        guard isRecording, let other = link.context.spanContext else { return }
        let tags = link.attributes.tags
        let isChild = tags.contains(SpanTag("opentracing.ref_type", "child_of"))
        addReference(isChild ? .childOf : .followsFrom, to: other, tags: tags)
    }
}

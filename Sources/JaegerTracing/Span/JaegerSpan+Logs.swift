/// What happened within the span, and what it has to do with other spans.
extension JaegerSpan {
    /// Adds a log of several fields, now or at an instant in nanoseconds since the Unix epoch.
    ///
    /// Beyond ``SpanLimits/logCountMax`` the oldest half and the newest logs are kept; a log with the
    /// fields `event=logs dropped` and `dropped_log_count` stands where those between them were.
    public func log(_ fields: [SpanTag], at nanosecondsSinceEpoch: UInt64? = nil) {
        guard isRecording else { return }
        let log = SpanLog(
            nanosecondsSinceEpoch: nanosecondsSinceEpoch ?? Host.wallClock,
            fields: fitting(fields))
        update { record, limits in
            let droppedCount = record.append(log, limits)
            if droppedCount > 0 { tracer.metrics.exceeded(.logCount, by: droppedCount) }
        }
    }

    /// Notes a causal relation to another span; ignored if the context names none.
    ///
    /// - Parameters:
    ///   - kind: How the other span relates to this one.
    ///   - other: The context of the other span, of this trace or another.
    ///   - tags: What is known of the relation; they reach backends by OTLP alone.
    public func addReference(
        _ kind: SpanReference.Kind, to other: SpanContext, tags: [SpanTag] = []
    ) {
        guard isRecording, other.isValid else { return }
        let reference = SpanReference(
            kind, traceID: other.traceID, spanID: other.spanID, flags: other.flags,
            hasRandomTraceID: other.hasRandomTraceID, isRemote: other.isRemote,
            tags: fitting(tags), traceState: other.traceState?.description)
        update { record, limits in
            if !record.append(reference, limits) { tracer.metrics.exceeded(.referenceCount) }
        }
    }
}

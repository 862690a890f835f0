import Synchronization

/// What happened within the span, and what it has to do with other spans.
extension JaegerSpan {
    /// Adds a log of several fields, now or at an instant in nanoseconds since the Unix epoch.
    ///
    /// Beyond ``SpanLimits/maxLogCount`` the oldest half and the newest logs are kept; a log with the
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

/// What the application lets travel with the trace.
extension JaegerSpan {
    /// The value that travels with the trace under a key; its case matters, but for pairs that came in field names
    /// (``Baggage``).
    public func baggageItem(_ key: String) -> String? {
        record.withLock { $0.baggage }[key]
    }

    /// Lets a value travel with the trace from this span on; nil removes it.
    ///
    /// Ignored and counted if the key is not a token (RFC 9110 §5.6.2), if it may not be set or if
    /// the limits of baggage are reached; a value that is too long is cut
    /// (``BaggageRestrictions``). A recording span also logs it.
    public func setBaggageItem(_ key: String, _ value: String?) {
        guard !hasEnded else { return }
        let propagation = tracer.propagation
        let change = record.withLock {
            $0.baggage.set(
                key, value, under: propagation.baggageRestrictions,
                within: propagation.baggageLimits)
        }
        tracer.metrics.baggageUpdated(change)
        if isRecording { log(change.logFields) }
    }
}

extension BaggageChange {
    /// The fields of the log that a recording span writes of it, as Jaeger's clients do.
    var logFields: [SpanTag] {
        var fields = [SpanTag("event", "baggage"), SpanTag("key", .string(key))]
        if let value { fields.append(SpanTag("value", .string(value))) }
        switch outcome {
        case .set: break
        case .replaced: fields.append(SpanTag("override", true))
        case .invalidKey, .forbiddenKey, .overLimit: fields.append(SpanTag("invalid", true))
        }
        if isTruncated { fields.append(SpanTag("truncated", true)) }
        return fields
    }
}

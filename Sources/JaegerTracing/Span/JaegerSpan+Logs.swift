import Synchronization

/// Logs of a span and its references to other spans.
extension JaegerSpan {
    /// Adds a log with several fields, now or at an instant in nanoseconds since the Unix epoch.
    ///
    /// Beyond ``SpanLimits/maxLogCount`` the oldest half and the newest logs are kept; a log with the fields
    /// `event=logs dropped` and `dropped_log_count` replaces those between them.
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

    /// Adds a causal relation to another span; ignored if the context has no valid trace.
    ///
    /// - Parameters:
    ///   - kind: How the other span relates to this one.
    ///   - other: The context of the other span, of this trace or another.
    ///   - tags: The tags of the relation; only OTLP sends them to backends.
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

/// The baggage of a span.
extension JaegerSpan {
    /// Returns the baggage value of a key; keys are case-sensitive, except for pairs received in header names
    /// (``Baggage``).
    public func baggageItem(_ key: String) -> String? {
        record.withLock { $0.baggage }[key]
    }

    /// Sets a baggage value that is propagated from this span on; nil removes it.
    ///
    /// Ignored and counted if the key is not a token (RFC 9110 §5.6.2), if it may not be set or if the limits of
    /// baggage are reached; a value that is too long is truncated (``BaggageRestrictions``). A recording span also logs
    /// the change.
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
    /// The fields of the log that a recording span adds for the change, as in Jaeger's clients.
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

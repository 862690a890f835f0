import Synchronization

/// What the application lets travel with the trace.
extension JaegerSpan {
    /// The value that travels with the trace under a key, whose case does not matter.
    public func baggageItem(_ key: String) -> String? {
        record.withLock { $0.baggage }[key]
    }

    /// Lets a value travel with the trace from this span on; nil removes it.
    ///
    /// Ignored and counted if the key is not a token (RFC 9110 §5.6.2) or the limits of baggage
    /// are reached. A recording span also logs it.
    public func setBaggageItem(_ key: String, _ value: String?) {
        guard !hasEnded else { return }
        let limits = tracer.propagation.baggageLimits
        let outcome = record.withLock { $0.baggage.set(key, value, within: limits) }
        tracer.metrics.baggageUpdated(outcome)
        guard outcome == .set || outcome == .replaced, isRecording else { return }
        var fields = [Tag("event", "baggage"), Tag("key", .string(key.lowercased()))]
        if let value { fields.append(Tag("value", .string(value))) }
        if outcome == .replaced { fields.append(Tag("override", true)) }
        log(fields)
    }
}

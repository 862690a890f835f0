import Synchronization

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

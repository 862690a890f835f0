/// Sugar: what can be said with ``JaegerSpan/setTag(_:_:)`` and ``JaegerSpan/log(_:at:)`` as well.
extension JaegerSpan {
    /// Sets a tag of any type that Jaeger knows; whole numbers beyond 64 bits become their text.
    @inlinable
    public func setTag(_ key: String, _ value: some TagValueConvertible) {
        setTag(key, value.tagValue)
    }

    /// Adds a log of an event that needs no other words.
    public func log(event: String) {
        log([SpanTag("event", .string(event))])
    }
}

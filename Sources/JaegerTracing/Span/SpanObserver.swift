/// Is told of the begin and the end of every span of a tracer, sampled or not.
///
/// For what counts or tags spans wherever they are made. It is called on the thread that begins or
/// ends the span, from many threads at once, and must not wait. A tracer without one pays nothing.
public protocol SpanObserver: Sendable {
    /// A span has begun, with its first tags; it may be given more.
    func spanStarted(_ span: JaegerSpan)

    /// A span has ended; what is set on it now is ignored.
    ///
    /// - Parameters:
    ///   - span: The span: its ids, ``JaegerSpan/kind`` and ``JaegerSpan/operationName``.
    ///   - finished: What it recorded, whether or not it is reported; nil if it did not record.
    func spanEnded(_ span: JaegerSpan, as finished: FinishedSpan?)
}

extension SpanObserver {
    /// Does nothing.
    public func spanStarted(_ span: JaegerSpan) {}
    /// Does nothing.
    public func spanEnded(_ span: JaegerSpan, as finished: FinishedSpan?) {}
}

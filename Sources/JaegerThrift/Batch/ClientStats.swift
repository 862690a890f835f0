/// What a client lost since its process began (`ClientStats` of jaeger.thrift), cumulative.
package struct ClientStats: Hashable, Sendable {
    /// Spans dropped because the queue was full (`fullQueueDroppedSpans`).
    package var fullQueueDroppedSpans: Int64
    /// Spans dropped because they were too large (`tooLargeDroppedSpans`).
    package var tooLargeDroppedSpans: Int64
    /// Spans that could not be sent (`failedToEmitSpans`).
    package var failedToEmitSpans: Int64

    package init(
        fullQueueDroppedSpans: Int64 = 0,
        tooLargeDroppedSpans: Int64 = 0,
        failedToEmitSpans: Int64 = 0
    ) {
        self.fullQueueDroppedSpans = fullQueueDroppedSpans
        self.tooLargeDroppedSpans = tooLargeDroppedSpans
        self.failedToEmitSpans = failedToEmitSpans
    }
}

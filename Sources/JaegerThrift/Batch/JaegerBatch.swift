package import JaegerTracing

/// A body of `POST /api/traces`, decoded: spans of one process (`Batch` of jaeger.thrift).
package struct JaegerBatch: Sendable {
    /// The service that made all ``spans``.
    package var process: TracedProcess
    /// The spans, each holding ``process``; ids are as sent, a zero id is not refused here.
    package var spans: [FinishedSpan]
    /// Counts the batches of the sending process (`seqNo`).
    package var sequenceNumber: Int64?
    /// What the sending process lost (`stats`).
    package var stats: ClientStats?

    package init(
        process: TracedProcess,
        spans: [FinishedSpan],
        sequenceNumber: Int64? = nil,
        stats: ClientStats? = nil
    ) {
        self.process = process
        self.spans = spans
        self.sequenceNumber = sequenceNumber
        self.stats = stats
    }
}

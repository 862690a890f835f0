import JaegerThrift
import JaegerTracing

/// Spans of one process that travel together.
struct SpanBatch: Sendable {
    /// Batches are sent in the order of their numbers, from 1.
    let number: Int
    let process: TracedProcess
    let spanCount: Int
    /// The spans in the encoding of the wire, one behind the other.
    let encodedSpans: [UInt8]
    /// Counts the batches of its process, from 1 (`Batch.seqNo` of jaeger.thrift).
    var sequenceNumber: Int64 = 0
    /// What its process has lost so far (`Batch.stats` of jaeger.thrift).
    var stats = ClientStats()
}

/// How a batch that was under way ended.
enum Delivery: Equatable {
    /// The collector has it, but for so many spans that it said it refused (OTLP's `partial_success`).
    case sent(refusedSpans: Int = 0)
    /// None of it will be sent.
    case dropped(ReporterStatus.DropCause)
}

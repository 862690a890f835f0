import JaegerThrift
import JaegerTracing
import SpoorText

/// Neighbouring spans of a batch that belong to one trace: what comes and goes at once.
///
/// They stay as they came, so that keeping and dropping them costs a few allocations however much they say.
struct StoredRun: Sendable {
    /// The spans, of one process.
    var spans: EncodedSpans
    /// The operations of the spans, each with the number of neighbours that have it.
    let operations: [(operation: ServiceOperation, count: Int)]
    /// When the first of the spans began: nanoseconds since the Unix epoch.
    let startNanosecondsSinceEpoch: UInt64

    /// The memory that the run takes, estimated, in bytes; the process is not in it.
    var byteCount: Int {
        operations.reduce(Self.overheadBytes + spans.byteCount) { byteCount, operation in
            byteCount + Self.operationBytes + operation.operation.name.text.utf8.count
        }
    }

    /// The run itself with its place in the indices, and what its two allocations cost beside their content.
    static let overheadBytes = 224
    private static let operationBytes = MemoryLayout<(ServiceOperation, Int)>.stride

    /// The most that a span adds to the memory of its run, in bytes.
    static func maxByteCount(of outline: SpanOutline) -> Int {
        outline.bytes.count + operationBytes
            + min(outline.operationName.utf8.count, ServiceOperation.maxNameBytes)
    }
}

extension StoredRun {
    /// Copies neighbouring spans out of a batch.
    init(_ outlines: ArraySlice<SpanOutline>, of batch: JaegerBatch) {
        spans = batch.encodedSpans(outlines)
        var operations: [(operation: ServiceOperation, count: Int)] = []
        var start = UInt64.max
        for outline in outlines {
            start = min(start, outline.startNanosecondsSinceEpoch)
            let operation = ServiceOperation(of: outline)
            if let last = operations.indices.last, operations[last].operation == operation {
                operations[last].count += 1
            } else {
                operations.append((operation, 1))
            }
        }
        self.operations = operations
        startNanosecondsSinceEpoch = start
    }
}

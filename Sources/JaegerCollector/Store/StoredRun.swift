import JaegerThrift
import JaegerTracing
import SpoorText

/// Consecutive spans of a batch that belong to one trace: the unit of insertion and eviction.
///
/// They remain encoded, so that storing and dropping them costs few allocations, regardless of their contents.
struct StoredRun: Sendable {
    /// The spans, of one process.
    var spans: EncodedSpans
    /// The operations of the spans, each with the number of consecutive spans that have it.
    let operations: [(operation: ServiceOperation, count: Int)]
    /// The start of the first span, in nanoseconds since the Unix epoch.
    let startNanosecondsSinceEpoch: UInt64

    /// The memory of the run without its process, estimated, in bytes.
    var byteCount: Int {
        operations.reduce(Self.overheadBytes + spans.byteCount) { byteCount, operation in
            byteCount + Self.operationBytes + operation.operation.name.text.utf8.count
        }
    }

    /// The run itself with its entries in the indices, and the overhead of its two allocations.
    static let overheadBytes = 224
    private static let operationBytes = MemoryLayout<(ServiceOperation, Int)>.stride

    /// Returns the maximum memory that a span adds to its run, in bytes.
    static func maxByteCount(of outline: SpanOutline) -> Int {
        outline.bytes.count + operationBytes
            + min(outline.operationName.utf8.count, ServiceOperation.maxNameBytes)
    }
}

extension StoredRun {
    /// Copies consecutive spans from a batch.
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

package import JaegerTracing

/// Collects spans of one process into the body of one `POST /api/traces` (`Batch` of jaeger.thrift).
package struct BatchEncoder: Sendable {
    /// The number of spans in the batch.
    package private(set) var spanCount = 0
    private var bytes: [UInt8]
    /// The offset of the span count, which is set when the batch is finished.
    private let countOffset: Int

    /// Creates a batch of a process's spans.
    ///
    /// `capacityBytes` are reserved in advance; beyond them the batch grows.
    package init(process: TracedProcess, capacityBytes: Int = 0) {
        let headByteCount = Self.headByteCount(of: process)
        bytes = []
        bytes.reserveCapacity(max(capacityBytes, headByteCount + ThriftSize.stop))
        bytes.append(addingCapacity: headByteCount) { output in
            output.append(field: 1, .structure)
            output.append(process)
            output.append(field: 2, structures: 0)
        }
        countOffset = headByteCount - 4
    }

    /// Appends a span, regardless of its size and process.
    package mutating func append(_ span: FinishedSpan) {
        append(encoded: span.thriftBytes(), spanCount: 1)
    }

    /// Appends spans that were encoded by ``JaegerTracing/FinishedSpan/thriftBytes()``, concatenated.
    package mutating func append(encoded spans: [UInt8], spanCount: Int) {
        bytes.append(contentsOf: spans)
        self.spanCount += spanCount
    }

    /// Finishes the batch and consumes the encoder.
    package consuming func finish(
        sequenceNumber: Int64? = nil, stats: ClientStats? = nil
    ) -> [UInt8] {
        setCount()
        bytes.append(addingCapacity: Self.tailByteCount) { output in
            if let sequenceNumber {
                output.append(field: 3, int64: sequenceNumber)
            }
            if let stats {
                output.append(field: 4, .structure)
                output.append(stats)
            }
            output.appendStop()
        }
        return bytes
    }

    /// Returns the size of a batch without its spans, in bytes: exact if it is finished with a sequence number and
    /// stats.
    package static func byteCountWithoutSpans(of process: TracedProcess) -> Int {
        headByteCount(of: process) + tailByteCount
    }

    /// Returns the size of the process and the header of the list of spans.
    private static func headByteCount(of process: TracedProcess) -> Int {
        3 + process.thriftByteCount + ThriftSize.listHeader
    }

    /// The size of sequence number, stats and the stop byte.
    private static let tailByteCount =
        ThriftSize.int64 + 3 + 3 * ThriftSize.int64 + 2 * ThriftSize.stop

    private mutating func setCount() {
        let count = UInt32(clamping: spanCount)
        for index in 0..<4 {
            bytes[countOffset + index] = UInt8(truncatingIfNeeded: count >> (24 - 8 * index))
        }
    }
}

extension TracedProcess {
    /// The exact size of the encoded `Process` of jaeger.thrift, including its stop byte.
    package var thriftByteCount: Int {
        ThriftSize.string(serviceName) + tags.thriftOptionalByteCount + ThriftSize.stop
    }
}

extension OutputSpan<UInt8> {
    fileprivate mutating func append(_ process: TracedProcess) {
        append(field: 1, string: process.serviceName)
        append(field: 2, optionalTags: process.tags)
        appendStop()
    }

    fileprivate mutating func append(_ stats: ClientStats) {
        append(field: 1, int64: stats.fullQueueDroppedSpans)
        append(field: 2, int64: stats.tooLargeDroppedSpans)
        append(field: 3, int64: stats.failedToEmitSpans)
        appendStop()
    }
}

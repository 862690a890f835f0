package import JaegerTracing

/// A body of `POST /api/traces`: spans of one process (`Batch` of jaeger.thrift).
///
/// The whole body has been validated, but its spans remain encoded until they are requested.
package struct JaegerBatch: Sendable {
    /// The service that created all spans.
    package let process: TracedProcess
    /// The outline of each span, in wire order; a zero id is not rejected here.
    package let outlines: [SpanOutline]
    /// The sequence number of the batch in the sending process (`seqNo`).
    package let sequenceNumber: Int64?
    /// The losses of the sending process (`stats`).
    package let stats: ClientStats?
    private let bytes: [UInt8]

    init(
        process: TracedProcess, outlines: [SpanOutline], sequenceNumber: Int64?,
        stats: ClientStats?, bytes: [UInt8]
    ) {
        self.process = process
        self.outlines = outlines
        self.sequenceNumber = sequenceNumber
        self.stats = stats
        self.bytes = bytes
    }

    /// Creates a batch of spans received in another format; what the IDL cannot express is lost.
    package init(
        encoding spans: [FinishedSpan], of process: TracedProcess
    ) throws(MalformedBytes) {
        bytes = [UInt8](capacity: spans.thriftByteCount) { output in
            for index in spans.indices { output.append(spans.span[index]) }
        }
        var reader = ThriftBinaryReader(bytes)
        outlines = try reader.spanOutlines(count: spans.count)
        self.process = process
        sequenceNumber = nil
        stats = nil
    }

    /// Returns the spans of consecutive outlines, copied from the body; each refers to ``process``.
    package func encodedSpans(_ outlines: ArraySlice<SpanOutline>) -> EncodedSpans {
        guard let first = outlines.first, let last = outlines.last else {
            return EncodedSpans(process: process, count: 0, bytes: [])
        }
        let range = first.bytes.lowerBound..<last.bytes.upperBound
        return EncodedSpans(
            process: process, count: outlines.count, bytes: Array(bytes[range]))
    }

    /// All spans, decoded; each refers to ``process``.
    package var spans: [FinishedSpan] { encodedSpans(outlines[...]).decoded() }
}

/// Encoded spans of one process, in bytes that have been validated.
///
/// Stored like this they take one allocation, regardless of their contents.
package struct EncodedSpans: Sendable {
    /// The service that created all spans.
    package var process: TracedProcess
    /// The number of spans.
    package let count: Int
    private let bytes: [UInt8]

    init(process: TracedProcess, count: Int, bytes: [UInt8]) {
        self.process = process
        self.count = count
        self.bytes = bytes
    }

    /// The size of the encoded spans, in bytes.
    package var byteCount: Int { bytes.count }

    /// Returns the decoded spans, each referring to ``process``.
    package func decoded() -> [FinishedSpan] {
        var reader = ThriftBinaryReader(bytes)
        var spans: [FinishedSpan] = []
        spans.reserveCapacity(count)
        // The bytes have been validated, so nothing is thrown.
        while spans.count < count, let span = try? reader.span(of: process) {
            spans.append(span)
        }
        return spans
    }
}

/// The outline of a validated span: the values by which it is searched, and the positions of its other parts.
package struct SpanOutline: Sendable {
    /// The range of the struct in the body.
    package let bytes: Range<Int>
    /// The trace id; may be zero.
    package let traceID: TraceID
    /// The span id; may be zero.
    package let spanID: SpanID
    /// The operation name.
    package let operationName: String
    /// The text of the first tag `span.kind`; empty if there is none, or if it is not a text.
    package let spanKind: String
    /// The start of the span, in nanoseconds since the Unix epoch.
    package let startNanosecondsSinceEpoch: UInt64

    let parentID: SpanID
    let flags: Int32
    let durationNanoseconds: UInt64
    /// The magnitude of a negative duration on the wire, in nanoseconds; 0 if it is not negative.
    let negativeDurationNanoseconds: UInt64
    /// The offsets of the lists of the span.
    let references: Int?
    let tags: Int?
    let logs: Int?
}

/// The cumulative losses of a client process (`ClientStats` of jaeger.thrift).
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

package import JaegerTracing

/// A body of `POST /api/traces`: spans of one process (`Batch` of jaeger.thrift).
///
/// The whole body was read through and is well-formed, but its spans stay as they came until they are asked for.
package struct JaegerBatch: Sendable {
    /// The service that made all spans.
    package let process: TracedProcess
    /// What is known of each span, in the order of the wire; a zero id is not refused here.
    package let outlines: [SpanOutline]
    /// Counts the batches of the sending process (`seqNo`).
    package let sequenceNumber: Int64?
    /// What the sending process lost (`stats`).
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

    /// Makes a batch of spans that came in another format; what the IDL cannot express is lost.
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

    /// The spans of some neighbouring outlines, copied out of the body; each holds ``process``.
    package func encodedSpans(_ outlines: ArraySlice<SpanOutline>) -> EncodedSpans {
        guard let first = outlines.first, let last = outlines.last else {
            return EncodedSpans(process: process, count: 0, bytes: [])
        }
        let range = first.bytes.lowerBound..<last.bytes.upperBound
        return EncodedSpans(
            process: process, count: outlines.count, bytes: Array(bytes[range]))
    }

    /// All spans, decoded; each holds ``process``.
    package var spans: [FinishedSpan] { encodedSpans(outlines[...]).decoded() }
}

/// Spans of one process as they stand on the wire, in bytes that were read through before.
///
/// Kept like this they take one allocation, whatever they say.
package struct EncodedSpans: Sendable {
    /// The service that made all spans.
    package var process: TracedProcess
    /// How many spans there are.
    package let count: Int
    private let bytes: [UInt8]

    init(process: TracedProcess, count: Int, bytes: [UInt8]) {
        self.process = process
        self.count = count
        self.bytes = bytes
    }

    /// The size of the spans on the wire, in bytes.
    package var byteCount: Int { bytes.count }

    /// The spans, each holding ``process``.
    package func decoded() -> [FinishedSpan] {
        var reader = ThriftBinaryReader(bytes)
        var spans: [FinishedSpan] = []
        spans.reserveCapacity(count)
        // What was read through once is well-formed: nothing is thrown.
        while spans.count < count, let span = try? reader.span(of: process) {
            spans.append(span)
        }
        return spans
    }
}

/// A span that was read through: what it is found by, and where its other parts are.
package struct SpanOutline: Sendable {
    /// The struct on the wire.
    package let bytes: Range<Int>
    /// The trace that the span belongs to; may be zero.
    package let traceID: TraceID
    /// The identity of the span; may be zero.
    package let spanID: SpanID
    /// What the span did.
    package let operationName: String
    /// The text of the first tag `span.kind`; empty when there is none, or when it is no text.
    package let spanKind: String
    /// When the span began: nanoseconds since the Unix epoch.
    package let startNanosecondsSinceEpoch: UInt64

    let parentID: SpanID
    let flags: Int32
    let durationNanoseconds: UInt64
    /// By how much the duration on the wire is below zero, in nanoseconds; 0 for an honest one.
    let negativeDurationNanoseconds: UInt64
    /// Where the lists begin that the span has.
    let references: Int?
    let tags: Int?
    let logs: Int?
}

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

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
    ) throws(ThriftError) {
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

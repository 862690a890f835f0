package import JaegerTracing

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

import JaegerOTLP
import JaegerThrift
import JaegerTracing

/// How spans become the body of a request: the one place where the formats of collectors differ.
///
/// Queue, retries and account know nothing of it beyond these verbs.
public enum WireFormat: String, Sendable, Hashable, CaseIterable {
    /// `jaeger.thrift` in Thrift's binary protocol, for `POST /api/traces` (port 14268).
    case jaegerThrift
    /// OTLP over HTTP in binary protobuf, for `POST /v1/traces` (port 4318).
    case otlp
}

extension WireFormat {
    /// The `Content-Type` of a body.
    var contentType: String {
        switch self {
        case .jaegerThrift: "application/x-thrift"
        case .otlp: "application/x-protobuf"
        }
    }

    /// A span as it stands in a body.
    func bytes(of span: FinishedSpan) -> [UInt8] {
        switch self {
        case .jaegerThrift: span.thriftBytes()
        case .otlp: span.otlpBytes()
        }
    }

    /// What a body has at the most beside its spans, in bytes.
    func byteCount(of process: TracedProcess) -> Int {
        switch self {
        // The header of the list of spans, sequence number and stats take 60 bytes.
        case .jaegerThrift: process.thriftByteCount + 64
        case .otlp: process.otlpByteCount
        }
    }

    /// The body for a batch.
    func body(of batch: SpanBatch) -> [UInt8] {
        switch self {
        case .jaegerThrift:
            var encoder = BatchEncoder(
                process: batch.process,
                capacityBytes: batch.encodedSpans.count + byteCount(of: batch.process))
            encoder.append(encoded: batch.encodedSpans, spanCount: batch.spanCount)
            return encoder.finish(sequenceNumber: batch.sequenceNumber, stats: batch.stats)
        case .otlp: return OTLPEncoder.encode(encoded: batch.encodedSpans, of: batch.process)
        }
    }

    /// What a body that came with a 2xx says of the batch.
    func acceptance(_ body: [UInt8]) -> Verdict {
        switch self {
        case .jaegerThrift: .accepted()
        case .otlp: Self.partialSuccess(in: body)
        }
    }

    /// OTLP's `partial_success`: what was rejected must not be sent again.
    private static func partialSuccess(in body: [UInt8]) -> Verdict {
        guard let response = try? OTLPExportResponse(decoding: body) else {
            return .accepted(warning: "the collector's answer is no ExportTraceServiceResponse")
        }
        let count = Int(clamping: response.rejectedSpanCount)
        let message = OneLine.printable(response.message.utf8)
        guard count > 0 else { return .accepted(warning: message.isEmpty ? nil : message) }
        return .accepted(
            refusedSpans: count, warning: "the collector left out spans of a batch: \(message)")
    }
}

import CSpoorZlib
import JaegerOTLP
import JaegerThrift
import JaegerTracing

/// How spans become the body of a request: the one place where the formats of collectors differ.
///
/// Queue, retries and account know nothing of it but these functions; ``CollectorResponse`` reads the response.
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

    /// What a body takes beside its spans at the most, in bytes.
    func byteCount(of process: TracedProcess) -> Int {
        switch self {
        case .jaegerThrift: BatchEncoder.byteCountBesideSpans(of: process)
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
}

/// Encoded spans of one process that are exported together.
struct SpanBatch: Sendable {
    /// Batches are sent in the order of their numbers, from 1.
    let number: Int
    let process: TracedProcess
    let spanCount: Int
    /// The spans in the encoding of the wire, concatenated.
    let encodedSpans: [UInt8]
    /// Counts the batches of its process, from 1 (`Batch.seqNo` of jaeger.thrift).
    var sequenceNumber: Int64 = 0
    /// What its process has dropped so far (`Batch.stats` of jaeger.thrift).
    var stats = ClientStats()
}

/// A batch as the body of a request, made once however often it is sent.
struct ExportBody: Sendable, Equatable {
    let bytes: [UInt8]
    var isGzip = false
}

extension ExportBody {
    /// Encodes a batch, and compresses it if that is wanted and possible.
    init(_ batch: SpanBatch, as format: WireFormat, isCompressed: Bool) {
        let plain = format.body(of: batch)
        if isCompressed, let compressed = Gzip.compressed(plain) {
            self.init(bytes: compressed, isGzip: true)
        } else {
            self.init(bytes: plain)
        }
    }
}

/// Makes gzip of a body (RFC 1952), by the system's zlib.
enum Gzip {
    /// zlib's quickest level: spans repeat themselves so much that the better ones gain a few hundredths.
    private static let level: Int32 = 1

    /// The bytes as one gzip member; nil if there is no memory for it.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        let capacity = spoor_gzip_bound(bytes.count)
        let output = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            unsafe bytes.withUnsafeBufferPointer { input in
                count = unsafe spoor_gzip(
                    input.baseAddress, input.count, buffer.baseAddress, capacity, level)
            }
        }
        return output.isEmpty ? nil : output
    }
}

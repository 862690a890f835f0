import CSpoorZlib
import JaegerOTLP
import JaegerThrift
import JaegerTracing

/// A wire format of collectors: encodes spans as the body of a request.
///
/// The queue, the retries and the counts are independent of the format except for these functions; ``CollectorResponse`` parses
/// the response.
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

    /// Returns a span as encoded in a body.
    func bytes(of span: FinishedSpan) -> [UInt8] {
        switch self {
        case .jaegerThrift: span.thriftBytes()
        case .otlp: span.otlpBytes()
        }
    }

    /// Returns the maximum size of a body without its spans, in bytes.
    func byteCount(of process: TracedProcess) -> Int {
        switch self {
        case .jaegerThrift: BatchEncoder.byteCountWithoutSpans(of: process)
        case .otlp: process.otlpByteCount
        }
    }

    /// Returns the body of a batch.
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
    /// The number; batches are sent in this order, from 1.
    let number: Int
    let process: TracedProcess
    let spanCount: Int
    /// The spans in the wire format, concatenated.
    let encodedSpans: [UInt8]
    /// The sequence number in its process, from 1 (`Batch.seqNo` of jaeger.thrift).
    var sequenceNumber: Int64 = 0
    /// The number of spans that its process has dropped so far (`Batch.stats` of jaeger.thrift).
    var stats = ClientStats()
}

/// The body of a request for a batch, encoded once for all attempts.
struct ExportBody: Sendable, Equatable {
    let bytes: [UInt8]
    var isGzip = false
}

extension ExportBody {
    /// Encodes a batch, and compresses it if requested and possible.
    init(_ batch: SpanBatch, as format: WireFormat, isCompressed: Bool) {
        let plain = format.body(of: batch)
        if isCompressed, let compressed = Gzip.compressed(plain) {
            self.init(bytes: compressed, isGzip: true)
        } else {
            self.init(bytes: plain)
        }
    }
}

/// Gzip compression (RFC 1952) with the system's zlib.
enum Gzip {
    /// zlib's fastest level: spans are so repetitive that higher levels gain only a few percent.
    private static let level: Int32 = 1

    /// Returns the bytes as one gzip member; nil if memory cannot be allocated.
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

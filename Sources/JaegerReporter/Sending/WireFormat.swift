import JaegerThrift
import JaegerTracing

/// How spans become the body of a request: the one place where the formats of collectors differ.
///
/// Queue, retries and account know nothing of it beyond these verbs.
public enum WireFormat: String, Sendable, Hashable, CaseIterable {
    /// `jaeger.thrift` in Thrift's binary protocol, for `POST /api/traces` (port 14268).
    case jaegerThrift
}

extension WireFormat {
    /// The `Content-Type` of a body.
    var contentType: String {
        switch self {
        case .jaegerThrift: "application/x-thrift"
        }
    }

    /// The size of a span in a body, in bytes; cheap, for bounding queues and batches.
    func byteCount(of span: FinishedSpan) -> Int {
        switch self {
        case .jaegerThrift: span.thriftByteCount
        }
    }

    /// The size of a process in a body, in bytes.
    func byteCount(of process: TracedProcess) -> Int {
        switch self {
        case .jaegerThrift: process.thriftByteCount
        }
    }

    /// The body for a batch.
    func body(of batch: SpanBatch) -> [UInt8] {
        switch self {
        case .jaegerThrift:
            // All at once: what stands around the spans is small and known.
            var encoder = BatchEncoder(
                process: batch.process,
                capacityBytes: batch.byteCount + batch.process.thriftByteCount + Self.frameBytes)
            for span in batch.spans { encoder.append(span) }
            return encoder.finish(sequenceNumber: batch.sequenceNumber, stats: batch.stats)
        }
    }

    /// What a body has at the most beside its spans and its process: headers of lists, sequence number, stats.
    static let frameBytes = 64

    /// What a body that came with a 2xx says of the batch.
    func acceptance(_ body: [UInt8]) -> Verdict {
        switch self {
        case .jaegerThrift: .accepted()
        }
    }
}

import JaegerOTLP
import JaegerThrift
import JaegerTracing

/// A batch of `jaeger.thrift`: decoded, encoded, decoded and encoded again, it has the same bytes.
func fuzzThrift(_ input: Span<UInt8>) {
    let bytes = (0..<input.count).map { input[$0] }
    guard let batch = try? JaegerBatch(thriftBytes: bytes) else { return }
    let written = encoded(batch)
    guard let again = try? JaegerBatch(thriftBytes: written) else {
        preconditionFailure("refused what was written")
    }
    precondition(again.outlines.count == batch.outlines.count, "another number of spans")
    precondition(encoded(again) == written, "another batch")
}

private func encoded(_ batch: JaegerBatch) -> [UInt8] {
    var encoder = BatchEncoder(process: batch.process)
    for span in batch.spans { encoder.append(span) }
    return encoder.finish(sequenceNumber: batch.sequenceNumber, stats: batch.stats)
}

/// A request of OTLP: decoded, encoded, decoded and encoded again, it has the same bytes.
func fuzzOTLP(_ input: Span<UInt8>) {
    let bytes = (0..<input.count).map { input[$0] }
    guard let request = try? OTLPExportRequest(decoding: bytes) else { return }
    let written = encoded(request)
    guard let again = try? OTLPExportRequest(decoding: written) else {
        preconditionFailure("refused what was written")
    }
    precondition(again.rejectedSpanCount == 0, "rejected a span that was written")
    precondition(encoded(again) == written, "another request")
}

private func encoded(_ request: OTLPExportRequest) -> [UInt8] {
    request.batches.flatMap { batch in
        // The encoder adds its own scope, which is decoded as tags of each span.
        let spans = batch.spans.map { span in
            var span = span
            span.tags.removeAll { $0.key.hasPrefix("otel.scope.") }
            return span
        }
        return OTLPEncoder.encode(spans, of: batch.process)
    }
}

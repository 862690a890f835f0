import JaegerOTLP
import TestSupport
import Testing

/// The fuzzer's corpus is read without a trap, and encoded requests are decoded completely.
@Suite struct CorpusTests {
    @Test func `requests`() throws {
        let inputs = try Corpus.inputs(of: "otlp")
        #expect(!inputs.isEmpty)
        for input in inputs {
            guard let request = try? OTLPExportRequest(decoding: input.bytes) else { continue }
            for batch in request.batches {
                let written = OTLPEncoder.encode(batch.spans, of: batch.process)
                let again = try OTLPExportRequest(decoding: written)
                #expect(again.rejectedSpanCount == 0, "\(input.name)")
                #expect(again.batches.first?.spans.count == batch.spans.count, "\(input.name)")
            }
        }
    }
}

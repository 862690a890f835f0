import JaegerThrift
import TestSupport
import Testing

/// The fuzzer's corpus is read without a trap, and encoding and decoding it results in the same bytes.
@Suite struct CorpusTests {
    @Test func `batches`() throws {
        let inputs = try Corpus.inputs(of: "thrift")
        #expect(inputs.count > 2)
        for input in inputs {
            guard let batch = try? JaegerBatch(thriftBytes: input.bytes) else { continue }
            let written = encoded(batch)
            #expect(encoded(try JaegerBatch(thriftBytes: written)) == written, "\(input.name)")
        }
    }

    private func encoded(_ batch: JaegerBatch) -> [UInt8] {
        var encoder = BatchEncoder(process: batch.process)
        for span in batch.spans { encoder.append(span) }
        return encoder.finish(sequenceNumber: batch.sequenceNumber, stats: batch.stats)
    }
}

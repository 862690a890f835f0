import JaegerOTLP
import JaegerThrift
import JaegerTracing
import Testing

@testable import JaegerReporter

@Suite struct WireFormatTests {
    private static let process = TracedProcess(
        serviceName: "svc", tags: [SpanTag("hostname", "h"), SpanTag("ip", "10.0.0.1")])

    private static func batch(_ format: WireFormat, spanCount: Int) -> SpanBatch {
        let spans = (0..<spanCount).flatMap {
            format.bytes(of: .stub(process, name: "op \($0)"))
        }
        return SpanBatch(
            number: 9, process: process, spanCount: spanCount, encodedSpans: spans,
            sequenceNumber: 7,
            stats: ClientStats(
                fullQueueDroppedSpans: 1, tooLargeDroppedSpans: 2, failedToEmitSpans: 3))
    }

    @Test(arguments: WireFormat.allCases, [1, 2, 100])
    func `a body is as large as its spans and the size for its process, and never larger`(
        format: WireFormat, spanCount: Int
    ) {
        let batch = Self.batch(format, spanCount: spanCount)
        let expected = format.byteCount(of: Self.process) + batch.encodedSpans.count
        let count = format.body(of: batch).count
        switch format {
        case .jaegerThrift: #expect(count == expected)
        case .otlp: #expect((expected - 64...expected).contains(count))
        }
    }

    @Test func `a Thrift batch contains its number and the losses of its process`() throws {
        let bytes = WireFormat.jaegerThrift.body(of: Self.batch(.jaegerThrift, spanCount: 2))
        let batch = try JaegerBatch(thriftBytes: bytes)
        #expect(batch.spans.map(\.operationName) == ["op 0", "op 1"])
        #expect(batch.sequenceNumber == 7)
        #expect(batch.stats?.failedToEmitSpans == 3)
        #expect(batch.stats?.tooLargeDroppedSpans == 2)
        #expect(batch.stats?.fullQueueDroppedSpans == 1)
    }

    @Test func `gzip makes a batch smaller, and starts as RFC 1952 requires`() {
        let batch = Self.batch(.otlp, spanCount: 100)
        let plain = ExportBody(batch, as: .otlp, isCompressed: false)
        let packed = ExportBody(batch, as: .otlp, isCompressed: true)
        #expect(!plain.isGzip)
        #expect(packed.isGzip)
        #expect(packed.bytes.starts(with: [0x1F, 0x8B, 8]))
        #expect(packed.bytes.count * 4 < plain.bytes.count)
        // The last four bytes are the length before compression.
        let length = packed.bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(length == plain.bytes.count)
        #expect(Gzip.compressed([])?.isEmpty == false)
    }

    @Test func `the number of remembered processes is limited`() {
        var counts = ProcessCounts()
        for _ in 0..<ProcessCounts.maxProcesses + 10 {
            counts.countDropped(1, of: TracedProcess(serviceName: "many"), droppedFor: .queueFull)
        }
        #expect(counts.count == ProcessCounts.maxProcesses)
    }
}

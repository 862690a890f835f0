import FoundationEssentials
import JaegerThrift
import JaegerTracing
import CoreMetrics
import Testing

@Suite(
    .enabled(if: ForeignClient.isExpected, ForeignClient.absence), .timeLimit(.minutes(10)))
struct ThriftInteropTests {
    private struct Job: Encodable {
        let body: String
    }

    private struct Outcome: Decodable {
        let batch: ReadBatch
        let isSameWhenEncoded: Bool
    }

    private typealias Tag = ReadBatch.Tag
    private typealias Log = ReadBatch.Log
    private typealias Reference = ReadBatch.Reference
    private typealias Stats = ReadBatch.Stats

    private func decode(_ body: [UInt8]) throws -> Outcome {
        try ForeignClient.run("decode", Job(body: body.hexDigits))
    }

    @Test func `an independent decoder reads every field of a span`() throws {
        let process = TracedProcess(serviceName: "café", tags: [.init("hostname", "h")])
        var encoder = BatchEncoder(process: process)
        encoder.append(span(of: process))
        let outcome = try decode(
            encoder.finish(
                sequenceNumber: 7,
                stats: ClientStats(
                    fullQueueDroppedSpans: 1, tooLargeDroppedSpans: 2, failedToEmitSpans: 3)))

        #expect(outcome.isSameWhenEncoded)
        let batch = outcome.batch
        #expect(batch.process.serviceName == "café")
        #expect(batch.process.tags == [Tag(key: "hostname", vType: 0, vStr: "h")])
        #expect(batch.seqNo == 7)
        #expect(
            batch.stats
                == Stats(fullQueueDroppedSpans: 1, tooLargeDroppedSpans: 2, failedToEmitSpans: 3))
        try #require(batch.spans.count == 1)
        expectWhole(batch.spans[0])
    }

    /// A span that contains every kind of data.
    private func span(of process: TracedProcess) -> FinishedSpan {
        FinishedSpan(
            process: process,
            traceID: TraceID(high: 1 << 63, low: .max), spanID: SpanID(0x0102_0304_0506_0708),
            parentID: SpanID(.max - 1), flags: [.sampled, .debug], operationName: "GET /x",
            references: [
                SpanReference(.childOf, traceID: TraceID(low: 7), spanID: SpanID(8)),
                SpanReference(.followsFrom, traceID: TraceID(high: 1, low: 2), spanID: SpanID(3)),
            ],
            startNanosecondsSinceEpoch: 1_700_000_000_000_000_000,
            durationNanoseconds: 1_500_000,
            tags: [
                .init("s", "é"), .init("d", 1.5), .init("b", true), .init("l", -2),
                .init("x", .binary([0, 255])), .init("empty", ""), .init("min", .int(.min)),
            ],
            logs: [
                SpanLog(
                    nanosecondsSinceEpoch: 1_700_000_000_000_001_000,
                    fields: [.init("event", "e"), .init("n", 1)])
            ])
    }

    private func expectWhole(_ read: ReadBatch.Span) {
        #expect(read.traceIdHigh == .min)
        #expect(read.traceIdLow == -1)
        #expect(read.spanId == 0x0102_0304_0506_0708)
        #expect(read.parentSpanId == -2)
        #expect(read.operationName == "GET /x")
        #expect(read.flags == 3)
        #expect(read.startTime == 1_700_000_000_000_000)
        #expect(read.duration == 1_500)
        #expect(
            read.references == [
                Reference(refType: 0, traceIdLow: 7, traceIdHigh: 0, spanId: 8),
                Reference(refType: 1, traceIdLow: 2, traceIdHigh: 1, spanId: 3),
            ])
        #expect(
            read.tags == [
                Tag(key: "s", vType: 0, vStr: "é"), Tag(key: "d", vType: 1, vDouble: 1.5),
                Tag(key: "b", vType: 2, vBool: true), Tag(key: "l", vType: 3, vLong: -2),
                Tag(key: "x", vType: 4, vBinary: "00ff"), Tag(key: "empty", vType: 0, vStr: ""),
                Tag(key: "min", vType: 3, vLong: .min),
            ])
        #expect(
            read.logs == [
                Log(
                    timestamp: 1_700_000_000_000_001,
                    fields: [
                        Tag(key: "event", vType: 0, vStr: "e"), Tag(key: "n", vType: 3, vLong: 1),
                    ])
            ])
    }

    @Test func `spans of the tracer are decoded completely`() throws {
        let reporter = InMemoryReporter()
        var configuration = JaegerTracerConfiguration()
        configuration.metricsFactory = NOOPMetricsHandler.instance
        let tracer = JaegerTracer(
            serviceName: "ours", reporter: reporter, configuration: configuration)
        let parent = tracer.startSpan("parent", childOf: nil)
        for number in 0..<100 {
            let span = tracer.startSpan("child \(number)", childOf: parent.spanContext)
            span.setTag("number", number)
            span.log(event: "counted")
            span.end()
        }
        parent.end()
        var encoder = BatchEncoder(process: tracer.process)
        for span in reporter.spans { encoder.append(span) }
        let outcome = try decode(encoder.finish())

        #expect(outcome.isSameWhenEncoded)
        let spans = outcome.batch.spans
        try #require(spans.count == 101)
        #expect(outcome.batch.process.tags?.contains { $0.key == "jaeger.version" } == true)
        for number in 0..<100 {
            #expect(spans[number].operationName == "child \(number)")
            #expect(spans[number].parentSpanId == Int64(bitPattern: parent.spanID.value))
            #expect(spans[number].traceIdHigh == Int64(bitPattern: parent.traceID.high))
            #expect(
                spans[number].tags?.last == Tag(key: "number", vType: 3, vLong: Int64(number)))
        }
        #expect(spans[100].parentSpanId == 0)
    }
}

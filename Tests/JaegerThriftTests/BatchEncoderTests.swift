import JaegerThrift
import JaegerTracing
import TestSupport
import Testing

@Suite struct BatchEncoderTests {
    @Test func `a process without spans is vector A`() {
        let encoder = BatchEncoder(process: TracedProcess(serviceName: "svc"))
        #expect(hex(encoder.finish()) == GoldenVector.emptyHex)
    }

    @Test func `empty lists are omitted: vector B`() {
        var encoder = BatchEncoder(process: GoldenVector.minimalSpan.process)
        encoder.append(GoldenVector.minimalSpan)
        #expect(hex(encoder.finish()) == GoldenVector.minimalHex)
    }

    @Test func `a span with every field is vector C0`() {
        var encoder = BatchEncoder(process: GoldenVector.fullSpan.process)
        encoder.append(GoldenVector.fullSpan)
        #expect(hex(encoder.finish()) == GoldenVector.fullHex)
    }

    @Test func `sequence number and stats follow the spans: vector C`() {
        var encoder = BatchEncoder(process: GoldenVector.fullSpan.process)
        encoder.append(GoldenVector.fullSpan)
        let body = encoder.finish(sequenceNumber: 7, stats: GoldenVector.stats)
        #expect(hex(body) == GoldenVector.fullHex.dropLast(2) + GoldenVector.tailHex)
        #expect(body.count == 434)
    }

    @Test func `spans that were encoded separately are inserted unchanged`() {
        var whole = BatchEncoder(process: GoldenVector.fullSpan.process)
        whole.append(GoldenVector.fullSpan)
        whole.append(GoldenVector.minimalSpan)
        var parts = BatchEncoder(process: GoldenVector.fullSpan.process)
        parts.append(
            encoded: GoldenVector.fullSpan.thriftBytes() + GoldenVector.minimalSpan.thriftBytes(),
            spanCount: 2)
        #expect(parts.spanCount == 2)
        #expect(parts.finish() == whole.finish())
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `sizes are known before encoding`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let process = TracedProcess(
            serviceName: .random(using: &generator),
            tags: .random(using: &generator, element: SpanTag.random))
        var byteCount = BatchEncoder(process: process).finish().count
        var encoder = BatchEncoder(process: process)
        for _ in 0..<20 {
            let span = FinishedSpan.random(of: process, using: &generator)
            #expect(span.thriftBytes().count == span.thriftByteCount)
            byteCount += span.thriftByteCount
            encoder.append(span)
        }
        #expect(encoder.finish().count == byteCount)
    }

    @Test func `an array is encoded as JSON text`() throws {
        var span = FinishedSpan(
            process: TracedProcess(serviceName: "s"), traceID: TraceID(low: 1), spanID: SpanID(2),
            operationName: "op", startNanosecondsSinceEpoch: 0, durationNanoseconds: 0)
        span.tags = [
            SpanTag(
                "a", .array([1, "q\"\\\n", true, 1.5, .double(.nan), .binary([255]), .array([])]))
        ]
        var encoder = BatchEncoder(process: span.process)
        encoder.append(span)
        #expect(span.thriftBytes().count == span.thriftByteCount)
        let read = try #require(try JaegerBatch(thriftBytes: encoder.finish()).spans.first)
        #expect(read.tags == [SpanTag("a", #"[1,"q\"\\\n",true,1.5,null,"ff",[]]"#)])
    }

    @Test func `instants and durations are rounded down to whole microseconds`() throws {
        var span = GoldenVector.minimalSpan
        span.startNanosecondsSinceEpoch += 999
        span.durationNanoseconds += 999
        #expect(span.thriftBytes() == GoldenVector.minimalSpan.thriftBytes())
        span.startNanosecondsSinceEpoch = .max
        var encoder = BatchEncoder(process: span.process)
        encoder.append(span)
        let batch = try JaegerBatch(thriftBytes: encoder.finish())
        #expect(batch.spans.map(\.startNanosecondsSinceEpoch) == [.max / 1000 * 1000])
    }
}

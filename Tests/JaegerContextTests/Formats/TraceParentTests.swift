import JaegerContext
import TestSupport
import Testing

@Suite struct TraceParentTests {
    private static let ids = "12345678901234567890123456789012-1234567890123456"

    struct Readable: Sendable {
        let text: String
        var flags: TraceFlags = .sampled
        var isRandom = false
    }

    @Test(arguments: [
        Readable(text: "00-\(ids)-01"),
        Readable(text: "00-\(ids)-00", flags: []),
        Readable(text: "00-\(ids)-02", flags: [], isRandom: true),
        Readable(text: "00-\(ids)-03", isRandom: true),
        Readable(text: "00-\(ids)-ff", isRandom: true),
        Readable(text: "00-\(ids)-fc", flags: []),
        Readable(text: "cc-\(ids)-01"),
        Readable(text: "01-\(ids)-01"),
        Readable(text: "fe-\(ids)-01-"),
        Readable(text: "cc-\(ids)-01-what-the-future-will-be-like"),
        Readable(text: " \t00-\(ids)-01\t "),
    ])
    func `reads what the grammar allows`(row: Readable) throws {
        let context = try #require(SpanContext(traceParent: row.text))
        #expect(
            context.traceID == TraceID(high: 0x1234_5678_9012_3456, low: 0x7890_1234_5678_9012))
        #expect(context.spanID == SpanID(0x1234_5678_9012_3456))
        #expect(context.parentID == nil)
        #expect(context.flags == row.flags)
        #expect(context.hasRandomTraceID == row.isRandom)
        #expect(context.isRemote)
        #expect(!context.isSamplingDeferred)
    }

    @Test(arguments: [
        "", " ", "-", "---", "00", "00-\(ids)", "00-\(ids)-", "00-\(ids)-1", "00-\(ids)-001",
        "00-\(ids)-01.", "00-\(ids)-01-", "00-\(ids)-01-what-the-future-will-be-like",
        "cc-\(ids)-01.what-the-future-will-be-like", "cc-\(ids)-01,", "ff-\(ids)-01",
        "FF-\(ids)-01", "CC-\(ids)-01", ".0-\(ids)-01", "0.-\(ids)-01", "0-\(ids)-01",
        "000-\(ids)-01", "0000-\(ids)-01", "00-\(ids)-.0", "00-\(ids)-0.", "00-\(ids)-0A",
        "00_\(ids)-01", "00-\(ids)_01", "00 - \(ids)-01", "00-\(ids)-01,00-\(ids)-01",
        "00-00000000000000000000000000000000-1234567890123456-01",
        "00-12345678901234567890123456789012-0000000000000000-01",
        "00-.2345678901234567890123456789012-1234567890123456-01",
        "00-1234567890123456789012345678901.-1234567890123456-01",
        "00-123456789012345678901234567890123-1234567890123456-01",
        "00-1234567890123456789012345678901-1234567890123456-01",
        "00-12345678901234567890123456789012-12345678901234567-01",
        "00-12345678901234567890123456789012-123456789012345-01",
        "00-12345678901234567890123456789012-.234567890123456-01",
        "00-ABCDEF78901234567890123456789012-1234567890123456-01",
        "00-12345678901234567890123456789012-ABCDEF7890123456-01",
        "00-1234567890123456789012345678901é-123456789012345-01",
    ])
    func `rejects everything else`(text: String) {
        #expect(SpanContext(traceParent: text) == nil)
    }

    @Test func `writes version 00, padded ids and only these two flags`() {
        var context = SpanContext(
            traceID: TraceID(low: 0xab), spanID: SpanID(0xc), parentID: SpanID(1),
            flags: [.sampled, .debug, .firehose])
        #expect(
            context.traceParent == "00-000000000000000000000000000000ab-000000000000000c-01")
        context.flags = []
        context.hasRandomTraceID = true
        #expect(
            context.traceParent == "00-000000000000000000000000000000ab-000000000000000c-02")
    }

    @Test func `formatting and parsing results in the same context`() {
        var random = SeededGenerator()
        for _ in 0..<10_000 {
            let context = SpanContext(
                traceID: TraceID(
                    high: Bool.random(using: &random) ? random.next() : 0,
                    low: random.next() >> random.next() % 64 | 1),
                spanID: SpanID(random.next() >> random.next() % 64 | 1),
                flags: Bool.random(using: &random) ? .sampled : [], isRemote: true,
                hasRandomTraceID: Bool.random(using: &random))
            #expect(SpanContext(traceParent: context.traceParent) == context)
        }
    }
}

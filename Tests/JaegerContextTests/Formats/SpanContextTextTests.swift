import JaegerContext
import TestSupport
import Testing

@Suite struct SpanContextTextTests {
    struct Readable: Sendable {
        let text: String
        let trace: TraceID
        let span: UInt64
        var parent: UInt64?
        var flags: TraceFlags = .sampled
    }

    @Test(arguments: [
        Readable(text: "1:2:0:1", trace: TraceID(low: 1), span: 2),
        Readable(text: "1%3A2%3A0%3A1", trace: TraceID(low: 1), span: 2),
        Readable(text: "1%3a2:0%3A1", trace: TraceID(low: 1), span: 2),
        Readable(text: " \t1:2:0:1 \t", trace: TraceID(low: 1), span: 2),
        Readable(text: "1:2:0:01", trace: TraceID(low: 1), span: 2),
        Readable(text: "1:2:0:0", trace: TraceID(low: 1), span: 2, flags: []),
        Readable(text: "1:2:0:2", trace: TraceID(low: 1), span: 2, flags: [.sampled, .debug]),
        Readable(text: "1:2:0:3", trace: TraceID(low: 1), span: 2, flags: [.sampled, .debug]),
        Readable(text: "1:2:0:9", trace: TraceID(low: 1), span: 2, flags: [.sampled, .firehose]),
        Readable(text: "1:2:0:f5", trace: TraceID(low: 1), span: 2),
        Readable(
            text: "10000000000000001:1:1:1", trace: TraceID(high: 1, low: 1), span: 1, parent: 1),
        Readable(text: "0001:0002:0003:1", trace: TraceID(low: 1), span: 2, parent: 3),
        Readable(text: "AbC:DeF:10:1", trace: TraceID(low: 0xabc), span: 0xdef, parent: 16),
        Readable(
            text: "ffffffffffffffffeeeeeeeeeeeeeeee:dddddddddddddddd:cccccccccccccccc:1",
            trace: TraceID(high: .max, low: 0xeeee_eeee_eeee_eeee), span: 0xdddd_dddd_dddd_dddd,
            parent: 0xcccc_cccc_cccc_cccc),
    ])
    func `reads what the grammar allows`(row: Readable) throws {
        let context = try #require(SpanContext(row.text))
        #expect(context.traceID == row.trace)
        #expect(context.spanID == SpanID(row.span))
        #expect(context.parentID == row.parent.map { SpanID($0) })
        #expect(context.flags == row.flags)
        #expect(context.isRemote)
        #expect(context.baggage.isEmpty)
    }

    @Test(arguments: [
        "", " ", ":", ":::", "1:2:1", "1:1:1:1:1", "1:2:0:1:", ":1:2:0:1", "x:1:1:1", "1:x:1:1",
        "1:1:x:1", "1:1:1:x", "1:1::1", ":1:1:1", "1::1:1", "1:1:1:", "0:1:1:1", "1:0:1:1",
        "1:1:-1:1", "1:1:1:-1", "+1:1:1:1", "0x1:1:1:1", "1_0:1:1:1", "1: 1:1:1", "1 :1:1:1",
        "1:1:1:001", "1:2:0:1\u{0}", "1%3B2:0:1", "1%3", "1%", "1%3A", "1%253A2:0:1", "é:1:1:1",
        "1234567890123456789012345678901234:1:1:1", "123456789012345678901234567890123:1:1:1",
        "1:12345678901234567:1:1", "1:1:12345678901234567:1", "00000000000000000:1:0:1",
        "1;2;0;1", "1:2:0:1 1:2:0:1",
    ])
    func `rejects everything else`(text: String) {
        #expect(SpanContext(text) == nil)
    }

    @Test func `writes ids padded in lower case and flags as one digit`() {
        let trace = TraceID(high: 0xA, low: 0xB)
        let root = SpanContext(traceID: trace, spanID: SpanID(0xC), flags: .sampled)
        #expect(root.description == "000000000000000a000000000000000b:000000000000000c:0:1")
        let child = SpanContext(
            traceID: TraceID(low: 0xAB), spanID: SpanID(.max), parentID: SpanID(0xD), flags: [])
        #expect(child.description == "00000000000000ab:ffffffffffffffff:000000000000000d:0")
    }

    @Test(
        arguments: [
            (0, "0"), (1, "1"), (3, "3"), (8, "8"), (9, "9"), (0xb, "3"), (0xff, "3"), (4, "0"),
        ] as [(UInt8, String)])
    func `writes no flags that decimal readers would misread`(bits: UInt8, digit: String) {
        let flags = TraceFlags(rawValue: bits)
        let context = SpanContext(traceID: TraceID(low: 1), spanID: SpanID(2), flags: flags)
        #expect(context.description.hasSuffix(":0:" + digit))
    }

    @Test func `formatting and parsing results in the same context`() {
        var random = SeededGenerator()
        for _ in 0..<10_000 {
            let flags: [TraceFlags] = [[], .sampled, [.sampled, .debug], .firehose]
            let context = SpanContext(
                traceID: TraceID(
                    high: Bool.random(using: &random) ? random.next() >> random.next() % 64 : 0,
                    low: random.next() >> random.next() % 64 | 1),
                spanID: SpanID(random.next() >> random.next() % 64 | 1),
                parentID: Bool.random(using: &random) ? SpanID(random.next() | 1) : nil,
                flags: flags.randomElement(using: &random) ?? [],
                isRemote: true)
            #expect(SpanContext(context.description) == context)
        }
    }

    @Test func `any bytes are either parsed or rejected`() {
        var random = SeededGenerator(seed: 77)
        let alphabet = Array("0123456789abcdefABCDEF::::::%3A%3a \t-+xg".utf8)
        for round in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...80, using: &random) {
                bytes.append(
                    round % 2 == 0
                        ? alphabet.randomElement(using: &random) ?? 0
                        : UInt8.random(in: 0...255, using: &random))
            }
            guard let context = SpanContext(uberTraceID: bytes.span) else { continue }
            #expect(context.isValid)
            let again = SpanContext(context.description)
            #expect(again?.traceID == context.traceID)
            #expect(again?.spanID == context.spanID)
        }
    }
}

import JaegerContext
import TestSupport
import Testing

@Suite struct B3TextTests {
    private static let wide = "80f198ee56343ba864fe8b2a57d3eff7"
    private static let narrow = "64fe8b2a57d3eff7"
    private static let span = "e457b5a2e4d86bd1"

    struct Readable: Sendable {
        let text: String
        var high: UInt64 = 0x80f1_98ee_5634_3ba8
        var parent: UInt64?
        var flags: TraceFlags = []
        var isDeferred = false
    }

    @Test(arguments: [
        Readable(text: "\(wide)-\(span)-1", flags: .sampled),
        Readable(text: "\(wide)-\(span)-0"),
        Readable(text: "\(wide)-\(span)-d", flags: [.sampled, .debug]),
        Readable(text: "\(wide)-\(span)", isDeferred: true),
        Readable(text: "\(narrow)-\(span)-1", high: 0, flags: .sampled),
        Readable(
            text: "\(wide)-\(span)-1-05e3ac9a4f6e3b90", parent: 0x05e3_ac9a_4f6e_3b90,
            flags: .sampled),
        Readable(text: " \(wide)-\(span)-1\t", flags: .sampled),
    ])
    func `reads ids with and without a decision`(row: Readable) throws {
        let context = try #require(SpanContext(b3: row.text))
        #expect(context.traceID == TraceID(high: row.high, low: 0x64fe_8b2a_57d3_eff7))
        #expect(context.spanID == SpanID(0xe457_b5a2_e4d8_6bd1))
        #expect(context.parentID == row.parent.map { SpanID($0) })
        #expect(context.flags == row.flags)
        #expect(context.isSamplingDeferred == row.isDeferred)
        #expect(context.b3 == row.text.trimmingBlanks)
    }

    @Test(
        arguments: [("0", []), ("1", .sampled), ("d", [.sampled, .debug])]
            as [(String, TraceFlags)])
    func `reads a decision without ids`(text: String, flags: TraceFlags) throws {
        let context = try #require(SpanContext(b3: text))
        #expect(!context.isValid)
        #expect(!context.isSamplingDeferred)
        #expect(context.flags == flags)
        #expect(context.b3 == text)
    }

    @Test(arguments: [
        "", " ", "-", "--", "2", "D", "true", "a", "\(wide)", "\(wide)-", "-\(span)", "\(wide)--1",
        "\(wide)-\(span)-", "\(wide)-\(span)-2", "\(wide)-\(span)-D", "\(wide)-\(span)-01",
        "\(wide)-\(span)-05e3ac9a4f6e3b90", "\(wide)-\(span)-1-05e3ac9a4f6e3b90-1",
        "00000000000000000000000000000000-\(span)-1", "0000000000000000-\(span)-1",
        "\(wide)-0000000000000000-1", "0-2-1", "1-0-1", "\(wide)0-\(span)-1",
        "\(wide)-\(span)0-1", "\(wide)-e457b5a2e4d86bdx-1", "\(wide) - \(span)-1",
        "b3", "\(wide)-\(span)-1,\(wide)-\(span)-1",
    ])
    func `rejects everything else`(text: String) {
        #expect(SpanContext(b3: text) == nil)
    }

    @Test(
        arguments: [
            ("1-2-1", 0, 1, nil, "0000000000000001-0000000000000002-1"),
            ("1-2-1-3", 0, 1, 3, "0000000000000001-0000000000000002-1-0000000000000003"),
            ("1-2-1-0", 0, 1, nil, "0000000000000001-0000000000000002-1"),
            ("1-2-1-", 0, 1, nil, "0000000000000001-0000000000000002-1"),
            ("1-2-1-x", 0, 1, nil, "0000000000000001-0000000000000002-1"),
            (
                "A00000000000000FF-2-1", 0xa, 0xff, nil,
                "000000000000000a00000000000000ff-0000000000000002-1"
            ),
        ] as [(String, UInt64, UInt64, UInt64?, String)])
    func `reads ids of any length and case, and ignores a malformed parent id`(
        text: String, high: UInt64, low: UInt64, parent: UInt64?, written: String
    ) throws {
        let context = try #require(SpanContext(b3: text))
        #expect(context.traceID == TraceID(high: high, low: low))
        #expect(context.spanID == SpanID(2))
        #expect(context.parentID == parent.map { SpanID($0) })
        #expect(context.isSampled)
        #expect(context.b3 == written)
    }

    @Test func `nothing is written for an empty context`() {
        #expect(SpanContext(baggage: ["k": "v"]).b3 == nil)
    }

    @Test func `formatting and parsing results in the same context`() throws {
        var random = SeededGenerator()
        let decisions: [TraceFlags?] = [nil, [], .sampled, [.sampled, .debug]]
        for _ in 0..<10_000 {
            let decision = decisions.randomElement(using: &random) ?? nil
            let hasParent = decision != nil && Bool.random(using: &random)
            let context = SpanContext(
                traceID: TraceID(
                    high: Bool.random(using: &random) ? random.next() : 0,
                    low: random.next() >> random.next() % 64 | 1),
                spanID: SpanID(random.next() | 1),
                parentID: hasParent ? SpanID(random.next() | 1) : nil, flags: decision ?? [],
                isRemote: true, isSamplingDeferred: decision == nil)
            let text = try #require(context.b3)
            #expect(SpanContext(b3: text) == context)
        }
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        String(
            decoding: utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") },
            as: UTF8.self)
    }
}

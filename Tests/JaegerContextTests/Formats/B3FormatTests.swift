@testable import JaegerContext
import TestSupport
import Testing

@Suite struct B3FormatTests {
    private static let trace = "80f198ee56343ba864fe8b2a57d3eff7"
    private static let span = "e457b5a2e4d86bd1"
    private static let parent = "05e3ac9a4f6e3b90"
    private static let ids = [("X-B3-TraceId", trace), ("X-B3-SpanId", span)]

    struct Row: Sendable, CustomTestStringConvertible {
        let fields: [(String, String)]
        var flags: TraceFlags = []
        var isDeferred = false
        var testDescription: String { "\(fields)" }
    }

    private func extract(_ fields: [(String, String)]) -> ContextExtraction {
        Propagation(formats: [.b3Multi]).extract(from: HeaderList(fields))
    }

    @Test(arguments: [
        Row(fields: [("X-B3-Sampled", "1")], flags: .sampled),
        Row(fields: [("X-B3-Sampled", "true")], flags: .sampled),
        Row(fields: [("x-b3-sampled", "TRUE")], flags: .sampled),
        Row(fields: [("X-B3-Sampled", "0")]),
        Row(fields: [("X-B3-Sampled", "False")]),
        Row(fields: [("X-B3-Sampled", " 1 ")], flags: .sampled),
        Row(fields: [("X-B3-Sampled", "1"), ("X-B3-Sampled", "1")], flags: .sampled),
        Row(fields: [("X-B3-Flags", "1")], flags: [.sampled, .debug]),
        Row(fields: [("X-B3-Flags", "1"), ("X-B3-Sampled", "0")], flags: [.sampled, .debug]),
        Row(fields: [("X-B3-Sampled", "0"), ("X-B3-Flags", "1")], flags: [.sampled, .debug]),
        Row(fields: [("X-B3-Flags", "0")], isDeferred: true),
        Row(fields: [], isDeferred: true),
    ])
    func `reads multiple headers with every kind of decision`(row: Row) throws {
        let context = try #require(extract(Self.ids + row.fields).context)
        #expect(context.traceID == TraceID(Self.trace))
        #expect(context.spanID == SpanID(Self.span))
        #expect(context.flags == row.flags)
        #expect(context.isSamplingDeferred == row.isDeferred)
        #expect(extract(Self.ids + row.fields).malformedCount == 0)
        // In any order.
        #expect(extract(row.fields + Self.ids).context == context)
        // Without ids only the decision.
        let decision = extract(row.fields).context
        #expect((decision == nil) == row.isDeferred)
        #expect((decision?.flags ?? []) == row.flags)
        #expect(decision?.isSamplingDeferred != true)
    }

    @Test(arguments: [
        Row(fields: [("X-B3-TraceId", trace)]), Row(fields: [("X-B3-SpanId", span)]),
        Row(fields: [("X-B3-ParentSpanId", parent)]),
        Row(fields: ids + [("X-B3-Sampled", "2")]), Row(fields: ids + [("X-B3-Sampled", "")]),
        Row(fields: ids + [("X-B3-Sampled", "truex")]),
        Row(fields: ids + [("X-B3-Sampled", "1"), ("X-B3-Sampled", "0")]),
        Row(fields: ids + [("X-B3-TraceId", "80f198ee56343ba864fe8b2a57d3eff8")]),
        Row(fields: ids + [("X-B3-SpanId", parent)]),
        Row(fields: [("X-B3-TraceId", "00000000000000000000000000000000"), ids[1]]),
        Row(fields: [("X-B3-TraceId", trace + "0"), ids[1]]),
        Row(fields: [("X-B3-TraceId", "x"), ids[1]]), Row(fields: [ids[0], ("X-B3-SpanId", "0")]),
        Row(fields: [("X-B3-TraceId", trace), ("X-B3-Sampled", "1")]),
    ])
    func `counts malformed contexts and ignores them`(row: Row) {
        let extraction = extract(row.fields)
        #expect(extraction.context == nil)
        #expect(extraction.malformedCount == 1)
    }

    /// Jaeger's clients for Node and Python omit leading zeros of ids.
    @Test(
        arguments: [
            ("80F198EE56343BA864FE8B2A57D3EFF7", span, parent, SpanID(0x05e3_ac9a_4f6e_3b90)),
            (trace, "E457B5A2E4D86BD1", "5e3ac9a4f6e3b90", SpanID(0x05e3_ac9a_4f6e_3b90)),
            (trace, span, "0", nil), (trace, span, "0000000000000000", nil), (trace, span, "", nil),
            (trace, span, "junk", nil),
        ] as [(String, String, String, SpanID?)])
    func `reads ids of any case and length, and ignores a malformed parent id`(
        trace: String, span: String, parent: String, parentID: SpanID?
    ) {
        let extraction = extract([
            ("x-b3-traceid", trace), ("x-b3-spanid", span), ("x-b3-parentspanid", parent),
            ("x-b3-sampled", "1"),
        ])
        #expect(extraction.context?.traceID == TraceID(Self.trace))
        #expect(extraction.context?.spanID == SpanID(Self.span))
        #expect(extraction.context?.parentID == parentID)
        #expect(extraction.malformedCount == 0)
    }

    @Test(
        arguments: [
            ("123456789abcdef", 0, 0x0123_4567_89ab_cdef),
            ("23456789abcdef0123456789abcdef1", 0x0234_5678_9abc_def0, 0x1234_5678_9abc_def1),
        ] as [(String, UInt64, UInt64)])
    func `an id without its leading zeros is read`(text: String, high: UInt64, low: UInt64) {
        let context = extract([("x-b3-traceid", text), ("x-b3-spanid", "7")]).context
        #expect(context?.traceID == TraceID(high: high, low: low))
        #expect(context?.spanID == SpanID(7))
    }

    @Test func `an open decision is only propagated in formats that support it`() throws {
        let propagation = Propagation(formats: [.jaeger, .traceContext, .b3])
        let received = propagation.extract(
            from: ["b3": "\(Self.trace)-\(Self.span)"] as HeaderList)
        let context = try #require(received.context)
        var fields: HeaderList = [:]
        propagation.inject(context, into: &fields)
        #expect(fields.fields.map(\.name) == ["b3"])
        #expect(propagation.extract(from: fields).context?.isSamplingDeferred == true)
    }

    @Test func `the single header wins`() {
        let single = ("b3", "64fe8b2a57d3eff7-\(Self.parent)-0")
        for format in [PropagationFormat.b3, .b3Multi] {
            let fields = HeaderList(Self.ids + [("X-B3-Sampled", "1"), single])
            let extraction = Propagation(formats: [format]).extract(from: fields)
            #expect(extraction.context?.spanID == SpanID(Self.parent))
            #expect(extraction.context?.flags == [])
            #expect(extraction.hasConflict)
        }
    }

    @Test func `if the single header is invalid, the multiple headers are read`() {
        let extraction = extract(Self.ids + [("X-B3-Sampled", "1"), ("b3", "junk")])
        #expect(extraction.context?.traceID == TraceID(Self.trace))
        #expect(extraction.context?.isSampled == true)
        #expect(extraction.malformedCount == 1)
    }

    @Test func `a decision in the single header applies to ids in multiple headers`() {
        let extraction = extract(Self.ids + [("b3", "1")])
        #expect(extraction.context?.traceID == TraceID(Self.trace))
        #expect(extraction.context?.isSampled == true)
        #expect(extraction.context?.isSamplingDeferred == false)
        #expect(!extraction.hasConflict)
    }

    @Test func `both forms are written if both are configured`() {
        let context = SpanContext(
            traceID: TraceID(low: 1), spanID: SpanID(2), parentID: SpanID(3), flags: .sampled)
        var fields: HeaderList = [:]
        Propagation(formats: [.b3, .b3Multi]).inject(context, into: &fields)
        #expect(fields["b3"] == "0000000000000001-0000000000000002-1-0000000000000003")
        #expect(fields["x-b3-traceid"] == "0000000000000001")
        #expect(fields["x-b3-spanid"] == "0000000000000002")
        #expect(fields["x-b3-parentspanid"] == "0000000000000003")
        #expect(fields["x-b3-sampled"] == "1")
        #expect(fields.fields.count == 5)
    }

    @Test func `debug is written instead of sampled, and an open decision is not written`() {
        var context = SpanContext(
            traceID: TraceID(low: 1), spanID: SpanID(2), flags: [.sampled, .debug])
        var fields: HeaderList = [:]
        Propagation(formats: [.b3Multi]).inject(context, into: &fields)
        #expect(fields.fields.map(\.name) == ["x-b3-traceid", "x-b3-spanid", "x-b3-flags"])
        context.flags = []
        context.isSamplingDeferred = true
        fields = [:]
        Propagation(formats: [.b3Multi]).inject(context, into: &fields)
        #expect(fields.fields.map(\.name) == ["x-b3-traceid", "x-b3-spanid"])
    }

    @Test(arguments: ["0", "1", "d"])
    func `a decision without ids is propagated`(decision: String) throws {
        let propagation = Propagation(formats: [.b3, .b3Multi, .jaeger, .traceContext])
        let received = propagation.extract(from: ["b3": decision] as HeaderList).context
        let context = try #require(received)
        var fields: HeaderList = [:]
        propagation.inject(context, into: &fields)
        #expect(fields["b3"] == decision)
        #expect(fields.fields.count == 2)
    }

    @Test func `names can be configured`() {
        let propagation = Propagation(formats: [.b3Multi(header: "X-B3", prefix: "L5d-")])
        let fields: HeaderList = ["l5d-traceid": Self.trace, "L5D-SpanId": Self.span]
        #expect(propagation.extract(from: fields).context?.traceID == TraceID(Self.trace))
        #expect(propagation.extract(from: ["x-b3": "1"] as HeaderList).context?.isSampled == true)
    }
}

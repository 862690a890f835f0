import JaegerTracing
import TestSupport
import Testing

@testable import JaegerOTLP

@Suite struct OTLPExportRequestTests {
    private func onlySpan(hex: String) throws -> FinishedSpan {
        let request = try OTLPExportRequest(decoding: bytes(hex: hex))
        return try #require(request.batches.first?.spans.first)
    }

    @Test func `decodes the golden vectors`() throws {
        var minimal = GoldenRequest.minimalSpan
        minimal.isParentRemote = false
        #expect(sameContent(try onlySpan(hex: GoldenRequest.minimalHex), minimal))
        var full = GoldenRequest.fullSpan
        full.tags += [SpanTag("otel.scope.name", "lib"), SpanTag("otel.scope.version", "1")]
        // Counts are the last of the mapped tags.
        #expect(sameContent(try onlySpan(hex: GoldenRequest.fullHex), full))
    }

    @Test func `decodes what OpenTelemetry's Python exporter sent`() throws {
        let request = try OTLPExportRequest(decoding: try GoldenRequest.foreignBody())
        try #require(request.batches.count == 1)
        let process = request.batches[0].process
        #expect(process.serviceName == "golden-otlp-proto")
        #expect(process.tags == [SpanTag("env", "test")])
        let spans = request.batches[0].spans
        try #require(spans.count == 2)
        let traceID = TraceID(high: 0xdeca_fbad_deca_fbad, low: 0x1122_3344_5566_7700)
        let scope = [
            SpanTag("otel.scope.name", "golden.scope"), SpanTag("otel.scope.version", "1.2.3"),
            SpanTag("otel.scope.sc", "x"),
        ]
        let start = GoldenRequest.start
        let child = FinishedSpan(
            process: process, traceID: traceID, spanID: SpanID(0xabcd_ef00_0000_0002),
            parentID: SpanID(0xabcd_ef00_0000_0001), flags: [], operationName: "child",
            references: [
                SpanReference(
                    .followsFrom, traceID: TraceID(low: 1), spanID: SpanID(2), isRemote: true,
                    tags: [SpanTag("l", 1)])
            ],
            startNanosecondsSinceEpoch: start + 250_000_000, durationNanoseconds: 250_000_000,
            tags: [
                SpanTag("arr", .array(["a", "b"])), SpanTag("span.kind", "client"),
                SpanTag("error", true),
                SpanTag("otel.status_code", "ERROR"), SpanTag("otel.status_description", "boom"),
            ] + scope,
            logs: [
                SpanLog(
                    nanosecondsSinceEpoch: start + 300_000_000,
                    fields: [SpanTag("event", "ev"), SpanTag("k", "v")])
            ])
        #expect(sameContent(spans[0], child))
        let root = FinishedSpan(
            process: process, traceID: traceID, spanID: SpanID(0xabcd_ef00_0000_0001), flags: [],
            operationName: "GET /köttur", startNanosecondsSinceEpoch: start,
            durationNanoseconds: 1_000_000_000,
            tags: [
                SpanTag("http.method", "GET"), SpanTag("code", 200), SpanTag("ok", true),
                SpanTag("r", 0.5),
                SpanTag("neg", -1), SpanTag("blob", .binary([0x00, 0xff])),
                SpanTag("span.kind", "server"),
            ] + scope)
        #expect(sameContent(spans[1], root))
    }

    @Test func `an empty body contains no spans`() throws {
        let request = try OTLPExportRequest(decoding: [])
        #expect(request.batches.isEmpty)
        #expect(request.rejectedSpanCount == 0)
    }

    // MARK: Constructed by hand

    /// The ids of a span only.
    private static let identity =
        "0a10" + "00000000000000000000000000000001" + "1208" + "0000000000000002"

    private static func message(_ key: String, _ content: String) -> String {
        let byteCount = content.count / 2
        let low = UInt8(byteCount & 0x7f | (byteCount > 0x7f ? 0x80 : 0))
        return key + hex([low] + (byteCount > 0x7f ? [UInt8(byteCount >> 7)] : [])) + content
    }

    private static func request(spans: String..., after: String = "") -> String {
        message("0a", message("12", spans.map { message("12", $0) }.joined()) + after)
    }

    private static func span(attributeValue: String) -> String {
        request(spans: identity + message("4a", "0a016b" + message("12", attributeValue)))
    }

    @Test func `the resource can follow its spans, and unknown fields are skipped`() throws {
        // Field 1 as number, 5 as fixed64, 6 as text, 7 as fixed32, 100 as number.
        let unknown = "0801" + "290000000000000000" + "32026162" + "3d00000000" + "a00601"
        let name = "0a0c736572766963652e6e616d65" + "12050a03737663"
        let resource = Self.message("0a", Self.message("0a", name))
        let hex = Self.request(spans: unknown + Self.identity + unknown, after: resource)
        let request = try OTLPExportRequest(decoding: bytes(hex: hex))
        #expect(request.batches.map(\.process.serviceName) == ["svc"])
        #expect(request.batches.first?.spans.count == 1)
    }

    @Test func `a scope's name, version and first attributes become tags of its spans`() throws {
        let attributes = (0..<9).map { number in
            Self.message("1a", "0a02" + hex(Array("a\(number)".utf8)) + "1202180\(number)")
        }
        // An attribute of such a name is ignored if the name is present.
        let taken = Self.message("1a", "0a04" + hex(Array("name".utf8)) + "12021801")
        let scope = Self.message("0a", "0a0161" + "120131" + taken + attributes.joined())
        let body = Self.message(
            "0a", Self.message("12", scope + Self.message("12", Self.identity)))
        let expected = (0..<7).map { SpanTag("otel.scope.a\($0)", .int(Int64($0))) }
        #expect(
            try onlySpan(hex: body).tags
                == [SpanTag("otel.scope.name", "a"), SpanTag("otel.scope.version", "1")] + expected)
    }

    @Test func `values of a scope are truncated, because each span repeats them`() throws {
        func field(_ key: UInt8, _ content: [UInt8]) -> [UInt8] {
            [key, UInt8(content.count & 0x7f | 0x80), UInt8(content.count >> 7)] + content
        }
        let text = Array(("x" + String(repeating: "\u{e9}", count: 400)).utf8)
        // Of an array each element; then a text, bytes, an array.
        let array = Array(
            [[UInt8]](repeating: field(0x0a, field(0x0a, [0x61])), count: 100).joined())
        let values = [field(0x0a, text), field(0x3a, text), field(0x2a, array)]
        let attributes = values.enumerated().flatMap { index, value in
            field(0x1a, field(0x0a, [UInt8(ascii: "a") + UInt8(index)] + text) + field(0x12, value))
        }
        let scope = field(0x0a, field(0x0a, text) + field(0x12, text) + attributes)
        let span = field(0x12, bytes(hex: Self.identity))
        let body = field(0x0a, field(0x12, scope + span))
        let request = try OTLPExportRequest(decoding: body)
        let tags = try #require(request.batches.first?.spans.first).tags
        #expect(tags.count == 5)
        let cut = "x" + String(repeating: "\u{e9}", count: 127)
        #expect(tags.prefix(2).map(\.value) == [.string(cut), .string(cut)])
        #expect(tags.dropFirst(2).map(\.key.utf8.count) == [267, 267, 267])
        #expect(tags.dropFirst(2).first?.value == .string(cut))
        #expect(tags.dropFirst(3).first?.value == .binary(Array(text.prefix(256))))
        guard case .string(let text)? = tags.last?.value else {
            Issue.record("no text")
            return
        }
        #expect(text.utf8.count == 256)
        #expect(text.hasPrefix(#"["a","a","#))
    }

    @Test(.finishes(within: .seconds(60)))
    func `flags are extracted from any number of attributes`() {
        // Checked by the time limit: moving the attributes for each flag would take longer.
        let count = 1 << 19
        var span = FinishedSpan(
            process: TracedProcess(serviceName: "s"), traceID: TraceID(low: 1), spanID: SpanID(1),
            flags: [], operationName: "", startNanosecondsSinceEpoch: 0, durationNanoseconds: 0,
            tags: Array(repeating: SpanTag("jaeger.debug", true), count: count)
                + Array(repeating: SpanTag("other", true), count: count))
        span.tags.insert(SpanTag("jaeger.firehose", true), at: count)
        span.takeFlagAttributes()
        #expect(span.flags == [.debug, .firehose])
        #expect(span.tags.count == count)
        #expect(span.tags.first == SpanTag("other", true))
    }

    @Test func `keys are compared by bytes`() throws {
        // Canonically equivalent texts: comparing them takes quadratic time.
        let attribute = Self.message(
            "4a", "0a0d" + hex(Array("otel.scope.\u{e9}".utf8)) + "12021801")
        let scope = Self.message(
            "0a", Self.message("1a", "0a03" + hex(Array("e\u{301}".utf8)) + "12021802"))
        let body = Self.message(
            "0a", Self.message("12", scope + Self.message("12", Self.identity + attribute)))
        #expect(try onlySpan(hex: body).tags.map(\.value) == [1, 2])
    }

    @Test func `a process without a name is unknown`() throws {
        let request = try OTLPExportRequest(
            decoding: bytes(hex: Self.request(spans: Self.identity)))
        #expect(request.batches.first?.process.serviceName == "unknown_service")
    }

    @Test func `spans without valid ids are counted, the valid ones are kept`() throws {
        let zeroTrace = Self.identity.replacing("0001", with: "0000")
        let shortTrace = "0a0801020304050607081208" + "0000000000000002"
        let shortParent = Self.identity + "220101"
        let hex = Self.request(
            spans: "", zeroTrace, shortTrace, shortParent, Self.identity + "2200", Self.identity)
        let request = try OTLPExportRequest(decoding: bytes(hex: hex))
        #expect(request.rejectedSpanCount == 4)
        #expect(request.batches.first?.spans.map(\.parentID) == [nil, nil])
    }

    @Test func `an end before the start results in a duration of zero`() throws {
        let hex = Self.request(spans: Self.identity + "390500000000000000" + "410100000000000000")
        #expect(try onlySpan(hex: hex).durationNanoseconds == 0)
    }

    @Test func `an event without name and attributes has its time`() throws {
        let span = try onlySpan(
            hex: Self.request(spans: Self.identity + "5a09" + "090700000000000000" + "5a00"))
        #expect(
            span.logs == [
                SpanLog(nanosecondsSinceEpoch: 7, fields: []),
                SpanLog(nanosecondsSinceEpoch: 0, fields: []),
            ])
    }

    @Test(arguments: ["1000", "0a0566616c7365"])
    func `an attribute error=false does not override the status`(value: String) throws {
        let error = Self.message("4a", "0a056572726f72" + Self.message("12", value))
        let hex = Self.request(spans: Self.identity + error + "7a021802")
        #expect(
            try onlySpan(hex: hex).tags == [
                SpanTag("error", true), SpanTag("otel.status_code", "ERROR"),
            ])
        #expect(try onlySpan(hex: Self.request(spans: Self.identity + error)).tags.count == 1)
    }

    @Test func `meaningless elements are dropped`() throws {
        let hex = Self.request(spans: Self.identity + "4a00" + "4a0412020a00" + "6a00")
        let span = try onlySpan(hex: hex)
        #expect(span.tags.isEmpty)
        #expect(span.references.isEmpty)
    }

    @Test(
        arguments: [
            ("", TagValue.string("")), ("0a00", ""), ("1000", false), ("1002", true), ("1800", 0),
            ("18ffffffffffffffffff01", -1), ("210000000000000000", 0.0), ("2a00", .array([])),
            ("3a00", .binary([])), ("0a01ff", "\u{fffd}"),
            // The last of two members wins; another wire type is another field.
            ("10010a0161", "a"), ("0801", ""),
            ("2a0a0a042a020a000a021001", .array([.array([""]), true])),
            ("3200", "{}"), ("3207" + "0a050a0161" + "1200", #"{"a":""}"#),
            ("3205" + "0a030a0161", #"{"a":null}"#),
        ] as [(String, TagValue)])
    func `a value has the type of its field`(hex: String, value: TagValue) throws {
        #expect(try onlySpan(hex: Self.span(attributeValue: hex)).tags == [SpanTag("k", value)])
    }

    @Test func `keys and values become JSON at any depth`() throws {
        func pair(_ key: String, _ value: String) -> String {
            Self.message("0a", Self.message("0a", key) + Self.message("12", value))
        }
        let inner = Self.message("32", pair("62", "0a0122") + pair("63", "1801"))
        let list = Self.message("2a", Self.message("0a", inner) + Self.message("0a", "1001"))
        let hex = Self.span(
            attributeValue: Self.message("32", pair("61", list) + pair("64", inner)))
        #expect(
            try onlySpan(hex: hex).tags == [
                SpanTag("k", #"{"a":[{"b":"\"","c":1},true],"d":{"b":"\"","c":1}}"#)
            ])
    }

    @Test func `nested lists grow with their bytes, not with their depth`() throws {
        var value = Self.message("0a", String(repeating: "22", count: 10))
        while value.count < 300 {
            value = Self.message("32", Self.message("0a", "0a0161" + Self.message("12", value)))
            value = Self.message("2a", Self.message("0a", value))
        }
        let span = try onlySpan(hex: Self.span(attributeValue: value))
        guard case .array(let elements)? = span.tags.first?.value,
            case .string(let text)? = elements.first
        else {
            Issue.record("no array of a text")
            return
        }
        #expect(text.hasPrefix(#"{"a":[{"a":["#))
        #expect(text.utf8.count < 300)
    }
}

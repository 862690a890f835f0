import JaegerTracing
import SpoorHTTP
import Testing

@testable import JaegerCollector

@Suite struct JSONWriterTests {
    private func written(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("", #""""#), ("plain é 漢", #""plain é 漢""#), ("\"\\/", #""\"\\/""#),
        ("\n\r\t", #""\n\r\t""#), ("\u{0}\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\""),
    ])
    func `texts are escaped as RFC 8259 says`(text: String, json: String) {
        #expect(written { $0.string(text) } == json)
    }

    @Test func `commas stand between values and nowhere else`() {
        let json = written { writer in
            writer.object { writer in
                writer.key("a")
                writer.array { _ in }
                writer.key("b")
                writer.array(of: [1, 2]) { $0.integer($1) }
                writer.key("c")
                writer.object { writer in
                    writer.key("d")
                    writer.null()
                }
                writer.key("e")
                writer.array(of: [true, false]) { writer, value in
                    writer.array { $0.bool(value) }
                }
            }
        }
        #expect(json == #"{"a":[],"b":[1,2],"c":{"d":null},"e":[[true],[false]]}"#)
    }

    @Test(
        arguments: [
            ([], ""), ([0], "AA=="), ([0, 255], "AP8="), ([0, 255, 128], "AP+A"),
            ([1, 2, 3, 4], "AQIDBA=="),
        ] as [([UInt8], String)])
    func `bytes are base64`(bytes: [UInt8], text: String) {
        #expect(Base64.encoded(bytes) == text)
    }

    @Test func `a trace has the shape of Jaeger's`() throws {
        let other = SpanReference(
            .followsFrom, traceID: TraceID(high: 0xa, low: 0xb), spanID: SpanID(0xc))
        let parent = SpanReference(.childOf, traceID: TraceID(low: 1), spanID: SpanID(2))
        let store = TraceStore()
        _ = store.insert([
            .stub(
                service: "b\"", id: 3, parent: 2, operation: "late", references: [other],
                startMicroseconds: 20, durationMicroseconds: 0,
                tags: [
                    SpanTag("s", "x"), SpanTag("t", true), SpanTag("i", -3),
                    SpanTag("big", .int(1 << 53)),
                    SpanTag("most", .int(1 << 53 - 1)), SpanTag("least", .int(.min)),
                    SpanTag("d", 1.5),
                    SpanTag("inf", .double(-.infinity)), SpanTag("nan", .double(.nan)),
                    SpanTag("x", .binary([0, 255])),
                ],
                logs: [SpanLog(nanosecondsSinceEpoch: 20_999, fields: [SpanTag("event", "e")])]),
            .stub(
                service: "a", processTags: [SpanTag("ip", "::1")], id: 2, operation: "early",
                startMicroseconds: 10, durationMicroseconds: 30),
            .stub(
                service: "a", processTags: [SpanTag("ip", "::1")], id: 4, parent: 2,
                references: [other, parent], startMicroseconds: 30),
        ])
        let trace = try #require(store.trace(TraceID(low: 1)))
        var json = TraceJSON(AdjustedTrace(trace, .standard(skewMaxNanoseconds: 0)))
        let text = String(decoding: json.next(), as: UTF8.self)
        #expect(json.isComplete)
        #expect(text + "\n" == (try Golden.text("trace.json")))
    }
}

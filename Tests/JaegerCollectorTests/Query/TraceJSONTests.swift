import JaegerTracing
import Testing

@testable import JaegerCollector

@Suite struct TraceJSONTests {
    @Test func `a trace has the JSON of Jaeger`() throws {
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
        var json = TraceJSON(AdjustedTrace(trace, .standard(maxSkewNanoseconds: 0)))
        let text = String(decoding: json.next(), as: UTF8.self)
        #expect(json.isComplete)
        #expect(text + "\n" == (try Golden.text("trace.json")))
    }
}

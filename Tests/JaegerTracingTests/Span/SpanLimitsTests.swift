import JaegerTracing
import MetricsTestKit
import Testing

@Suite struct SpanLimitsTests {
    private let reporter = InMemoryReporter()
    private let metrics = TestMetrics()

    private func finish(_ limits: SpanLimits, _ body: (JaegerSpan) -> Void) throws -> FinishedSpan {
        let tracer = JaegerTracer.stub(
            reporter: reporter, limits: limits, metricsFactory: metrics)
        let parent = SpanContext(traceID: TraceID(low: 1), spanID: SpanID(2), flags: .sampled)
        let span = tracer.startSpan("operation", childOf: parent)
        body(span)
        span.end()
        return try #require(reporter.spans.first)
    }

    private func exceededCount(_ limit: String) throws -> Int64 {
        try metrics.expectCounter("jaeger_tracer_span_limit_exceeded", [("limit", limit)])
            .values.reduce(0, +)
    }

    @Test func `tags beyond the limit are dropped and counted, others may still change`() throws {
        let span = try finish(SpanLimits(maxTagCount: 3)) { span in
            for number in 0..<5 { span.setTag("k\(number)", number) }
            span.setTag("k0", 10)
        }
        #expect(
            span.tags == [
                SpanTag("span.kind", "internal"), SpanTag("k0", 10), SpanTag("k1", 1),
                SpanTag("otel.dropped_attributes_count", 3),
            ])
        #expect(try exceededCount("tagCount") == 3)
    }

    @Test func `logs, their fields and references are limited`() throws {
        let other = SpanContext(traceID: TraceID(low: 1), spanID: SpanID(2))
        let limits = SpanLimits(maxLogCount: 2, maxReferenceCount: 1, maxLogFieldCount: 1)
        let span = try finish(limits) { span in
            for number in Int64(0)..<4 {
                span.log([SpanTag("event", .int(number)), SpanTag("more", 1)])
            }
            for _ in 0..<3 { span.addReference(.childOf, to: other) }
        }
        #expect(span.logs.map(\.fields) == [[SpanTag("event", 0)], [SpanTag("event", 1)]])
        #expect(span.references.count == 1)
        #expect(span[tag: "otel.dropped_events_count"] == 2)
        #expect(span[tag: "otel.dropped_links_count"] == 2)
        #expect(try exceededCount("logCount") == 2)
        #expect(try exceededCount("logFieldCount") == 4)
        #expect(try exceededCount("referenceCount") == 2)
    }

    @Test(arguments: [
        ("abcdef", "abcd"), ("abcé", "abc"), ("ab€", "ab"), ("a😀", "a"), ("éé", "éé"),
    ])
    func `values are truncated between characters`(value: String, cut: String) throws {
        let span = try finish(SpanLimits(maxTagValueBytes: 4)) { $0.setTag("k", value) }
        #expect(span[tag: "k"] == .string(cut))
    }

    @Test(
        arguments: [
            ([.string("abcdef"), "x"], ["abcd"]), (["a", "bc€", "x"], ["a", "bc"]),
            ([1, 2, "€", "x"], [1, 2, ""]),
            ([1, .binary([7, 8, 9, 10])], [1, .binary([7, 8, 9])]),
            (["a", .array([1, "bcd"]), 2], ["a", .array([1, "bc"])]),
            ([1, 2, 3, 4, 5], [1, 2, 3, 4]), (["abcd", ""], ["abcd"]),
        ] as [([TagValue], [TagValue])])
    func `an array is truncated within the element that crosses the limit`(
        values: [TagValue], cut: [TagValue]
    ) throws {
        let span = try finish(SpanLimits(maxTagValueBytes: 4)) { $0.setTag("k", .array(values)) }
        #expect(span[tag: "k"] == .array(cut))
    }

    @Test func `bytes, keys, log fields and names are truncated as well`() throws {
        let limits = SpanLimits(
            maxTagValueBytes: 8, maxTagKeyBytes: 9, maxOperationNameBytes: 4)
        let span = try finish(limits) { span in
            span.setTag("bytes", [UInt8](repeating: 7, count: 20))
            span.setTag("0123456789", 1)
            span.log([SpanTag("event", "0123456789")])
            #expect(span.operationName == "oper")
            span.operationName = "longer name"
        }
        #expect(span[tag: "bytes"] == .binary([UInt8](repeating: 7, count: 8)))
        #expect(span[tag: "012345678"] == 1)
        #expect(span.logs.first?.fields == [SpanTag("event", "01234567")])
        #expect(span.operationName == "long")
        #expect(try exceededCount("tagBytes") == 3)
        #expect(try exceededCount("operationNameBytes") == 2)
    }

    @Test func `negative limits count as zero`() throws {
        let span = try finish(SpanLimits(maxTagCount: -1, maxTagValueBytes: -1)) {
            $0.setTag("k", "v")
        }
        #expect(span[tag: "k"] == nil)
    }

    @Test func `negative values of properties count as zero`() throws {
        var limits = SpanLimits()
        limits.maxTagCount = -1
        limits.maxLogCount = -1
        limits.maxReferenceCount = -1
        limits.maxLogFieldCount = -1
        limits.maxTagValueBytes = -1
        limits.maxTagKeyBytes = -1
        limits.maxOperationNameBytes = .min
        let none = SpanLimits(
            maxTagCount: 0, maxLogCount: 0, maxReferenceCount: 0, maxLogFieldCount: 0,
            maxTagValueBytes: 0, maxTagKeyBytes: 0, maxOperationNameBytes: 0)
        #expect(limits == none)
        let span = try finish(limits) { span in
            span.setTag("a", "b")
            span.log(event: "x")
            span.operationName = "other"
        }
        #expect(span.operationName.isEmpty)
    }
}

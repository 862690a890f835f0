@testable import JaegerTracing
import CoreMetrics
import MetricsTestKit
import Testing

@Suite struct BaggageRestrictionsTests {
    private func change(
        _ key: String, _ value: String?, _ restrictions: BaggageRestrictions,
        in baggage: Baggage = [:]
    ) -> (BaggageChange, Baggage) {
        var baggage = baggage
        let change = baggage.set(key, value, under: restrictions, within: BaggageLimits())
        return (change, baggage)
    }

    @Test func `values are truncated at a character boundary`() {
        let restrictions = BaggageRestrictions(maxValueBytes: 5, maxValueBytesByKey: ["User": 2])
        let (long, kept) = change("k", "ééé", restrictions)
        #expect(long.isTruncated)
        #expect(kept["k"] == "éé")
        #expect(change("USER", "ann", restrictions).1["USER"] == "an")
        #expect(!change("k", "12345", restrictions).0.isTruncated)
    }

    @Test func `keys that are not listed can be forbidden`() {
        let restrictions = BaggageRestrictions(
            maxValueBytesByKey: ["user": 10], allowsOtherKeys: false)
        #expect(change("User", "ann", restrictions).0.outcome == .set)
        let (rejected, kept) = change("other", "v", restrictions)
        #expect(rejected.outcome == .forbiddenKey)
        #expect(kept.isEmpty)
    }

    @Test func `removing needs permission, too`() {
        let restrictions = BaggageRestrictions(allowsOtherKeys: false)
        #expect(change("k", nil, restrictions, in: ["k": "v"]).1["k"] == "v")
        #expect(change("k", nil, BaggageRestrictions(), in: ["k": "v"]).1.isEmpty)
    }

    @Test func `a recording span logs the result`() throws {
        let reporter = InMemoryReporter()
        let propagation = Propagation(
            baggageRestrictions: BaggageRestrictions(
                maxValueBytes: 3, maxValueBytesByKey: ["long": 8], allowsOtherKeys: true))
        let tracer = JaegerTracer.stub(reporter: reporter, propagation: propagation)
        let span = tracer.startSpan("op", childOf: nil)
        span.setBaggageItem("key", "value")
        span.setBaggageItem("key", "v")
        span.setBaggageItem("k e", "v")
        span.end()
        let logs = try #require(reporter.spans.first?.logs)
        #expect(
            logs.map { $0.fields.map(\.key) } == [
                ["event", "key", "value", "truncated"], ["event", "key", "value", "override"],
                ["event", "key", "value", "invalid"],
            ])
        #expect(logs[0].fields[2].value == "val")
        #expect(span.baggageItem("key") == "v")
    }

    @Test func `truncations and rejections are counted`() throws {
        let metrics = TestMetrics()
        let propagation = Propagation(
            baggageRestrictions: BaggageRestrictions(
                maxValueBytesByKey: ["k": 1], allowsOtherKeys: false))
        let tracer = JaegerTracer.stub(propagation: propagation, metricsFactory: metrics)
        let span = tracer.startSpan("op", childOf: nil)
        span.setBaggageItem("k", "12")
        span.setBaggageItem("other", "1")
        #expect(try metrics.expectCounter("jaeger_tracer_baggage_truncations").values == [1])
        #expect(
            try metrics.expectCounter("jaeger_tracer_baggage_updates", [("result", "err")]).values
                == [1])
        #expect(
            try metrics.expectCounter("jaeger_tracer_baggage_updates", [("result", "ok")]).values
                == [1])
    }
}

import JaegerTracing
import MetricsTestKit
import TestSupport
import Testing

@Suite struct TracerMetricsTests {
    private let metrics = TestMetrics()

    private func count(_ name: String, _ dimensions: (String, String)...) throws -> Int64 {
        try metrics.expectCounter("jaeger_tracer_" + name, dimensions).values.reduce(0, +)
    }

    @Test func `traces and spans are counted by sampling state`() throws {
        let sampled = JaegerTracer.stub(metricsFactory: metrics)
        let unsampled = JaegerTracer.stub(sampler: ConstSampler(false), metricsFactory: metrics)
        let remote = sampled.extract(from: ["uber-trace-id": "1:2:0:1"] as HeaderList)
        let root = sampled.startSpan("root", childOf: nil)
        sampled.startSpan("child", childOf: root.spanContext).end()
        sampled.startSpan("joined", childOf: remote).end()
        unsampled.startSpan("none", childOf: nil).end()
        root.end()
        root.end()

        #expect(try count("traces", ("state", "started"), ("sampled", "y")) == 1)
        #expect(try count("traces", ("state", "started"), ("sampled", "n")) == 1)
        #expect(try count("traces", ("state", "joined"), ("sampled", "y")) == 1)
        #expect(try count("traces", ("state", "joined"), ("sampled", "n")) == 0)
        #expect(try count("started_spans", ("sampled", "y")) == 3)
        #expect(try count("started_spans", ("sampled", "n")) == 1)
        #expect(try count("finished_spans", ("sampled", "y")) == 3)
        #expect(try count("finished_spans", ("sampled", "n")) == 1)
    }

    @Test func `malformed and dropped values are counted`() throws {
        let propagation = Propagation(baggageLimits: BaggageLimits(maxItemCount: 1))
        let tracer = JaegerTracer.stub(propagation: propagation, metricsFactory: metrics)
        #expect(tracer.extract(from: ["uber-trace-id": "junk"] as HeaderList) == nil)
        let fields: HeaderList = ["uberctx-a": "1", "uberctx-b": "2"]
        let span = tracer.startSpan("op", childOf: tracer.extract(from: fields))
        span.setBaggageItem("c", "3")
        span.setBaggageItem("a", "4")
        span.setBaggageItem("not a token", "5")
        #expect(try count("span_context_decoding_errors") == 1)
        #expect(try count("baggage_truncations") == 2)
        #expect(try count("baggage_updates", ("result", "ok")) == 1)
        #expect(try count("baggage_updates", ("result", "err")) == 2)
    }
}

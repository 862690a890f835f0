import JaegerTracing
import MetricsTestKit
import Testing

@Suite struct DebugThrottlingTests {
    private let reporter = InMemoryReporter()
    private let metrics = TestMetrics()

    private func tracer(_ throttler: CountedThrottler, isSampled: Bool) -> JaegerTracer {
        .stub(
            reporter: reporter, sampler: ConstSampler(isSampled), debugThrottler: throttler,
            metricsFactory: metrics)
    }

    @Test(arguments: [true, false])
    func `a debug id that is not allowed is sampled like any other trace`(isSampled: Bool) {
        let throttler = CountedThrottler(1)
        let tracer = tracer(throttler, isSampled: isSampled)
        let received = SpanContext(baggage: ["k": "v"], debugID: "bug", isRemote: true)
        let first = tracer.startSpan("first", childOf: received)
        let second = tracer.startSpan("second", childOf: received)
        #expect(first.spanContext.flags == [.sampled, .debug])
        #expect(second.spanContext.flags == (isSampled ? .sampled : []))
        #expect(second.baggageItem("k") == "v")
        second.end()
        #expect(reporter.spans.first?[tag: "jaeger-debug-id"] == nil)
        #expect(throttler.operationNames == ["first", "second"])
        #expect(metrics.count("throttled_debug_spans") == 1)
    }

    @Test func `a debug id with a trace forces sampling, otherwise the trace's decision is used`() {
        let tracer = tracer(CountedThrottler(1), isSampled: true)
        let received = SpanContext(
            traceID: TraceID(low: 1), spanID: SpanID(2), isRemote: true, debugID: "bug")
        let forced = tracer.startSpan("op", childOf: received)
        #expect(forced.traceID == TraceID(low: 1))
        #expect(forced.spanContext.flags == [.sampled, .debug])
        #expect(!tracer.startSpan("op", childOf: received).isRecording)
    }

    @Test(arguments: [true, false])
    func `sampling priority needs permission as well`(isSampled: Bool) {
        let throttler = CountedThrottler(0)
        let span = tracer(throttler, isSampled: isSampled).startSpan("op", childOf: nil)
        span.setTag("sampling.priority", 1)
        #expect(span.spanContext.flags == (isSampled ? .sampled : []))
        span.setTag("sampling.priority", 0)
        #expect(span.spanContext.flags == [])
        #expect(throttler.operationNames == ["op"])
        #expect(metrics.count("throttled_debug_spans") == 1)
    }

    @Test func `a debug trace needs no permission`() {
        let throttler = CountedThrottler(1)
        let tracer = tracer(throttler, isSampled: false)
        let span = tracer.startSpan("op", childOf: nil)
        for _ in 0..<3 { span.setTag("sampling.priority", 1) }
        tracer.startSpan("child", childOf: span).setTag("sampling.priority", 1)
        #expect(throttler.operationNames == ["op"])
        #expect(metrics.count("throttled_debug_spans") == 0)
    }
}

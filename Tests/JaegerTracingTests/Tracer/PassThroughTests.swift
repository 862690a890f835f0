import JaegerTracing
import MetricsTestKit
import TestSupport
import Testing
import Tracing

/// A tracer that only propagates contexts.
@Suite struct PassThroughTests {
    private let reporter = InMemoryReporter()
    private let metrics = TestMetrics()

    private func tracer(_ propagation: Propagation = Propagation()) -> JaegerTracer {
        var configuration = JaegerTracerConfiguration()
        configuration.propagation = propagation
        configuration.flightRecorder = FlightRecorder()
        configuration.isPassThrough = true
        configuration.metricsFactory = metrics
        return JaegerTracer(
            serviceName: "off", reporter: reporter, configuration: configuration)
    }

    @Test(arguments: [
        ["uber-trace-id": "1:2:3:1", "uberctx-user": "ann"],
        ["uber-trace-id": "1:2:3:3"],
        ["uber-trace-id": "1:2:3:0", "jaeger-debug-id": "x"],
        ["jaeger-debug-id": "x"],
        ["uberctx-user": "ann"],
        [
            "traceparent": "00-463ac35c9f6413ad463ac35c9f6413ad-463ac35c9f6413ad-03",
            "tracestate": "a=b",
        ],
        ["b3": "463ac35c9f6413ad463ac35c9f6413ad-463ac35c9f6413ad"],
        ["b3": "0"],
        [:],
    ])
    func `a context is propagated as without a span`(fields: [String: String]) {
        let tracer = tracer(Propagation(formats: [.jaeger, .traceContext, .b3]))
        let context = tracer.extract(fromTextMap: fields)
        var expected: [String: String] = [:]
        if let context { tracer.inject(context, intoTextMap: &expected) }
        let span = tracer.startSpan("op", childOf: context, ofKind: .server)
        let child = tracer.startSpan("child", context: span.context)
        #expect(!span.isRecording && !child.isRecording)
        for each in [span, child] {
            var sent: [String: String] = [:]
            tracer.inject(each.spanContext, intoTextMap: &sent)
            #expect(sent == expected)
        }
        child.end()
        span.end()
        #expect(reporter.spans.isEmpty)
        #expect(metrics.counters.isEmpty)
    }

    @Test func `headers that were set by hand are kept if there is no context`() {
        let mine = ["uber-trace-id": "1:2:3:1", "jaeger-debug-id": "x", "baggage": "a=b"]
        let span = tracer().startSpan("op", childOf: nil)
        var map = mine
        tracer().inject(span.spanContext, intoTextMap: &map)
        #expect(map == mine)
        var fields = HeaderList(mine.map { ($0.key, $0.value) })
        tracer().inject(span.spanContext, into: &fields)
        #expect(fields.fields.count == mine.count)
        let other = SpanContext(traceID: TraceID(low: 7), spanID: SpanID(8), isRemote: true)
        tracer().inject(other, intoTextMap: &map)
        #expect(map["uber-trace-id"]?.hasPrefix("0000000000000007:") == true, "\(map)")
    }

    @Test func `nothing forces or unsamples a trace`() {
        for flags in [TraceFlags.sampled, []] {
            let parent = SpanContext(
                traceID: TraceID(low: 1), spanID: SpanID(2), flags: flags, isRemote: true)
            let span = tracer().startSpan(
                "op", childOf: parent,
                tags: [SpanTag("sampling.priority", 1), SpanTag("error", true)])
            span.setTag("sampling.priority", 0)
            span.setFirehose()
            #expect(!span.isRecording)
            #expect(span.spanContext.flags == flags)
            #expect(span.spanContext.spanID == SpanID(2))
            span.end()
        }
        #expect(reporter.spans.isEmpty)
    }

    @Test func `baggage is propagated nevertheless`() {
        let span = tracer().startSpan("op", childOf: nil)
        span.setBaggageItem("user", "ann")
        #expect(!span.spanContext.isValid)
        #expect(span.spanContext.baggage.items.count == 1)
    }
}

import JaegerTracing
import Testing
import Tracing

@Suite struct SamplingPriorityTests {
    private let reporter = InMemoryReporter()

    private func span(isSampled: Bool) -> JaegerSpan {
        JaegerTracer.stub(reporter: reporter, sampler: ConstSampler(isSampled))
            .startSpan("op", context: .topLevel)
    }

    @Test func `zero removes a span and its children from the trace`() throws {
        let span = span(isSampled: true)
        span.setTag("before", 1)
        span.setTag("sampling.priority", 0)
        #expect(!span.isRecording)
        #expect(span.spanContext.flags == [])
        #expect(span.spanContext.isValid)
        span.end()
        #expect(reporter.spans.isEmpty)
    }

    @Test(arguments: [1, 2, 0.5] as [TagValue])
    func `more than zero makes a span and its children sampled and debug`(priority: TagValue) throws
    {
        let span = span(isSampled: false)
        span.setTag("lost", 1)
        span.setTag("sampling.priority", priority)
        span.setTag("kept", 1)
        #expect(span.isRecording)
        #expect(span.spanContext.flags == [.sampled, .debug])
        span.end()
        let finished = try #require(reporter.spans.first)
        #expect(finished.flags == [.sampled, .debug])
        #expect(
            finished.tags == [
                SpanTag("span.kind", "internal"), SpanTag("sampling.priority", priority),
                SpanTag("kept", 1),
            ])
        #expect(finished.startNanosecondsSinceEpoch > 1_700_000_000_000_000_000)
    }

    @Test(arguments: ["1", true, .binary([1])] as [TagValue])
    func `values that are not numbers are ignored and not kept`(priority: TagValue) throws {
        let span = span(isSampled: true)
        span.setTag("sampling.priority", priority)
        #expect(span.spanContext.flags == .sampled)
        span.end()
        #expect(reporter.spans.first?[tag: "sampling.priority"] == nil)
    }

    @Test func `NaN and negative values count as zero`() {
        for priority in [TagValue.double(.nan), -1] {
            let span = span(isSampled: true)
            span.setTag("sampling.priority", priority)
            #expect(!span.isRecording)
        }
    }

    @Test func `attributes decide like tags`() {
        let span = span(isSampled: true)
        span.attributes["sampling.priority"] = 0
        #expect(!span.isRecording)
        span.attributes["sampling.priority"] = 1
        #expect(span.isRecording)
    }

    @Test func `a decision can be changed`() throws {
        let span = span(isSampled: true)
        span.setTag("sampling.priority", 0)
        span.setTag("sampling.priority", 1)
        span.setTag("sampling.priority", 1)
        span.end()
        #expect(reporter.spans.count == 1)
    }

    @Test func `for a debug trace more than zero changes nothing`() throws {
        let tracer = JaegerTracer.stub(reporter: reporter)
        let parent = SpanContext(
            traceID: TraceID(low: 1), spanID: SpanID(2), flags: [.sampled, .debug])
        let span = tracer.startSpan("op", childOf: parent)
        span.setTag("sampling.priority", 1)
        span.end()
        #expect(reporter.spans.first?[tag: "sampling.priority"] == nil)
        #expect(reporter.spans.first?.flags == [.sampled, .debug])
    }

    @Test(arguments: [true, false])
    func `the tag may be one of the first tags`(isWanted: Bool) {
        let span = JaegerTracer.stub(reporter: reporter, sampler: ConstSampler(!isWanted))
            .startSpan("op", childOf: nil, tags: [SpanTag("sampling.priority", isWanted ? 1 : 0)])
        #expect(span.isRecording == isWanted)
    }

    @Test func `a change of other attributes does not decide again`() {
        let throttler = CountedThrottler(1)
        let span = JaegerTracer.stub(reporter: reporter, debugThrottler: throttler)
            .startSpan("op", childOf: nil)
        span.attributes["sampling.priority"] = 1
        span.attributes["other"] = 1
        span.end()
        #expect(throttler.operationNames.count == 1)
        #expect(reporter.spans.first?[tag: "sampling.priority"] == 1)
    }

    @Test func `the first tags are kept regardless of its position`() throws {
        JaegerTracer.stub(reporter: reporter, sampler: ConstSampler(false))
            .startSpan(
                "op", childOf: nil, ofKind: .client,
                tags: [SpanTag("x", 1), SpanTag("sampling.priority", 1), SpanTag("y", 2)]
            )
            .end()
        let finished = try #require(reporter.spans.first)
        #expect(finished[tag: "span.kind"] == "client")
        #expect(finished[tag: "x"] == 1)
        #expect(finished[tag: "y"] == 2)
        #expect(finished[tag: "sampling.priority"] == 1)
    }

    @Test func `drops before the span was unsampled are not counted afterwards`() throws {
        let span = span(isSampled: true)
        for number in 0..<200 {
            span.log(event: "old \(number)")
            span.setTag("old \(number)", number)
        }
        span.setTag("sampling.priority", 0)
        span.setTag("sampling.priority", 1)
        for number in 0..<5 { span.log(event: "new \(number)") }
        span.end()
        let finished = try #require(reporter.spans.first)
        let events = finished.logs.map { $0.fields.first?.value }
        #expect(events == (0..<5).map { .string("new \($0)") })
        #expect(finished[tag: "otel.dropped_events_count"] == nil)
        #expect(finished[tag: "otel.dropped_attributes_count"] == nil)
    }
}

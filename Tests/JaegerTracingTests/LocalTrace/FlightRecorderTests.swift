import JaegerTracing
import MetricsTestKit
import TestSupport
import Testing
import Tracing

@Suite struct FlightRecorderTests {
    private struct Failure: Error {}

    private let reporter = InMemoryReporter()
    private let metrics = TestMetrics()

    private func tracer(
        _ recorder: FlightRecorder? = FlightRecorder(), sampler: any Sampler = ConstSampler(false)
    ) -> JaegerTracer {
        .stub(
            reporter: reporter, sampler: sampler, flightRecorder: recorder,
            metricsFactory: metrics)
    }

    private var names: [String] { reporter.spans.map(\.operationName) }

    @Test func `a trace with a failed span is reported when its local root ends`() throws {
        let tracer = tracer()
        tracer.withSpan("root", context: .topLevel) { _ in
            tracer.withSpan("good") { _ in }
            #expect(throws: Failure.self) { try tracer.withSpan("bad") { _ in throw Failure() } }
            #expect(reporter.spans.isEmpty)
        }
        try #require(names == ["good", "bad", "root"])
        #expect(reporter.spans.allSatisfy { $0.flags == .sampled })
        #expect(reporter.spans[1][tag: "error"] == true)
        #expect(reporter.spans[1].logs.count == 1)
        let root = reporter.spans[2]
        #expect(root[tag: "sampler.type"] == "flightrecorder")
        #expect(root[tag: "sampler.param"] == "error")
        #expect(reporter.spans[0][tag: "sampler.type"] == nil)
        #expect(metrics.heldCounts == ["reported": 3])
    }

    @Test func `a trace without a failure is discarded`() {
        let tracer = tracer()
        tracer.withSpan("root", context: .topLevel) { span in
            #expect(span.isRecording)
            #expect(!span.spanContext.isSampled)
            tracer.withSpan("child") { _ in }
        }
        #expect(reporter.spans.isEmpty)
        #expect(metrics.heldCounts == ["discarded": 2])
        #expect(metrics.count("finished_spans", ("sampled", "n")) == 2)
    }

    @Test func `other processes see an unsampled trace`() {
        let tracer = tracer()
        let span = tracer.startSpan("root", childOf: nil)
        var fields: HeaderList = [:]
        tracer.inject(span.spanContext, into: &fields)
        #expect(fields["uber-trace-id"]?.hasSuffix(":0") == true)
        span.setTag("error", true)
        span.end()
        #expect(names == ["root"])
    }

    @Test(arguments: [
        (SpanTag("error", true), true), (SpanTag("error", "true"), true),
        (SpanTag("error", false), false),
        (SpanTag("other", true), false), (SpanTag("error", 1), false),
    ])
    func `the tag error marks a failure`(tag: SpanTag, isReported: Bool) {
        let span = tracer().startSpan("root", childOf: nil, tags: [tag])
        span.end()
        #expect(names == (isReported ? ["root"] : []))
    }

    @Test func `an error status that was reset is not an error`() {
        let span = tracer().startSpan("root", childOf: nil)
        span.setStatus(SpanStatus(code: .error))
        span.setStatus(SpanStatus(code: .ok))
        span.end()
        #expect(reporter.spans.isEmpty)
    }

    @Test(arguments: [(9, false), (10, false), (11, true)])
    func `a local root that was slower than the threshold is reported`(
        milliseconds: UInt64, isReported: Bool
    ) {
        struct Instant: TracerInstant {
            var nanosecondsSinceEpoch: UInt64
            static func < (one: Instant, other: Instant) -> Bool {
                one.nanosecondsSinceEpoch < other.nanosecondsSinceEpoch
            }
        }
        let start = Instant(nanosecondsSinceEpoch: 1_700_000_000_000_000_000)
        var end = start
        end.nanosecondsSinceEpoch += milliseconds * 1_000_000
        let tracer = tracer(FlightRecorder(slowerThan: .milliseconds(10)))
        let root = tracer.startSpan("root", context: .topLevel, at: start)
        // Only the local root's duration counts.
        var later = end
        later.nanosecondsSinceEpoch += 1_000_000_000
        tracer.startSpan("child", context: root.context, at: start).end(at: later)
        root.end(at: end)
        #expect(names == (isReported ? ["child", "root"] : []))
        #expect(reporter.spans.last?[tag: "sampler.param"] == (isReported ? "slow" : nil))
    }

    @Test func `a received unsampled trace has its local root here`() {
        let tracer = tracer()
        let parent = tracer.extract(from: ["uber-trace-id": "a:b:0:0"] as HeaderList)
        let root = tracer.startSpan("local root", childOf: parent)
        tracer.startSpan("child", childOf: root).end()
        root.setTag("error", true)
        root.end()
        #expect(names == ["child", "local root"])
        #expect(reporter.spans.last?.parentID == SpanID(0xb))
        #expect(reporter.spans.last?.isParentRemote == true)
    }

    @Test func `sampled traces are not held`() {
        let tracer = tracer(sampler: ConstSampler(true))
        tracer.startSpan("root", childOf: nil).end()
        #expect(reporter.spans.first?[tag: "sampler.type"] == "const")
        #expect(metrics.heldCounts.isEmpty)
    }

    @Test func `without a flight recorder unsampled spans record nothing`() {
        let span = tracer(nil).startSpan("root", childOf: nil)
        #expect(!span.isRecording)
        span.setTag("error", true)
        span.end()
        #expect(reporter.spans.isEmpty)
        #expect(metrics.heldCounts.isEmpty)
    }

    @Test(arguments: [true, false])
    func `a child that ends after the local root is reported or discarded like the root`(
        hasFailed: Bool
    ) {
        let tracer = tracer()
        let root = tracer.startSpan("root", childOf: nil)
        let child = tracer.startSpan("child", childOf: root)
        let context = root.context
        if hasFailed { root.setTag("error", true) }
        root.end()
        #expect(child.isRecording == hasFailed)
        child.setTag("error", true)
        child.end()
        let later = tracer.startSpan("started later", context: context)
        #expect(later.isRecording == hasFailed)
        later.end()
        #expect(names == (hasFailed ? ["root", "child", "started later"] : []))
        #expect(
            metrics.heldCounts == (hasFailed ? ["reported": 2] : ["discarded": 1, "late": 1]))
        #expect(metrics.startedCount == metrics.finishedCount)
    }

    @Test func `beyond the limit the oldest traces are evicted as a whole`() {
        let tracer = tracer(FlightRecorder(maxSpanCount: 4))
        let roots = (0..<3).map { tracer.startSpan("root \($0)", childOf: nil) }
        for _ in 0..<2 {
            for root in roots { tracer.startSpan("child", childOf: root).end() }
        }
        // The fifth span exceeded the limit.
        #expect(metrics.heldCounts == ["evicted": 2])
        #expect(!roots[0].isRecording)
        for root in roots {
            root.setTag("error", true)
            root.end()
        }
        #expect(names == ["child", "child", "root 1", "child", "child", "root 2"])
        #expect(metrics.heldCounts == ["evicted": 2, "reported": 6, "discarded": 1])
    }

    @Test func `bytes are limited as well, also for a single trace`() {
        let tracer = tracer(FlightRecorder(maxByteCount: 20_000))
        let root = tracer.startSpan("root", childOf: nil)
        for _ in 0..<20 {
            let child = tracer.startSpan("child", childOf: root)
            child.setTag("large", String(repeating: "x", count: 4000))
            child.end()
        }
        #expect(!root.isRecording)
        root.setTag("error", true)
        root.end()
        #expect(reporter.spans.isEmpty)
        // Children that start after the eviction are unsampled like any others.
        let counts = metrics.heldCounts
        #expect((1...5).contains(counts["evicted"] ?? 0))
        #expect(counts["discarded"] == 1)
    }

    @Test func `released capacity is used by other traces`() {
        let tracer = tracer(FlightRecorder(maxSpanCount: 1))
        for _ in 0..<1000 {
            let root = tracer.startSpan("root", childOf: nil)
            tracer.startSpan("child", childOf: root).end()
            root.end()
        }
        #expect(metrics.heldCounts == ["discarded": 2000])
    }

    @Test(arguments: [true, false])
    func `sampling priority decides on the whole local trace`(isWanted: Bool) {
        let tracer = tracer()
        let root = tracer.startSpan("root", childOf: nil)
        tracer.startSpan("early", childOf: root).end()
        let child = tracer.startSpan("child", childOf: root)
        child.setTag("before", 1)
        child.setTag("sampling.priority", isWanted ? 1 : 0)
        #expect(child.isRecording == isWanted)
        child.end()
        root.setTag("error", true)
        root.end()
        #expect(names == (isWanted ? ["early", "child", "root"] : []))
        if isWanted {
            #expect(reporter.spans.map(\.flags) == [.sampled, [.sampled, .debug], .sampled])
            #expect(reporter.spans[1][tag: "before"] == 1)
            #expect(reporter.spans[2][tag: "sampler.type"] == nil)
        }
    }

    @Test func `if a deferred sampler decides against a trace, the recorder still holds it`() {
        let tracer = tracer(sampler: ClosureSampler.late(false))
        let root = tracer.startSpan("root", childOf: nil)
        tracer.startSpan("child", childOf: root).end()
        var fields: HeaderList = [:]
        tracer.inject(root.spanContext, into: &fields)
        #expect(root.isRecording)
        root.setTag("error", true)
        root.end()
        #expect(names == ["child", "root"])
        #expect(reporter.spans.last?[tag: "sampler.type"] == "flightrecorder")
    }

    @Test func `negative limits count as zero: nothing is held but the local root is evaluated`() {
        let tracer = tracer(FlightRecorder(maxSpanCount: -1, maxByteCount: -1))
        let root = tracer.startSpan("root", childOf: nil)
        root.setTag("error", true)
        root.end()
        #expect(names == ["root"])
    }
}

import JaegerTracing
import MetricsTestKit
import TestSupport
import Testing
import Tracing

@Suite struct DeferredSamplingTests {
    private let reporter = InMemoryReporter()
    private let metrics = TestMetrics()

    private func tracer(_ sampler: any Sampler) -> JaegerTracer {
        .stub(reporter: reporter, sampler: sampler, metricsFactory: metrics)
    }

    private var names: [String] { reporter.spans.map(\.operationName) }

    /// Decides when the span is named after its route.
    private let routeSampler = ClosureSampler { parameters in
        switch parameters.operationName {
        case "GET /wanted": .scripted(true)
        case "GET /health": .scripted(false)
        default: SamplingDecision(isSampled: parameters.mustDecide, isFinal: false)
        }
    }

    @Test func `a new name triggers the decision, and all spans of the trace are reported`() {
        let tracer = tracer(routeSampler)
        let root = tracer.startSpan("GET", childOf: nil, ofKind: .server)
        #expect(root.isRecording)
        #expect(!root.spanContext.isSampled)
        root.setTag("early", 1)
        let early = tracer.startSpan("early child", childOf: root)
        early.end()
        #expect(reporter.spans.isEmpty)
        root.operationName = "GET /wanted"
        #expect(names == ["early child"])
        let late = tracer.startSpan("late child", childOf: root)
        #expect(late.spanContext.isSampled)
        late.end()
        root.end()
        #expect(names == ["early child", "late child", "GET /wanted"])
        #expect(reporter.spans.allSatisfy { $0.flags == .sampled })
        #expect(reporter.spans[2][tag: "sampler.type"] == "scripted")
        #expect(reporter.spans[2][tag: "early"] == 1)
        #expect(reporter.spans[0][tag: "sampler.type"] == nil)
    }

    @Test func `a decision against the trace discards its spans and stops recording`() {
        let tracer = tracer(routeSampler)
        let root = tracer.startSpan("GET", childOf: nil)
        tracer.startSpan("early", childOf: root).end()
        let open = tracer.startSpan("open", childOf: root)
        root.operationName = "GET /health"
        #expect(!root.isRecording)
        #expect(!open.isRecording)
        #expect(!tracer.startSpan("late", childOf: root).isRecording)
        open.end()
        root.end()
        #expect(reporter.spans.isEmpty)
        #expect(metrics.heldCounts == ["discarded": 3])
    }

    @Test func `a tag of the first span triggers the decision, a tag of another span does not`() {
        let sampler = ClosureSampler { parameters in
            parameters.tags.contains(SpanTag("tier", "gold")) ? .scripted(true) : .undecided
        }
        let tracer = tracer(sampler)
        let root = tracer.startSpan("op", childOf: nil)
        let child = tracer.startSpan("child", childOf: root)
        child.setTag("tier", "gold")
        #expect(!root.spanContext.isSampled)
        root.attributes["tier"] = "gold"
        #expect(root.spanContext.isSampled)
        #expect(child.spanContext.isSampled)
        child.end()
        root.end()
        #expect(names == ["child", "op"])
    }

    @Test func `the sampler sees the first tags immediately`() {
        let sampler = ClosureSampler {
            .scripted($0.tags == [SpanTag("a", 1)] && $0.kind == .client)
        }
        let span = tracer(sampler).startSpan(
            "op", childOf: nil, ofKind: .client, tags: [SpanTag("a", 1)])
        #expect(span.spanContext.isSampled)
        #expect(sampler.received.count == 1)
    }

    @Test(arguments: [true, false])
    func `the sampler must decide when the first span ends`(isSampled: Bool) throws {
        let sampler = ClosureSampler.late(isSampled)
        let tracer = tracer(sampler)
        let root = tracer.startSpan("op", childOf: nil)
        tracer.startSpan("child", childOf: root).end()
        root.setTag("a", 1)
        root.end()
        root.end()
        #expect(names == (isSampled ? ["child", "op"] : []))
        let last = try #require(sampler.received.last)
        #expect(last.mustDecide)
        #expect(last.tags.contains(SpanTag("a", 1)))
        #expect(sampler.received.filter(\.mustDecide).count == 1)
    }

    @Test(arguments: [true, false])
    func `sampling is resolved when a context leaves the process`(isSampled: Bool) {
        let tracer = tracer(ClosureSampler.late(isSampled))
        let root = tracer.startSpan("op", childOf: nil)
        let child = tracer.startSpan("child", childOf: root)
        let context = child.spanContext
        var fields: HeaderList = [:]
        tracer.inject(context, into: &fields)
        #expect(fields["uber-trace-id"]?.hasSuffix(isSampled ? ":1" : ":0") == true)
        #expect(root.isRecording == isSampled)
        var carried: [String: String] = [:]
        tracer.inject(root.context, into: &carried, using: DictionaryCarrier())
        #expect(carried["uber-trace-id"]?.hasSuffix(isSampled ? ":1" : ":0") == true)
        // A copy that was made before has the same decision.
        #expect(tracer.startSpan("late", childOf: context).isRecording == isSampled)
    }

    @Test func `reading an undecided context does not decide`() throws {
        let sampler = ClosureSampler.late(true)
        let root = tracer(sampler).startSpan("op", childOf: nil)
        let asked = sampler.received.count
        let context = root.spanContext
        let ids = "\(root.traceID)-\(root.spanID)"
        #expect(context.description == "\(root.traceID):\(root.spanID):0:0")
        #expect("\(context)" == context.description)
        #expect(String(describing: context) == context.description)
        #expect(context.traceParent == "00-\(ids)-02")
        // B3 can leave the decision open.
        #expect(context.b3 == ids)
        #expect(context.binary[32] == 0)
        #expect(!context.isSampled && !context.isDebug && context.isValid)
        #expect(context.hashValue == context.hashValue)
        #expect(!String(reflecting: context).isEmpty)
        #expect(root.context.spanContext == context)
        #expect(!String(describing: root.context).isEmpty)
        #expect(sampler.received.count == asked)
        #expect(root.isRecording)
        // The decision is still open: another name may trigger it.
        #expect(sampler.received.allSatisfy { !$0.mustDecide })
        root.operationName = "renamed"
        #expect(sampler.received.last?.isRenamed == true)
    }

    @Test(arguments: [true, false])
    func `resolving decides, and the text forms contain the decision`(isSampled: Bool) {
        let sampler = ClosureSampler.late(isSampled)
        let root = tracer(sampler).startSpan("op", childOf: nil)
        let before = root.spanContext
        let resolved = before.resolveSampling()
        #expect(resolved.isSampled == isSampled)
        #expect(root.isRecording == isSampled)
        // A context is a value: one that was created before contains the previous state.
        #expect(before.description.hasSuffix(":0"))
        #expect(before.b3 == "\(root.traceID)-\(root.spanID)")
        for context in [
            resolved, root.spanContext, root.resolveSampling(), before.resolveSampling(),
        ] {
            #expect(context.description.hasSuffix(isSampled ? ":1" : ":0"))
            #expect(SpanContext(traceParent: context.traceParent)?.isSampled == isSampled)
            #expect(context.b3?.hasSuffix(isSampled ? "-1" : "-0") == true)
            #expect(context.binary[32] == (isSampled ? 1 : 0))
        }
        // The second call does not call the sampler.
        #expect(before.resolveSampling() == resolved)
        #expect(sampler.received.filter(\.mustDecide).count == 1)
    }

    @Test(arguments: [true, false])
    func `a context outlives the spans of its trace`(isSampled: Bool) {
        let tracer = tracer(ClosureSampler.late(isSampled))
        var contexts: [SpanContext] = []
        for _ in 0..<3 {
            let root = tracer.startSpan("op", childOf: nil)
            contexts.append(root.spanContext)
            root.end()
        }
        for context in contexts {
            #expect(!context.isSampled)
            #expect(context.resolveSampling().isSampled == isSampled)
            let child = tracer.startSpan("later", childOf: context)
            #expect(child.isRecording == isSampled)
            #expect(child.traceID == context.traceID)
            #expect(child.spanContext.isSampled == isSampled)
            child.end()
        }
    }

    @Test func `a context of a trace that was released without a decision is not sampled`() {
        let tracer = tracer(ClosureSampler.late(true))
        // The span never ended, so it was never decided on.
        let context = tracer.startSpan("op", childOf: nil).spanContext
        #expect(!context.resolveSampling().isSampled)
        #expect(!tracer.startSpan("child", childOf: context).isRecording)
    }

    @Test func `two traces with the same id in this process are distinguished`() {
        let tracer = tracer(ClosureSampler.late(true))
        let remote = SpanContext(
            traceID: TraceID(low: 1), spanID: SpanID(2), isRemote: true, isSamplingDeferred: true)
        let one = tracer.startSpan("one", childOf: remote)
        let other = tracer.startSpan("other", childOf: remote)
        let child = tracer.startSpan("child", childOf: one.spanContext)
        other.setTag("sampling.priority", 0)
        #expect(child.isRecording)
        child.end()
        #expect(names.isEmpty, "its trace is not decided on")
        one.end()
        #expect(names == ["child", "one"])
        other.end()
    }

    @Test func `a context of another process needs no resolution`() {
        let context = SpanContext(traceID: TraceID(low: 1), spanID: SpanID(2), flags: .sampled)
        #expect(context.resolveSampling() == context)
    }

    @Test(arguments: [PropagationFormat.b3, .b3Multi, .jaeger, .traceContext])
    func `every format is injected with the decision`(format: PropagationFormat) {
        let tracer = JaegerTracer.stub(
            reporter: reporter, sampler: ClosureSampler.late(true),
            propagation: Propagation(formats: [format]))
        let root = tracer.startSpan("op", childOf: nil)
        var fields: HeaderList = [:]
        tracer.inject(root.spanContext, into: &fields)
        #expect(tracer.extract(from: fields)?.isSampled == true)
        var map: [String: String] = [:]
        let other = tracer.startSpan("other", childOf: nil)
        tracer.inject(other.spanContext, intoTextMap: &map)
        #expect(tracer.extract(fromTextMap: map)?.isSampled == true)
    }

    @Test func `a received decision is final`() {
        let sampler = ClosureSampler.late(true)
        let tracer = tracer(sampler)
        for flags in [TraceFlags.sampled, []] {
            let parent = SpanContext(
                traceID: TraceID(low: 1), spanID: SpanID(2), flags: flags, isRemote: true)
            tracer.startSpan("op", childOf: parent).end()
        }
        // `b3: 0` and `b3: 1`: a decision without a trace.
        for flags in [TraceFlags.sampled, []] {
            let parent = SpanContext(
                traceID: TraceID(low: 0), spanID: SpanID(0), flags: flags, isRemote: true,
                isSamplingDeferred: false)
            tracer.startSpan("new", childOf: parent).end()
        }
        #expect(sampler.received.isEmpty)
        #expect(names == ["op", "new"])
    }

    @Test func `a received trace without a decision is joined, and the sampler decides`() {
        let sampler = ClosureSampler.late(true)
        let tracer = tracer(sampler)
        let parent = SpanContext(
            traceID: TraceID(low: 1), spanID: SpanID(2), isRemote: true, isSamplingDeferred: true)
        let span = tracer.startSpan("op", childOf: parent, ofKind: .server)
        #expect(span.traceID == TraceID(low: 1))
        #expect(span.parentID == SpanID(2))
        span.end()
        #expect(reporter.spans.first?[tag: "sampler.type"] == "scripted")
        #expect(reporter.spans.first?.isParentRemote == true)
    }

    @Test(arguments: [true, false])
    func `sampling priority decides before the sampler does`(isWanted: Bool) {
        let tracer = tracer(ClosureSampler.late(!isWanted))
        let root = tracer.startSpan("op", childOf: nil)
        tracer.startSpan("early", childOf: root).end()
        let child = tracer.startSpan("child", childOf: root)
        root.setTag("sampling.priority", isWanted ? 1 : 0)
        child.end()
        root.end()
        #expect(names == (isWanted ? ["early", "child", "op"] : []))
        #expect(reporter.spans.last?.flags == (isWanted ? [.sampled, .debug] : nil))
    }

    @Test func `the number of held spans is limited: the sampler must decide on the oldest trace`()
    {
        let recorder = FlightRecorder(maxSpanCount: 2)
        let sampler = ClosureSampler { parameters in
            parameters.mustDecide ? .scripted(parameters.operationName == "wanted") : .undecided
        }
        let tracer = JaegerTracer.stub(
            reporter: reporter, sampler: sampler, flightRecorder: recorder,
            metricsFactory: metrics)
        let roots = ["wanted", "not wanted", "young"].map { tracer.startSpan($0, childOf: nil) }
        for root in roots {
            tracer.startSpan("child of \(root.operationName)", childOf: root).end()
        }
        #expect(names == ["child of wanted"])
        #expect(roots[0].spanContext.isSampled)
        tracer.startSpan("child", childOf: roots[2]).end()
        #expect(!roots[1].isRecording)
        #expect(metrics.heldCounts == ["reported": 1, "evicted": 1])
        for root in roots { root.end() }
        #expect(metrics.startedCount == metrics.finishedCount)
    }

    @Test func `spans and traces are counted as delayed until the decision`() {
        let tracer = tracer(ClosureSampler.late(true))
        let root = tracer.startSpan("op", childOf: nil)
        tracer.startSpan("child", childOf: root).end()
        root.end()
        #expect(metrics.count("traces", ("state", "started"), ("sampled", "delayed")) == 1)
        #expect(metrics.count("started_spans", ("sampled", "delayed")) == 2)
        #expect(metrics.startedCount == 2)
        #expect(metrics.finishedCount == 2)
        #expect(metrics.heldCounts == ["reported": 2])
    }
}

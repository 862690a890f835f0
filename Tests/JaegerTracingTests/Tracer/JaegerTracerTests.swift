import JaegerTracing
import TestSupport
import Testing
import Tracing

@Suite(.finishes(within: .seconds(60))) struct JaegerTracerTests {
    private let reporter = InMemoryReporter()
    private let carrier = DictionaryCarrier()

    private func tracer(_ sampler: any Sampler = ConstSampler(true)) -> JaegerTracer {
        .stub(reporter: reporter, sampler: sampler)
    }

    @Test func `spans within spans are parent and child`() throws {
        let tracer = tracer()
        tracer.withSpan("outer", context: .topLevel) { _ in
            tracer.withSpan("inner", ofKind: .client) { _ in }
        }
        let spans = reporter.spans
        try #require(spans.map(\.operationName) == ["inner", "outer"])
        #expect(spans[0].traceID == spans[1].traceID)
        #expect(spans[0].parentID == spans[1].spanID)
        #expect(spans[1].parentID == nil)
        #expect(spans[0][tag: "span.kind"] == "client")
        #expect(spans[1][tag: "span.kind"] == "internal")
        #expect(spans[1].traceID.high != 0)
        #expect(spans[0].spanID != spans[1].spanID)
        #expect(spans[0].process.serviceName == "stub")
    }

    @Test func `a new trace adopts no trace state`() {
        var parent = SpanContext(baggage: ["k": "v"])
        parent.traceState = TraceState("a=b")
        let span = tracer().startSpan("op", childOf: parent)
        #expect(span.spanContext.traceState == nil)
        #expect(span.spanContext.baggage == ["k": "v"])
    }

    @Test func `child tasks inherit the trace, and so do spans created in them`() async throws {
        let tracer = tracer()
        await tracer.withSpan("outer", context: .topLevel) { _ in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask { await tracer.withSpan("child") { _ in await Task.yield() } }
                }
            }
        }
        let spans = reporter.spans
        let outer = try #require(spans.last)
        #expect(spans.count == 11)
        #expect(Set(spans.map(\.traceID)) == [outer.traceID])
        #expect(spans.dropLast().allSatisfy { $0.parentID == outer.spanID })
        #expect(Set(spans.map(\.spanID)).count == 11)
    }

    @Test func `it is a tracer for the functions of swift-distributed-tracing`() throws {
        withTracer(tracer()) {
            withSpan("outer", context: .topLevel) { span in
                span.attributes["answer"] = 42
                let inner = startSpan("inner")
                inner.end()
            }
        }
        try #require(reporter.spans.map(\.operationName) == ["inner", "outer"])
        #expect(reporter.spans[0].parentID == reporter.spans[1].spanID)
        #expect(reporter.spans[1][tag: "answer"] == 42)
    }

    @Test func `an unsampled trace has a context and children but no reports`() throws {
        let sampler = ScriptedSampler(false)
        let tracer = tracer(sampler)
        tracer.withSpan("outer", context: .topLevel) { outer in
            #expect(!outer.isRecording)
            #expect(outer.spanContext.isValid)
            outer.setTag("a", 1)
            outer.log(event: "e")
            tracer.withSpan("inner") { inner in
                #expect(inner.traceID == outer.traceID)
                #expect(inner.parentID == outer.spanID)
                var carried: [String: String] = [:]
                tracer.inject(inner.context, into: &carried, using: carrier)
                #expect(carried["uber-trace-id"]?.hasSuffix(":0") == true)
            }
        }
        #expect(reporter.spans.isEmpty)
        #expect(sampler.operationNames == ["outer"])
    }

    @Test func `only the first span of a trace has the sampler's tags`() throws {
        let tracer = tracer()
        tracer.withSpan("outer", context: .topLevel) { _ in tracer.withSpan("inner") { _ in } }
        #expect(reporter.spans[1][tag: "sampler.type"] == "const")
        #expect(reporter.spans[1][tag: "sampler.param"] == true)
        #expect(reporter.spans[0][tag: "sampler.type"] == nil)
    }

    @Test func `a received trace is joined with its decision and baggage`() throws {
        let sampler = ScriptedSampler(false)
        let tracer = tracer(sampler)
        let fields: HeaderList = ["uber-trace-id": "a:b:c:1", "uberctx-k": "v"]
        let parent = try #require(tracer.extract(from: fields))
        let span = tracer.startSpan("op", childOf: parent, ofKind: .server)
        #expect(span.baggageItem("K") == "v")
        span.end()
        #expect(sampler.operationNames.isEmpty)
        let finished = try #require(reporter.spans.first)
        #expect(finished.traceID == TraceID(low: 0xa))
        #expect(finished.parentID == SpanID(0xb))
        #expect(finished.flags == .sampled)
        #expect(finished.tags == [SpanTag("span.kind", "server")])
    }

    @Test func `a received unsampled trace remains unsampled`() throws {
        let tracer = tracer()
        let parent = tracer.extract(from: ["uber-trace-id": "a:b:0:0"] as HeaderList)
        let span = tracer.startSpan("op", childOf: parent)
        #expect(!span.isRecording)
        #expect(span.traceID == TraceID(low: 0xa))
    }

    @Test func `generic extraction and injection propagate the trace`() throws {
        let tracer = tracer()
        var context = ServiceContext.topLevel
        tracer.extract(
            ["uber-trace-id": "a:b:0:1", "jaeger-baggage": "k=v", "uberctx-x": "unseen"],
            into: &context, using: carrier)
        let span = tracer.startSpan("op", context: context)
        #expect(span.traceID == TraceID(low: 0xa))
        span.setBaggageItem("own", "1 2")
        var carried = ["uber-trace-id": "old"]
        tracer.inject(span.context, into: &carried, using: carrier)
        let id = span.spanID.description
        #expect(
            carried == [
                "uber-trace-id": "000000000000000a:\(id):000000000000000b:1",
                "traceparent": "00-0000000000000000000000000000000a-\(id)-01",
                "baggage": "k=v,own=1%202", "uberctx-k": "v", "uberctx-own": "1%202",
            ])
    }

    @Test func `without a received context the service context is unchanged`() {
        let tracer = tracer()
        var context = ServiceContext.topLevel
        tracer.extract(["host": "x"], into: &context, using: carrier)
        #expect(context.isEmpty)
        var carried: [String: String] = [:]
        tracer.inject(context, into: &carried, using: carrier)
        #expect(carried.isEmpty)
    }

    @Test func `a debug id bypasses the sampler and is only a tag of the root`() throws {
        let sampler = ScriptedSampler(false)
        let tracer = tracer(sampler)
        let received = tracer.extract(from: ["jaeger-debug-id": "bug"] as HeaderList)
        let root = tracer.startSpan("root", childOf: received)
        let child = tracer.startSpan("child", context: root.context)
        #expect(root.spanContext.flags == [.sampled, .debug])
        #expect(root.spanContext.description.hasSuffix(":0:3"))
        child.end()
        root.end()
        #expect(sampler.operationNames.isEmpty)
        #expect(reporter.spans[1][tag: "jaeger-debug-id"] == "bug")
        #expect(reporter.spans[1][tag: "sampler.type"] == nil)
        #expect(reporter.spans[1].parentID == nil)
        #expect(reporter.spans[0][tag: "jaeger-debug-id"] == nil)
        #expect(reporter.spans[0].flags == [.sampled, .debug])
    }

    @Test(arguments: [true, false])
    func `baggage without a trace starts a trace that the sampler decides on`(isSampled: Bool)
        throws
    {
        let sampler = ScriptedSampler(isSampled)
        let tracer = tracer(sampler)
        let received = tracer.extract(from: ["jaeger-baggage": "k=v"] as HeaderList)
        let span = tracer.startSpan("op", childOf: received)
        #expect(sampler.operationNames == ["op"])
        #expect(span.isRecording == isSampled)
        #expect(span.parentID == nil)
        #expect(span.baggageItem("k") == "v")
    }

    @Test func `64-bit traces have no upper half`() {
        let tracer = JaegerTracer.stub(traceIDWidth: .bits64)
        let span = tracer.startSpan("op", childOf: nil)
        #expect(span.traceID.high == 0)
        #expect(span.traceID.description.utf8.count == 16)
    }

    @Test func `the span of a context is found until it ends`() {
        let tracer = tracer()
        let span = tracer.startSpan("op", context: .topLevel)
        let context = span.context
        #expect(tracer.activeSpan(identifiedBy: context) === span)
        #expect(JaegerTracer.stub().activeSpan(identifiedBy: context) == nil)
        #expect(tracer.activeSpan(identifiedBy: .topLevel) == nil)
        span.end()
        #expect(tracer.activeSpan(identifiedBy: context) == nil)
        #expect(context.spanContext?.spanID == span.spanID)
    }

    @Test func `other values of the service context are passed on`() {
        enum OtherKey: ServiceContextKey { typealias Value = String }
        let tracer = tracer()
        var context = ServiceContext.topLevel
        context[OtherKey.self] = "other"
        let outer = tracer.startSpan("outer", context: context)
        let inner = tracer.startSpan("inner", context: outer.context)
        #expect(inner.context[OtherKey.self] == "other")
        #expect(inner.context.jaegerSpan === inner)
        #expect(inner.parentID == outer.spanID)
    }

    @Test func `a chain of spans does not keep its ancestors alive`() {
        let tracer = JaegerTracer.stub()
        weak var first: JaegerSpan?
        var span = tracer.startSpan("first", context: .topLevel)
        first = span
        for _ in 0..<10 {
            let next = tracer.startSpan("next", context: span.context)
            span.end()
            span = next
        }
        span.end()
        #expect(first == nil)
    }

    @Test func `process tags contain host and version, custom ones take precedence`() throws {
        let tags = JaegerTracer.stub(processTags: [
            SpanTag("hostname", "mine"), SpanTag("zone", "a"),
        ])
        .process.tags
        #expect(tags.filter { $0.key == "hostname" } == [SpanTag("hostname", "mine")])
        #expect(tags.contains(SpanTag("zone", "a")))
        let version = try #require(tags.first { $0.key == "jaeger.version" })
        #expect(version.value.text.hasPrefix("Spoor-"))
    }

    @Test func `a parent that does not wait is added as a reference`() throws {
        let tracer = tracer()
        let first = tracer.startSpan("first", childOf: nil)
        tracer.startSpan("second", references: [.followsFrom(first.spanContext)]).end()
        let second = try #require(reporter.spans.first)
        #expect(second.parentID == first.spanID)
        #expect(
            second.references
                == [
                    SpanReference(
                        .followsFrom, traceID: first.traceID, spanID: first.spanID,
                        flags: .sampled, hasRandomTraceID: true, isRemote: false)
                ])
        #expect(second.hasRandomTraceID)
    }

    @Test func `the debug flag alone means sampled`() {
        let parent = SpanContext(traceID: TraceID(low: 1), spanID: SpanID(2), flags: .debug)
        #expect(tracer().startSpan("op", childOf: parent).isRecording)
    }

    @Test func `a flush reaches the reporter, with and without waiting`() async {
        let flushed = FlushCounter()
        let tracer = JaegerTracer.stub(reporter: CompositeReporter([NullReporter(), flushed]))
        await tracer.flush()
        #expect(flushed.count == 1)
        #expect(flushed.requestedCount == 0)
        let flushWithoutWaiting: () -> Void = { tracer.forceFlush() }
        flushWithoutWaiting()
        #expect(flushed.count == 1)
        #expect(flushed.requestedCount == 1)
    }
}

import JaegerTracing
import Testing
import Tracing

@Suite struct CausalReferenceTests {
    private let reporter = InMemoryReporter()

    private func context(_ id: UInt64, baggage: Baggage = [:]) -> SpanContext {
        SpanContext(
            traceID: TraceID(low: id), spanID: SpanID(id), flags: .sampled, baggage: baggage)
    }

    private func start(_ references: [CausalReference]) throws -> FinishedSpan {
        JaegerTracer.stub(reporter: reporter).startSpan("op", references: references).end()
        return try #require(reporter.spans.first)
    }

    private func reference(_ kind: SpanReference.Kind, _ id: UInt64) -> SpanReference {
        SpanReference(
            kind, traceID: TraceID(low: id), spanID: SpanID(id), flags: .sampled, isRemote: false)
    }

    @Test func `the first parent is the parent, the others are added as references`() throws {
        let span = try start([
            .followsFrom(context(1)), .childOf(context(2)), .childOf(context(3)),
        ])
        #expect(span.traceID == TraceID(low: 2))
        #expect(span.parentID == SpanID(2))
        #expect(span.references == [reference(.followsFrom, 1), reference(.childOf, 3)])
    }

    @Test func `without a parent the first reference is inherited from, and added`() throws {
        let span = try start([.followsFrom(context(1)), .followsFrom(context(2))])
        #expect(span.traceID == TraceID(low: 1))
        #expect(span.parentID == SpanID(1))
        #expect(span.references == [reference(.followsFrom, 1), reference(.followsFrom, 2)])
    }

    @Test func `a parent without a valid trace is skipped`() throws {
        let span = try start([.childOf(SpanContext(baggage: ["k": "v"])), .followsFrom(context(2))])
        #expect(span.traceID == TraceID(low: 2))
        #expect(span.references == [reference(.followsFrom, 2)])
    }

    @Test func `without any valid trace, a new one adopts the baggage`() {
        let span = JaegerTracer.stub().startSpan(
            "op", references: [.childOf(SpanContext(baggage: ["k": "v"]))])
        #expect(span.parentID == nil)
        #expect(span.baggageItem("k") == "v")
    }

    @Test func `without references a new trace is started`() throws {
        #expect(try start([]).parentID == nil)
    }

    @Test func `a link keeps its attributes and may be a parent`() throws {
        let tracer = JaegerTracer.stub(
            reporter: reporter, limits: SpanLimits(maxLogFieldCount: 2, maxTagValueBytes: 3))
        let span = tracer.startSpan("op", childOf: nil)
        var other = ServiceContext.topLevel
        other.spanContext = context(7)
        span.addLink(SpanLink(context: other, attributes: ["a": "long", "b": 1, "c": 2]))
        span.addLink(
            SpanLink(context: other, attributes: ["opentracing.ref_type": "child_of"]))
        span.end()
        var follows = reference(.followsFrom, 7)
        follows.tags = [SpanTag("a", "lon"), SpanTag("b", 1)]
        #expect(reporter.spans.first?.references.first == follows)
    }

    @Test func `a link becomes a parent by an attribute`() throws {
        let span = JaegerTracer.stub(reporter: reporter).startSpan("op", childOf: nil)
        var other = ServiceContext.topLevel
        other.spanContext = context(7)
        span.addLink(
            SpanLink(context: other, attributes: ["opentracing.ref_type": "child_of"]))
        span.end()
        #expect(reporter.spans.first?.references.first?.kind == .childOf)
    }
}

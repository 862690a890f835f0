import JaegerTracing
import Testing
import Tracing

@Suite struct SpanTimeTests {
    private let reporter = InMemoryReporter()

    private struct OtherInstant: TracerInstant {
        let nanosecondsSinceEpoch: UInt64

        static func < (first: Self, second: Self) -> Bool {
            first.nanosecondsSinceEpoch < second.nanosecondsSinceEpoch
        }
    }

    private func at(_ nanoseconds: UInt64) -> DefaultTracerClock.Timestamp {
        DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: nanoseconds)
    }

    @Test func `instants of the caller are used with nanoseconds`() throws {
        let tracer = JaegerTracer.stub(reporter: reporter)
        tracer.startSpan("op", context: .topLevel, at: at(1_000)).end(at: at(3_500))
        let span = try #require(reporter.spans.first)
        #expect(span.startNanosecondsSinceEpoch == 1_000)
        #expect(span.durationNanoseconds == 2_500)
    }

    @Test func `instants of another clock are used, too`() throws {
        let tracer = JaegerTracer.stub(reporter: reporter)
        let start = OtherInstant(nanosecondsSinceEpoch: 5)
        tracer.startSpan("op", context: .topLevel, at: start)
            .end(at: OtherInstant(nanosecondsSinceEpoch: 8))
        #expect(reporter.spans.first?.durationNanoseconds == 3)
    }

    @Test(arguments: [0, 5, 9] as [UInt64])
    func `an end before the start results in a duration of zero`(end: UInt64) throws {
        let tracer = JaegerTracer.stub(reporter: reporter)
        tracer.startSpan("op", context: .topLevel, at: at(10)).end(at: at(end))
        #expect(reporter.spans.first?.durationNanoseconds == 0)
    }

    @Test(arguments: [0, .max, 1 << 63] as [UInt64])
    func `meaningless instants do not trap`(instant: UInt64) {
        let tracer = JaegerTracer.stub(reporter: reporter)
        tracer.startSpan("op", context: .topLevel, at: at(instant)).end()
        tracer.startSpan("op", context: .topLevel).end(at: at(instant))
        tracer.startSpan("op", context: .topLevel, at: OtherInstant(nanosecondsSinceEpoch: instant))
            .end()
        #expect(reporter.spans.count == 3)
    }

    @Test func `a start in the past counts for the duration`() throws {
        let tracer = JaegerTracer.stub(reporter: reporter)
        let start = DefaultTracerClock.now.nanosecondsSinceEpoch - 5_000_000_000
        tracer.startSpan("op", context: .topLevel, at: at(start)).end()
        let span = try #require(reporter.spans.first)
        #expect(span.startNanosecondsSinceEpoch == start)
        #expect(span.durationNanoseconds >= 4_000_000_000)
    }

    @Test func `without instants the start is read from the wall clock`() throws {
        let before = DefaultTracerClock.now.nanosecondsSinceEpoch
        JaegerTracer.stub(reporter: reporter).startSpan("op", childOf: nil).end()
        let span = try #require(reporter.spans.first)
        #expect(span.startNanosecondsSinceEpoch >= before)
        #expect(span.startNanosecondsSinceEpoch <= DefaultTracerClock.now.nanosecondsSinceEpoch)
    }
}

import JaegerTracing
import MetricsTestKit
import Synchronization
import TestSupport
import Testing
import Tracing

@Suite(.finishes(within: .seconds(60))) struct LocalTraceRaceTests {
    private let reporter = InMemoryReporter(maxSpanCount: 1_000_000)
    private let metrics = TestMetrics()

    /// Runs the bodies concurrently, on threads of the cooperative pool.
    private func race(_ bodies: [@Sendable () -> Void]) async {
        await withTaskGroup(of: Void.self) { group in
            for body in bodies { group.addTask { body() } }
        }
    }

    @Test(arguments: 0..<3) func `every started span ends, and every held span has one result`(
        seed: Int
    ) async {
        let tracer = JaegerTracer.stub(
            reporter: reporter, sampler: ConstSampler(false),
            flightRecorder: FlightRecorder(maxSpanCount: 20 + seed), metricsFactory: metrics)
        let rounds = 300
        for round in 0..<rounds {
            let root = tracer.startSpan("root", childOf: nil)
            let children = (0..<4).map { _ in tracer.startSpan("child", childOf: root) }
            var bodies: [@Sendable () -> Void] = children.enumerated().map { index, child in
                {
                    child.setTag("n", index)
                    if (round + index) % 5 == 0 { child.setTag("error", true) }
                    child.end()
                    child.setTag("late", true)
                    child.end()
                }
            }
            bodies.append {
                tracer.startSpan("grandchild", childOf: children[0]).end()
                root.end()
                root.end()
            }
            bodies.append { root.setTag("sampling.priority", round % 7 == 0 ? 1 : "none") }
            await race(bodies)
        }
        let spanCount = Int64(rounds * 6)
        #expect(metrics.startedCount == spanCount)
        #expect(metrics.finishedCount == spanCount)
        #expect(Set(reporter.spans.map(\.spanID)).count == reporter.spans.count)
        #expect(reporter.spans.allSatisfy { $0.flags.contains(.sampled) })
        #expect(reporter.spans.allSatisfy { $0[tag: "late"] == nil })
        // Within a trace, spans that were reported by the end of the local root are reported before it.
        let held = metrics.heldCounts.values.reduce(0, +)
        #expect(held <= spanCount)
        #expect(reporter.spans.count >= Int(metrics.heldCounts["reported"] ?? 0))
    }

    @Test func `if the local root ends while its children end, all or none are reported`() async {
        let tracer = JaegerTracer.stub(
            reporter: reporter, sampler: ConstSampler(false), flightRecorder: FlightRecorder(),
            metricsFactory: metrics)
        for round in 0..<500 {
            let root = tracer.startSpan("root", childOf: nil)
            let children = (0..<3).map { _ in tracer.startSpan("child", childOf: root) }
            if round % 2 == 0 { root.setTag("error", true) }
            await race(children.map { child in { @Sendable in child.end() } } + [{ root.end() }])
            let count = reporter.spans.filter { $0.traceID == root.traceID }.count
            #expect(count == (round % 2 == 0 ? 4 : 0))
            if round % 50 == 0 { reporter.removeAll() }
        }
        #expect(metrics.heldCounts.values.reduce(0, +) == 2000)
        #expect(metrics.heldCounts["reported"] == 1000)
        #expect(metrics.heldCounts["evicted"] == nil)
    }

    @Test(arguments: [true, false])
    func `a decision while spans end loses no span`(isSampled: Bool) async {
        let sampler = ClosureSampler { parameters in
            parameters.operationName == "routed" || parameters.mustDecide
                ? .scripted(isSampled) : .undecided
        }
        let tracer = JaegerTracer.stub(
            reporter: reporter, sampler: sampler, metricsFactory: metrics)
        for _ in 0..<500 {
            let root = tracer.startSpan("root", childOf: nil)
            let children = (0..<3).map { _ in tracer.startSpan("child", childOf: root) }
            await race(
                children.map { child in { @Sendable in child.end() } } + [
                    { root.operationName = "routed" },
                    {
                        var fields: HeaderList = [:]
                        tracer.inject(children[0].spanContext, into: &fields)
                        #expect(
                            fields["uber-trace-id"]?.hasSuffix(isSampled ? ":1" : ":0") == true)
                    },
                    { root.setTag("a", 1) },
                ])
            root.end()
        }
        #expect(reporter.spans.count == (isSampled ? 2000 : 0))
        #expect(metrics.finishedCount == 2000)
        #expect(metrics.heldCounts.values.reduce(0, +) == 2000)
        #expect(
            reporter.spans.filter { $0[tag: "sampler.type"] == "scripted" }.count
                == (isSampled ? 500 : 0))
    }

    @Test func `a change that races with the end is recorded completely or not at all`()
        async throws
    {
        let tracer = JaegerTracer.stub(reporter: reporter, metricsFactory: metrics)
        for _ in 0..<300 {
            let span = tracer.startSpan("op", childOf: nil)
            await race([
                { span.end() }, { span.end() },
                { span.setTag("a", 1) },
                { span.setStatus(SpanStatus(code: .error, message: "m")) },
                { span.log(event: "e") },
                { span.setTag("sampling.priority", 1) },
            ])
        }
        #expect(reporter.spans.count == 300)
        #expect(metrics.finishedCount == 300)
        for span in reporter.spans {
            #expect((span[tag: "error"] == nil) == (span[tag: "otel.status_description"] == nil))
            #expect(span.flags.contains(.debug) || span[tag: "sampling.priority"] == nil)
        }
    }

    @Test func `no lock is held while samplers, reporters and observers are called`() {
        let current = CurrentSpan()
        let tracer = JaegerTracer.stub(
            reporter: current,
            sampler: ClosureSampler { parameters in
                current.use()
                return parameters.mustDecide ? .scripted(false) : .undecided
            },
            flightRecorder: FlightRecorder(maxSpanCount: 4), observer: current,
            metricsFactory: metrics)
        for round in 0..<10 {
            let root = tracer.startSpan("root", childOf: nil)
            current.span.withLock { $0 = root }
            let children = (0..<4).map { _ in tracer.startSpan("child", childOf: root) }
            root.operationName = "routed"
            root.setTag("error", true)
            if round % 2 == 0 { root.resolveSampling() }
            // The fifth span exceeds the limit of the recorder: the trace must release its spans.
            for child in children { child.end() }
            root.setTag("sampling.priority", round % 3)
            root.end()
        }
        #expect(current.useCount > 100)
    }
}

/// Acquires all locks of a span and its trace when the tracer calls it, on the calling thread.
private final class CurrentSpan: SpanReporter, SpanObserver {
    let span = Mutex<JaegerSpan?>(nil)
    private let uses = Mutex(0)

    var useCount: Int { uses.withLock { $0 } }

    func use() {
        guard let span = span.withLock({ $0 }) else { return }
        uses.withLock { $0 += 1 }
        span.setBaggageItem("k", "v")
        #expect(span.spanContext.traceID == span.traceID)
    }

    func report(_ span: FinishedSpan) { use() }
    func spanStarted(_ span: JaegerSpan) { use() }
    func spanEnded(_ span: JaegerSpan, as finished: FinishedSpan?) { use() }
}

import JaegerTracing
import Logging
import SpoorTesting
import Synchronization
import TestSupport
import Testing
import Tracing

@Suite struct ReporterTests {
    @Test func `the in-memory reporter keeps no more spans than its limit`() {
        let reporter = InMemoryReporter(maxSpanCount: 2)
        let tracer = JaegerTracer.stub(reporter: reporter)
        for name in ["a", "b", "c"] { tracer.startSpan(name, childOf: nil).end() }
        #expect(reporter.spans.map(\.operationName) == ["a", "b"])
        #expect(reporter.droppedCount == 1)
        reporter.removeAll()
        #expect(reporter.spans.isEmpty)
        #expect(reporter.droppedCount == 0)
    }

    @Test func `a composite reporter reports to all, in order`() {
        let first = InMemoryReporter()
        let second = InMemoryReporter()
        let tracer = JaegerTracer.stub(reporter: CompositeReporter([first, second]))
        tracer.startSpan("op", childOf: nil).end()
        #expect(first.spans.count == 1)
        #expect(second.spans.count == 1)
    }

    @Test(.finishes(within: .seconds(60)))
    func `a composite reporter flushes and closes all reporters concurrently`() async {
        // Each waits until the other has started.
        let begun = Gate()
        let met = Gate()
        let waiting = Meeting(comes: met, waitsFor: begun)
        let other = Meeting(comes: begun, waitsFor: met)
        let composite = CompositeReporter([waiting, other])
        await composite.forceFlush()
        await composite.shutdown(timeout: .seconds(7))
        #expect(waiting.timeouts == [.seconds(7)])
        #expect(other.timeouts == [.seconds(7)])
        let counter = FlushCounter()
        await counter.shutdown()
        #expect(counter.count == 1)
    }

    @Test func `the logging reporter logs a line for each span`() {
        let log = LogRecorder()
        let tracer = JaegerTracer.stub(reporter: LoggingReporter(logger: log.logger))
        let span = tracer.startSpan("op", childOf: nil)
        span.end()
        #expect(log.lines.count == 1)
        #expect(log.lines.first?.metadata["operation"] == "op")
        #expect(log.lines.first?.metadata["trace_id"] == "\(span.traceID)")
    }

    @Test func `log lines within a span contain its ids`() {
        let tracer = JaegerTracer.stub()
        #expect(ServiceContext.withValue(nil) { Logger.MetadataProvider.jaeger.get() }.isEmpty)
        tracer.withSpan("op", context: .topLevel) { span in
            #expect(
                Logger.MetadataProvider.jaeger.get()
                    == ["trace_id": "\(span.traceID)", "span_id": "\(span.spanID)"])
        }
    }
}

/// A reporter whose flush and close return when those of another reporter have started.
private final class Meeting: SpanReporter {
    private let comes: Gate
    private let waitsFor: Gate
    private let closed = Mutex<[Duration?]>([])

    init(comes: Gate, waitsFor: Gate) {
        self.comes = comes
        self.waitsFor = waitsFor
    }

    var timeouts: [Duration?] { closed.withLock { $0 } }

    func report(_ span: FinishedSpan) {}

    func forceFlush() async {
        comes.admit()
        try? await waitsFor.wait()
    }

    func shutdown(timeout: Duration?) async {
        closed.withLock { $0.append(timeout) }
        await forceFlush()
    }
}

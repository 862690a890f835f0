import JaegerTracing
import Synchronization
import TestSupport
import Testing
import Tracing

@Suite struct TracerOptionTests {
    private let reporter = InMemoryReporter()
    private let remote = SpanContext(
        traceID: TraceID(low: 1), spanID: SpanID(2), parentID: SpanID(3), flags: .sampled,
        isRemote: true)

    @Test func `a server can share the client's span id`() throws {
        let tracer = JaegerTracer.stub(reporter: reporter, usesZipkinSharedSpans: true)
        let server = tracer.startSpan("server", childOf: remote, ofKind: .server)
        #expect(server.spanID == SpanID(2))
        #expect(server.parentID == SpanID(3))
        let client = tracer.startSpan("client", childOf: server, ofKind: .client)
        #expect(client.spanID != server.spanID)
        #expect(client.parentID == server.spanID)
        #expect(tracer.startSpan("local", childOf: server, ofKind: .server).spanID != server.spanID)
        #expect(
            tracer.startSpan("consumer", childOf: remote, ofKind: .consumer).spanID != SpanID(2))
    }

    @Test func `it does not share it by default`() {
        let server = JaegerTracer.stub().startSpan("server", childOf: remote, ofKind: .server)
        #expect(server.spanID != SpanID(2))
        #expect(server.parentID == SpanID(2))
    }

    @Test func `every tracer has a separate id in its process tags`() throws {
        let ids = (0..<2).map { _ in
            JaegerTracer.stub().process.tags.first { $0.key == "client-uuid" }?.value.text
        }
        #expect(ids[0]?.utf8.count == 16)
        #expect(ids[0] != ids[1])
    }

    @Test func `the firehose flag is propagated, with or without a decision`() {
        let tracer = JaegerTracer.stub(reporter: reporter)
        let parent = tracer.extract(from: ["uber-trace-id": "1:2:0:9"] as HeaderList)
        let span = tracer.startSpan("op", childOf: parent)
        #expect(span.spanContext.flags == [.sampled, .firehose])
        span.end()
        #expect(reporter.spans.first?.flags == [.sampled, .firehose])
        let own = tracer.startSpan("op", childOf: nil)
        own.setFirehose()
        #expect(tracer.startSpan("child", childOf: own).spanContext.flags == [.sampled, .firehose])
    }

    @Test func `a parent of another process is marked as remote`() throws {
        let tracer = JaegerTracer.stub(reporter: reporter)
        let local = tracer.startSpan("local root", childOf: remote)
        tracer.startSpan("child", childOf: local).end()
        local.end()
        tracer.startSpan("new", childOf: nil).end()
        #expect(reporter.spans.map(\.isParentRemote) == [false, true, false])
    }

    @Test func `new traces have random ids, others keep the received flag`() {
        let tracer = JaegerTracer.stub()
        #expect(tracer.startSpan("op", childOf: nil).spanContext.hasRandomTraceID)
        #expect(!tracer.startSpan("op", childOf: remote).spanContext.hasRandomTraceID)
    }

    @Test func `an observer is notified of every span, with what was recorded`() {
        final class Observer: SpanObserver {
            let notes = Mutex<[String]>([])
            func spanStarted(_ span: JaegerSpan) {
                notes.withLock { $0.append("start \(span.operationName) \(span.kind)") }
            }
            func spanEnded(_ span: JaegerSpan, as finished: FinishedSpan?) {
                let count = finished?.tags.count
                notes.withLock { $0.append("end \(span.operationName) \(count ?? -1)") }
            }
        }
        let observer = Observer()
        let tracer = JaegerTracer.stub(sampler: ConstSampler(false), observer: observer)
        let unsampled = tracer.startSpan("unsampled", childOf: nil, ofKind: .client)
        unsampled.end()
        unsampled.end()
        tracer.startSpan("sampled", childOf: remote, ofKind: .server, tags: [SpanTag("a", 1)]).end()
        #expect(
            observer.notes.withLock { $0 } == [
                "start unsampled client", "end unsampled -1",
                "start sampled server", "end sampled 2",
            ])
    }

    @Test func `a shutdown shuts down the sampler and flushes`() async {
        final class CountingSampler: Sampler {
            let count = Mutex(0)
            func decide(_ parameters: SamplingParameters) -> SamplingDecision { .scripted(true) }
            func shutdown() { count.withLock { $0 += 1 } }
        }
        let sampler = CountingSampler()
        let flushed = FlushCounter()
        await JaegerTracer.stub(reporter: flushed, sampler: sampler).shutdown()
        #expect(sampler.count.withLock { $0 } == 1)
        #expect(flushed.count == 1)
    }
}

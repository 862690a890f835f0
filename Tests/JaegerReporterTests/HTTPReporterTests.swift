import JaegerThrift
import JaegerTracing
import MetricsTestKit
import Synchronization
import SpoorTesting
import TestSupport
import Testing

@testable import JaegerReporter

@Suite(.finishes(within: .seconds(60))) struct HTTPReporterTests {
    func reporter(_ sender: some SpanExporter, _ change: (inout ReporterLimits) -> Void = { _ in })
        -> HTTPReporter
    {
        var limits = ReporterLimits()
        change(&limits)
        return HTTPReporter(.jaeger(), by: sender, limits: limits, logger: LogRecorder().logger)
    }

    @Test func `a flush returns when all reported spans are sent`() async {
        let sender = ScriptedExporter()
        let reporter = reporter(sender) { $0.maxExportBatchSize = 10 }
        for _ in 0..<25 { reporter.report(.stub()) }
        await reporter.forceFlush()
        #expect(reporter.status.sent == 25)
        #expect(reporter.status.pending == 0)
        #expect(sender.received.count == 25)  // every stub has a separate process
        await reporter.shutdown(timeout: .zero)
    }

    @Test func `dropped spans are logged once, regardless of the number of shutdowns`()
        async throws
    {
        let log = LogRecorder()
        var limits = ReporterLimits()
        limits.shutdownTimeout = .zero
        let reporter = HTTPReporter(
            .jaeger(), by: ScriptedExporter(), limits: limits, logger: log.logger)
        await reporter.shutdown()
        reporter.report(.stub())
        func lines() -> Int {
            log.lines.count { $0.message == "reporter shut down with dropped spans" }
        }
        #expect(lines() == 0)
        await reporter.shutdown()
        #expect(lines() == 1)
        let running = Task { try await reporter.run() }
        running.cancel()
        try await running.value
        #expect(lines() == 1)
    }

    @Test func `spans of one process share batches`() async throws {
        let sender = ScriptedExporter()
        let reporter = reporter(sender) { $0.maxExportBatchSize = 10 }
        let process = TracedProcess(serviceName: "svc")
        for index in 0..<25 { reporter.report(.stub(process, name: "op \(index)")) }
        await reporter.shutdown()
        let batches = try sender.received.map { try JaegerBatch(thriftBytes: $0) }
        #expect(batches.map(\.spans.count) == [10, 10, 5])
        #expect(batches.flatMap { $0.spans.map(\.operationName) } == (0..<25).map { "op \($0)" })
        #expect(batches.allSatisfy { $0.process.serviceName == "svc" })
    }

    @Test func `old spans are sent automatically`() async throws {
        let sent = Gate()
        struct NotifyingExporter: SpanExporter {
            let sent: Gate
            func export(_ body: ExportBody) async -> ExportResult {
                sent.open()
                return .success()
            }
            func shutdown() async {}
        }
        let reporter = reporter(NotifyingExporter(sent: sent)) {
            $0.scheduleDelay = .milliseconds(5)
        }
        reporter.report(.stub())
        try await sent.wait()
        await reporter.shutdown()
        #expect(reporter.status.sent == 1)
    }

    @Test func `an invalid URL is logged when the reporter is created`() async {
        let lines = LogRecorder()
        let reporter = HTTPReporter(
            .otlp("collector:4318/v1/traces?key=s3cret"), logger: lines.logger)
        #expect(reporter.status.lastError == "invalid URL: it has no scheme")
        let expected =
            "error | invalid collector endpoint, spans are dropped | endpoint=otlp at collector:4318/v1/traces"
            + " | reason=invalid URL: it has no scheme"
        #expect(lines.texts == [expected])
        reporter.report(.stub())
        // On a busy machine the default timeout may expire before the batch is rejected.
        await reporter.shutdown(timeout: .seconds(3600))
        #expect(reporter.status.droppedByCause == [.rejected: 1])
    }

    @Test func `a tracer shuts its sampler and its reporter down by the given deadline`() async {
        final class Watched: Sampler {
            let isClosed = Atomic(false)
            func decide(_ parameters: SamplingParameters) -> SamplingDecision {
                SamplingDecision(isSampled: true)
            }
            func shutdown() { isClosed.store(true, ordering: .relaxed) }
        }
        let gate = Gate()
        let time = MovableTime()
        let reporter = HTTPReporter(
            .jaeger(), by: ScriptedExporter(gate: gate), limits: ReporterLimits(),
            logger: LogRecorder().logger, time: time.source)
        let sampler = Watched()
        let tracer = JaegerTracer(serviceName: "svc", reporter: reporter, sampler: sampler)
        for _ in 0..<3 { tracer.startSpan("op", childOf: Optional<SpanContext>.none).end() }
        async let closed: Void = tracer.shutdown(timeout: .seconds(7))
        // The collector does not respond: only the deadline ends this.
        await time.isAwaited(within: .seconds(7)...(.seconds(7)))
        let isSamplerClosed = sampler.isClosed.load(ordering: .relaxed)
        #expect(isSamplerClosed)
        #expect(reporter.status.pending == 3)
        time.pass(.seconds(7))
        await closed
        #expect(reporter.status.droppedByCause == [.closed: 3])
        tracer.startSpan("late", childOf: Optional<SpanContext>.none).end()
        #expect(reporter.status.droppedByCause == [.closed: 4])
    }

    @Test func `spans that the collector rejects are counted under their cause`() async {
        let sender = ScriptedExporter([.failure("400"), .retryable("503"), .success()])
        let reporter = reporter(sender) { $0.retries.maxElapsedTime = .zero }
        for _ in 0..<3 {
            reporter.report(.stub())
            await reporter.forceFlush()
        }
        let status = reporter.status
        #expect(status.droppedByCause == [.rejected: 1, .undeliverable: 1])
        #expect(status.sent == 1)
        #expect(status.lastError == "503")
        #expect(status.lastErrorAt != nil)
        #expect(status.lastSuccessAt != nil)
        await reporter.shutdown(timeout: .zero)
    }

    @Test func `a batch is retried until it is accepted, with the same bytes`() async {
        let sender = ScriptedExporter([
            .retryable("a"), .retryable("b", retryAfter: .seconds(20)), .success(),
        ])
        let time = LeapingTime()
        let reporter = HTTPReporter(
            .jaeger(), by: sender, limits: ReporterLimits(), logger: LogRecorder().logger,
            time: time.source)
        reporter.report(.stub())
        await reporter.forceFlush()
        #expect(reporter.status.sent == 1)
        #expect(reporter.status.retries == 2)
        #expect(reporter.status.lastError == "b")
        #expect(sender.received.count == 3)
        #expect(Set(sender.received).count == 1)
        #expect(time.elapsed >= .seconds(20))
        await reporter.shutdown(timeout: .zero)
    }

    @Test func `a batch is dropped after its maximum elapsed time, and the next one has its own`()
        async
    {
        let results = (0..<40).map { ExportResult.retryable("down \($0)") }
        let sender = ScriptedExporter(results)
        let time = LeapingTime()
        let lines = LogRecorder()
        let reporter = HTTPReporter(
            .jaeger(), by: sender, limits: ReporterLimits(), logger: lines.logger,
            time: time.source)
        for _ in 0..<2 {
            reporter.report(.stub())
            await reporter.forceFlush()
        }
        #expect(reporter.status.droppedByCause == [.undeliverable: 2])
        #expect(sender.received.count < 30)
        #expect(time.elapsed >= .seconds(60))
        #expect(lines.texts.contains { $0.contains("spans dropped") })
        await reporter.shutdown(timeout: .zero)
    }

    @Test func `the first failure is logged immediately, and so is the recovery`() async {
        let sender = ScriptedExporter([.retryable("down"), .retryable("down")])
        let lines = LogRecorder()
        let reporter = HTTPReporter(
            .jaeger("http://h:1/p?key=secret"), by: sender, limits: ReporterLimits(),
            logger: lines.logger, time: LeapingTime().source)
        reporter.report(.stub())
        await reporter.forceFlush()
        let endpoint = "endpoint=jaegerThrift at http://h:1/p"
        #expect(
            lines.texts == [
                "warning | span export failed, retrying | \(endpoint) | reason=down",
                "notice | span export recovered | dropped=0 | \(endpoint)",
            ])
        await reporter.shutdown(timeout: .zero)
    }

    @Test func `after a shutdown spans are dropped and counted`() async {
        let reporter = reporter(ScriptedExporter())
        await reporter.shutdown()
        reporter.report(.stub())
        #expect(reporter.status.droppedByCause == [.closed: 1])
        await reporter.shutdown()
        await reporter.forceFlush()
        #expect(reporter.status.finished == 1)
    }

    @Test func `a shutdown keeps its deadline if the collector hangs`() async {
        let gate = Gate()
        let reporter = reporter(ScriptedExporter(gate: gate)) { $0.maxExportBatchSize = 1 }
        for _ in 0..<4 { reporter.report(.stub()) }
        await reporter.shutdown(timeout: .milliseconds(20))
        let status = reporter.status
        #expect(status.pending == 0)
        #expect(status.sent == 0)
        #expect(status.finished == 4)
        #expect(status.dropped == 4)
        #expect(status.droppedByCause == [.closed: 4])
    }

    @Test func `a cancelled task still flushes and shuts down completely`() async {
        let sender = ScriptedExporter()
        let reporter = reporter(sender)
        for _ in 0..<5 { reporter.report(.stub()) }
        let closing = Task { await reporter.shutdown() }
        closing.cancel()
        await closing.value
        #expect(reporter.status.sent == 5)
    }

    @Test func `a service that is cancelled shuts its reporter down`() async throws {
        let reporter = reporter(ScriptedExporter())
        reporter.report(.stub())
        let running = Task { try await reporter.run() }
        running.cancel()
        try await running.value
        #expect(reporter.status.sent == 1)
        reporter.report(.stub())
        #expect(reporter.status.droppedByCause == [.closed: 1])
    }

    @Test func `a collector that hangs never blocks callers that report`() async {
        let gate = Gate()
        let reporter = reporter(ScriptedExporter(gate: gate)) { $0.maxQueueSize = 100 }
        let process = TracedProcess(serviceName: "svc")
        for _ in 0..<1000 { reporter.report(.stub(process)) }
        let status = reporter.status
        #expect(status.pending == 100)
        #expect(status.droppedByCause == [.queueFull: 900])
        await reporter.shutdown(timeout: .zero)
        #expect(reporter.status.droppedByCause == [.queueFull: 900, .closed: 100])
    }

    @Test func `the counts are in the metrics with the names of Jaeger's clients`() async {
        let factory = TestMetrics()
        let sender = ScriptedExporter([
            .success(), .failure("no"), .retryable("later"), .success(rejectedSpans: 1),
        ])
        let reporter = HTTPReporter(
            .otlp(), by: sender, limits: ReporterLimits(), logger: LogRecorder().logger,
            metrics: ReporterMetrics(factory: factory), time: LeapingTime().source)
        let process = TracedProcess(serviceName: "svc")
        // One span each: with two, the time that leaps may send the first one alone.
        for _ in 0..<3 {
            reporter.report(.stub(process))
            await reporter.forceFlush()
        }
        reporter.report(.stub(process, spanID: 0))
        func count(_ result: String, _ cause: String) throws -> Int64 {
            try factory.expectCounter(
                "jaeger_tracer_reporter_spans", [("result", result), ("cause", cause)]
            ).totalValue
        }
        #expect(throws: Never.self) {
            #expect(try count("ok", "none") == 1)
            #expect(try count("err", "rejected") == 2)
            #expect(try count("dropped", "invalid") == 1)
            #expect(try count("dropped", "queue_full") == 0)
            #expect(try factory.expectCounter("jaeger_tracer_reporter_retries").totalValue == 1)
            let length = try factory.expectGauge("jaeger_tracer_reporter_queue_length")
            #expect(length.lastValue == 0)
        }
        await reporter.shutdown(timeout: .zero)
    }

    @Test func `many tasks report concurrently and nothing is lost`() async {
        let sender = ScriptedExporter((0..<10).map { $0 % 3 == 0 ? .failure("no") : .success() })
        let reporter = reporter(sender) {
            $0.maxExportBatchSize = 50
            $0.maxQueueSize = 500
        }
        let process = TracedProcess(serviceName: "svc")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        reporter.report(.stub(process))
                        let status = reporter.status
                        #expect(status.finished == status.sent + status.dropped + status.pending)
                    }
                }
            }
        }
        await reporter.shutdown()
        let status = reporter.status
        #expect(status.finished == 4000)
        #expect(status.sent + status.dropped == 4000)
    }
}

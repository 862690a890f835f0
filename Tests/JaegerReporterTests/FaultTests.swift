import JaegerTracing
import Synchronization
import TestSupport
import Testing

@testable import JaegerReporter

/// `finished = sent + dropped + pending` at every moment, regardless of the collector and of concurrent reports,
/// flushes and shutdowns.
///
/// The actions are determined by a seed, except for scheduling; the seed is printed.
@Suite(.serialized, .finishes(within: .seconds(60))) struct FaultTests {
    /// Three fixed seeds, and a new one for each run.
    static let seeds: [UInt64] = [1, 2, 3, .random(in: 0...(.max))]

    private static func limits(isAmbiguous: Bool) -> ReporterLimits {
        var limits = ReporterLimits()
        (limits.maxQueueSize, limits.maxQueueBytes) = (200, 64 << 10)
        (limits.maxExportBatchSize, limits.maxExportBatchBytes) = (20, 4 << 10)
        limits.scheduleDelay = .milliseconds(2)
        // The attempt at a hanging collector must time out soon; that at a slow one must not, if the counts must be
        // exact.
        limits.exportTimeout = isAmbiguous ? .milliseconds(150) : .seconds(3600)
        limits.retries.initialBackoff = .milliseconds(1)
        limits.retries.maxBackoff = .milliseconds(4)
        limits.retries.maxElapsedTime = .milliseconds(60)
        return limits
    }

    @Test(arguments: seeds)
    func `the sent spans are exactly those that the collector acknowledged, if no response is lost`(
        seed: UInt64
    ) async throws {
        let collector = try FaultyCollector(seed: seed, isAmbiguous: false)
        try await collector.stop()
        try collector.start()
        let status = try await run(collector, seed: seed, isAmbiguous: false)
        #expect(status.sent == collector.acknowledged.count)
        #expect(collector.acknowledged.isDisjoint(with: collector.rejected))
        #expect(status.droppedByCause[.rejected, default: 0] == collector.rejected.count)
        #expect(status.sent > 0)
        try await collector.stop()
    }

    @Test(arguments: seeds)
    func `no span counts as sent that the collector did not receive, with any loss`(
        seed: UInt64
    ) async throws {
        let collector = try FaultyCollector(seed: seed, isAmbiguous: true)
        try await collector.stop()
        try collector.start()
        let status = try await run(collector, seed: seed, isAmbiguous: true)
        // If an acknowledgement is lost the reporter counts fewer spans than the collector has, never more.
        #expect(status.sent <= collector.acknowledged.count)
        #expect(collector.acknowledged.isSubset(of: collector.received))
        #expect(status.droppedByCause[.invalid] != nil)
        #expect(status.droppedByCause[.tooLarge] != nil)
        try await collector.stop()
    }

    /// Reports from several tasks with several tracers, flushes, restarts the collector if responses may be lost, and
    /// shuts down.
    private func run(
        _ collector: FaultyCollector, seed: UInt64, isAmbiguous: Bool
    ) async throws -> ReporterStatus {
        print(
            "faults from seed \(seed), with \(isAmbiguous ? "responses that are lost" : "every response")"
        )
        let lines = LogRecorder()
        let reporter = HTTPReporter(
            endpoint: collector.url, limits: Self.limits(isAmbiguous: isAmbiguous),
            logger: lines.logger)
        let watch = Watch(reporter)
        let watching = Task { await watch.run() }
        try await withThrowingDiscardingTaskGroup { group in
            for number in 0..<4 {
                group.addTask {
                    var random = SeededGenerator(seed: seed &+ UInt64(number))
                    let tracer = JaegerTracer(serviceName: "svc \(number % 3)", reporter: reporter)
                    for step in 0..<150 {
                        Self.report(step, by: tracer, to: reporter, &random)
                        watch.recordReported()
                        watch.look()
                        switch Int.random(in: 0..<100, using: &random) {
                        case 0: await reporter.forceFlush()
                        case 1: reporter.requestFlush()
                        case 2..<40: await Task.yield()
                        default: break
                        }
                        if isAmbiguous, number == 0, step % 50 == 20 { try await collector.stop() }
                        if isAmbiguous, number == 0, step % 50 == 40 { try collector.start() }
                    }
                }
            }
        }
        async let flushed: Void = reporter.forceFlush()
        async let closed: Void = reporter.shutdown(
            timeout: isAmbiguous && seed.isMultiple(of: 2) ? .milliseconds(20) : .seconds(3600))
        Self.finishLate(reporter)
        watch.recordReported()
        _ = await (flushed, closed)
        watching.cancel()
        await watching.value
        let status = reporter.status
        print(
            "seed \(seed): \(status), retries \(status.retries), requests \(collector.requestCount)"
        )
        #expect(watch.faults == 0)
        #expect(status.pending == 0)
        #expect(status.finished == status.sent + status.dropped)
        #expect(status.finished == watch.reported)
        return status
    }

    /// Reports a usual span; sometimes one with a zero id, or one that is too large.
    private static func report(
        _ step: Int, by tracer: JaegerTracer, to reporter: HTTPReporter,
        _ random: inout SeededGenerator
    ) {
        switch step {
        case 30: reporter.report(.stub(spanID: 0))
        case 60: reporter.report(.stub(name: String(repeating: "x", count: 5000)))
        default:
            let span = tracer.startSpan("op \(step)", childOf: nil)
            span.setTag("n", Int.random(in: 0...9, using: &random))
            span.end()
        }
    }

    /// Reports a span while the reporter shuts down.
    private static func finishLate(_ reporter: HTTPReporter) {
        reporter.report(.stub(spanID: 0xFFFF))
    }

    /// Checks the counts continuously.
    private final class Watch: Sendable {
        private let reporter: HTTPReporter
        private let count = Atomic(0)
        private let reportedCount = Atomic(0)

        init(_ reporter: HTTPReporter) {
            self.reporter = reporter
        }

        /// The number of times that the counts were inconsistent.
        var faults: Int { count.load(ordering: .relaxed) }

        /// The number of reported spans.
        var reported: Int { reportedCount.load(ordering: .relaxed) }

        func recordReported() {
            reportedCount.add(1, ordering: .relaxed)
        }

        func look() {
            let status = reporter.status
            if status.finished != status.sent + status.dropped + status.pending
                || status.pending < 0 || status.pending > 200
            {
                count.add(1, ordering: .relaxed)
            }
        }

        func run() async {
            while !Task.isCancelled {
                look()
                await Task.yield()
            }
        }
    }
}

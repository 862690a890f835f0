import TestSupport
import Testing

@testable import JaegerReporter

/// Shutdown and flush while the worker waits after a failure.
@Suite(.finishes(within: .seconds(60))) struct FlushRequestsTests {
    private let time = MovableTime()

    /// Returns a reporter that has failed once and waits, with the range of the end of its backoff.
    private func pausing(
        _ results: [ExportResult], _ end: ClosedRange<Duration>
    ) async -> (HTTPReporter, ScriptedExporter) {
        let sender = ScriptedExporter(results)
        var limits = ReporterLimits()
        (limits.retries.initialBackoff, limits.retries.maxBackoff) = (.seconds(8), .seconds(30))
        (limits.maxExportBatchSize, limits.shutdownTimeout) = (1, .seconds(100))
        let reporter = HTTPReporter(
            .jaeger(), by: sender, limits: limits, logger: LogRecorder().logger, time: time.source)
        reporter.report(.stub())
        await time.isAwaited(within: end)
        time.pass(.milliseconds(1))
        return (reporter, sender)
    }

    @Test func `a shutdown makes an attempt immediately during a backoff`() async {
        let (reporter, sender) = await pausing(
            [.retryable("down")], .seconds(4)...(.seconds(8)))
        await reporter.shutdown()
        #expect(reporter.status.sent == 1)
        #expect(sender.received.count == 2)
    }

    @Test func `a shutdown makes a last attempt before its deadline`() async {
        let (reporter, sender) = await pausing(
            [.retryable("down"), .retryable("down")], .seconds(4)...(.seconds(8)))
        async let closed: Void = reporter.shutdown(timeout: .milliseconds(3000))
        await time.isAwaited(within: .milliseconds(2001)...(.milliseconds(2999)))
        time.pass(.milliseconds(2500))
        await closed
        #expect(reporter.status.sent == 1)
        #expect(sender.received.count == 3)
    }

    @Test func `a shutdown keeps the delay that the collector requested`() async {
        let (reporter, sender) = await pausing(
            [.retryable("busy", retryAfter: .seconds(40))], .seconds(40)...(.seconds(40)))
        async let closed: Void = reporter.shutdown()
        await time.isAwaited(within: .seconds(100)...(.seconds(101)))
        #expect(sender.received.count == 1)
        time.pass(.seconds(40))
        await closed
        #expect(reporter.status.sent == 1)
    }

    @Test func `a shutdown does not wait for the collector beyond its deadline`() async {
        let (reporter, sender) = await pausing(
            [.retryable("busy", retryAfter: .seconds(86_400))], .seconds(600)...(.seconds(600)))
        async let closed: Void = reporter.shutdown()
        await time.isAwaited(within: .milliseconds(99_001)...(.milliseconds(99_001)))
        #expect(sender.received.count == 1)
        time.pass(.seconds(99))
        await closed
        #expect(reporter.status.sent == 1)
    }

    @Test func `a flush does not wait longer than the initial backoff`() async {
        let (reporter, sender) = await pausing(
            [.retryable("down"), .retryable("down")], .seconds(4)...(.seconds(8)))
        time.pass(.seconds(8))
        await time.isAwaited(within: .seconds(16)...(.seconds(25)))
        time.pass(.milliseconds(1))
        async let flushed: Void = reporter.forceFlush()
        await time.isAwaited(within: .seconds(16)...(.milliseconds(16_001)))
        time.pass(.seconds(8))
        await flushed
        #expect(sender.received.count == 3)
        await reporter.shutdown()
    }

    @Test func `an unlimited time is limited to a day`() async {
        let sleeping = Task { try await TimeSource.continuous.sleep(.now + .seconds(Int64.max)) }
        sleeping.cancel()
        await #expect(throws: CancellationError.self) { try await sleeping.value }
        let (reporter, _) = await pausing([.retryable("down")], .seconds(4)...(.seconds(8)))
        await reporter.shutdown(timeout: .seconds(Int64.max))
        #expect(reporter.status.sent == 1)
    }

    @Test func `a flush during an attempt shortens the backoff after it`() {
        var (requests, policy) = (FlushRequests(), RetryPolicy())
        (policy.initialBackoff, policy.maxBackoff) = (.seconds(1), .seconds(30))
        let start = ContinuousClock.now
        var plan = ExportPolicy(policy, now: start)
        plan.begin(at: start)
        let failure = ExportResult.retryable("down")
        for pause in [1, 2, 4] {
            requests.beginAttempt()
            let next = plan.step(after: failure, at: start, requests, jitter: 1)
            #expect(next == .attempt(at: start + .seconds(pause)))
        }
        requests.beginAttempt()
        requests.requestFlush()
        let hastened = plan.step(after: failure, at: start, requests, jitter: 1)
        #expect(hastened == .attempt(at: start + .seconds(1)))
        requests.beginAttempt()
        let next = plan.step(after: failure, at: start, requests, jitter: 1)
        #expect(next == .attempt(at: start + .seconds(16)), "the attempt has served the flush")
    }
}

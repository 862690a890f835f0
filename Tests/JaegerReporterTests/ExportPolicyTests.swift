import TestSupport
import Testing

@testable import JaegerReporter

@Suite struct ExportPolicyTests {
    static let start = ContinuousClock.now

    /// Backoffs of 1, 2, 4, 8, 8… seconds, for at most 20 seconds.
    static var policy: RetryPolicy {
        var policy = RetryPolicy()
        (policy.initialBackoff, policy.maxBackoff, policy.maxElapsedTime) = (
            .seconds(1), .seconds(8), .seconds(20)
        )
        return policy
    }

    func at(_ seconds: Int) -> ContinuousClock.Instant { Self.start + .seconds(seconds) }

    /// Returns a policy whose first batch is due at the start.
    func plan() -> ExportPolicy {
        var plan = ExportPolicy(Self.policy, now: Self.start)
        #expect(plan.begin(at: Self.start) == Self.start)
        return plan
    }

    /// Processes a failure without jitter.
    func fail(
        _ plan: inout ExportPolicy, at seconds: Int, retryAfter: Duration? = nil,
        in requests: FlushRequests = FlushRequests()
    ) -> ExportPolicy.Step {
        plan.step(
            after: .retryable("503", retryAfter: retryAfter), at: at(seconds), requests, jitter: 1)
    }

    @Test
    func
        `backoffs double up to their maximum, and a batch is dropped after the maximum elapsed time`()
    {
        var plan = plan()
        #expect(fail(&plan, at: 0) == .attempt(at: at(1)))
        #expect(fail(&plan, at: 1) == .attempt(at: at(3)))
        #expect(fail(&plan, at: 3) == .attempt(at: at(7)))
        #expect(fail(&plan, at: 7) == .attempt(at: at(15)))
        #expect(fail(&plan, at: 15) == .complete(.dropped(.undeliverable)))
    }

    @Test func `the next batch is not sent before the backoff has passed`() {
        var plan = plan()
        #expect(fail(&plan, at: 19) == .complete(.dropped(.undeliverable)))
        #expect(plan.begin(at: at(19)) == at(20))
        #expect(fail(&plan, at: 20) == .attempt(at: at(22)))
    }

    @Test func `a response resets the backoff`() {
        var plan = plan()
        _ = fail(&plan, at: 0)
        #expect(
            plan.step(after: .success(), at: at(1), FlushRequests(), jitter: 1)
                == .complete(.sent()))
        #expect(plan.begin(at: at(1)) == at(1))
        #expect(fail(&plan, at: 1) == .attempt(at: at(2)))
        #expect(
            plan.step(after: .failure("400"), at: at(2), FlushRequests(), jitter: 1)
                == .complete(.dropped(.rejected)))
        #expect(plan.begin(at: at(2)) == at(2))
    }

    @Test func `the collector can request a longer delay, but not a shorter one`() {
        var plan = plan()
        #expect(fail(&plan, at: 0, retryAfter: .seconds(5)) == .attempt(at: at(5)))
        #expect(fail(&plan, at: 5, retryAfter: .zero) == .attempt(at: at(7)))
    }

    @Test
    func
        `a delay that the collector requests beyond the maximum elapsed time is followed by one attempt`()
    {
        var plan = plan()
        #expect(fail(&plan, at: 1, retryAfter: .seconds(90)) == .attempt(at: at(91)))
        #expect(
            fail(&plan, at: 91, retryAfter: .seconds(90)) == .complete(.dropped(.undeliverable)))
        #expect(plan.begin(at: at(92)) == at(181), "and the next batch waits as well")
        #expect(fail(&plan, at: 181) == .attempt(at: at(185)), "with its own elapsed time")
    }

    @Test func `a requested delay of a day is limited to ten minutes`() {
        var plan = plan()
        #expect(fail(&plan, at: 1, retryAfter: .seconds(86_400)) == .attempt(at: at(601)))
    }

    @Test func `without retries there is one attempt`() {
        var policy = Self.policy
        policy.maxElapsedTime = .zero
        var plan = ExportPolicy(policy, now: Self.start)
        for second in 0..<3 {
            #expect(plan.begin(at: at(second)) == at(second))
            #expect(fail(&plan, at: second) == .complete(.dropped(.undeliverable)))
        }
    }

    @Test
    func `a reporter that shuts down makes a last attempt, even beyond the maximum elapsed time`() {
        var requests = FlushRequests()
        var plan = plan()
        for second in [0, 1, 3, 7] { _ = fail(&plan, at: second) }
        requests.requestShutdown(at: at(8), deadline: at(30))
        #expect(fail(&plan, at: 15, in: requests) == .attempt(at: at(23)))
        #expect(fail(&plan, at: 23, in: requests) == .attempt(at: at(29)))
        #expect(plan.nextAttempt(requests) == at(29))
        #expect(fail(&plan, at: 29, in: requests) == .complete(.dropped(.undeliverable)))
    }

    @Test func `a reporter that shuts down does not retry if retries are disabled`() {
        var policy = Self.policy
        policy.maxElapsedTime = .zero
        var requests = FlushRequests()
        requests.requestShutdown(at: at(1), deadline: at(10))
        var plan = ExportPolicy(policy, now: Self.start)
        plan.begin(at: at(2))
        #expect(fail(&plan, at: 2, in: requests) == .complete(.dropped(.undeliverable)))
    }

    @Test func `spans that were rejected are lost, and the others are sent`() {
        var plan = plan()
        #expect(
            plan.step(after: .success(rejectedSpans: 2), at: at(0), FlushRequests(), jitter: 0)
                == .complete(.sent(rejectedSpans: 2)))
        #expect(
            plan.step(after: .cancelled, at: at(0), FlushRequests(), jitter: 0)
                == .complete(.dropped(.closed)))
    }

    @Test(arguments: 1...80)
    func `a backoff is between a half and the whole of its value`(failures: Int) {
        let policy = RetryPolicy()
        let whole = policy.backoff(afterFailures: failures, jitter: 1)
        #expect(whole <= policy.maxBackoff)
        #expect(whole >= policy.initialBackoff)
        #expect(policy.backoff(afterFailures: failures, jitter: 0) == whole / 2)
    }

    @Test func `unlimited backoffs are limited to a day`() {
        var policy = RetryPolicy()
        (policy.initialBackoff, policy.maxBackoff) = (.seconds(Int64.max), .seconds(Int64.max))
        #expect(policy.backoff(afterFailures: 80, jitter: 1) == .seconds(86_400))
    }

    /// The whole policy: each result at each time, with and without flush and shutdown, after a first failure at 0 with
    /// a backoff of a second.
    ///
    /// The seconds of the next attempt, or nil for a batch that is dropped as undeliverable.
    @Test(
        arguments: [
            // Attempt at, Retry-After, flush, shutdown at with its deadline: next attempt.
            (1, nil, false, nil, 3), (1, nil, true, nil, 2), (1, nil, false, (0, 100), 3),
            (1, 1, false, nil, 3), (1, 1, true, nil, 2),
            (1, 40, false, nil, 41), (1, 40, true, nil, 41), (1, 40, false, (0, 100), 41),
            (1, 40, false, (0, 11), 10), (1, 900, false, nil, 601), (1, nil, false, (2, 100), 2),
            (1, nil, true, (2, 100), 2), (1, 40, true, (2, 100), 41),
            (18, nil, false, nil, nil), (18, nil, true, nil, 19), (18, nil, false, (0, 100), 20),
            (18, 40, false, nil, 58), (18, 40, true, nil, 58),
            (20, nil, false, nil, nil), (20, nil, true, nil, nil), (20, 40, false, nil, nil),
            (20, 40, true, nil, nil), (20, nil, false, (0, 100), 22), (20, 40, false, (0, 100), 60),
            (20, nil, false, (0, 22), 21), (20, nil, false, (0, 21), nil),
            (20, nil, true, (0, 100), 21),
            (20, nil, false, (0, 20), nil),
        ] as [(Int, Int?, Bool, (Int, Int)?, Int?)])
    func `a retryable result is followed by the table's next attempt`(
        second: Int, retryAfter: Int?, isFlushRequested: Bool, shutdown: (Int, Int)?, next: Int?
    ) {
        var plan = plan()
        _ = fail(&plan, at: 0)
        var requests = FlushRequests()
        if isFlushRequested { requests.requestFlush() }
        if let (requested, deadline) = shutdown {
            requests.requestShutdown(at: at(requested), deadline: at(deadline))
        }
        let step = fail(
            &plan, at: second, retryAfter: retryAfter.map { .seconds($0) }, in: requests)
        #expect(
            step == next.map { .attempt(at: at($0)) } ?? .complete(.dropped(.undeliverable)))
    }

    @Test(arguments: [0, 19, 30])
    func `a final result completes the batch regardless of flush and shutdown`(second: Int) {
        for isShuttingDown in [false, true] {
            var requests = FlushRequests()
            requests.requestFlush()
            if isShuttingDown { requests.requestShutdown(at: at(0), deadline: at(40)) }
            for (result, outcome) in [
                (.success(), .sent()), (.success(rejectedSpans: 3), .sent(rejectedSpans: 3)),
                (.failure("400"), .dropped(.rejected)), (.cancelled, .dropped(.closed)),
            ] as [(ExportResult, BatchOutcome)] {
                var plan = plan()
                _ = fail(&plan, at: 0)
                let step = plan.step(after: result, at: at(second), requests, jitter: 1)
                #expect(step == .complete(outcome))
                #expect(plan.nextAttempt(FlushRequests()) == at(0), "the backoff is reset")
            }
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `every batch is completed within its maximum elapsed time, for any results`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var plan = ExportPolicy(Self.policy, now: Self.start)
        var now = Self.start
        for _ in 0..<50 {
            now = plan.begin(at: now)
            let turn = now
            var attempts = 1
            while attempts < 100 {
                let results: [ExportResult] = [
                    .success(), .failure("no"), .retryable("down"), .retryable("down"),
                    .retryable(
                        "busy", retryAfter: .seconds(Int.random(in: 0...40, using: &random))),
                ]
                let result = results.randomElement(using: &random) ?? .success()
                let jitter = Double.random(in: 0..<1, using: &random)
                guard
                    case .attempt(let later) = plan.step(
                        after: result, at: now, FlushRequests(), jitter: jitter)
                else { break }
                #expect(later > now)
                #expect(later < turn + Self.policy.maxElapsedTime + .seconds(40))
                now = later
                attempts += 1
            }
            #expect(attempts < 100)
        }
    }
}

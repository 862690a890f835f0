/// What one attempt to export a batch resulted in.
enum ExportResult: Sendable, Equatable {
    /// The collector has the batch, except for so many spans that it rejected (OTLP's partial success).
    case success(rejectedSpans: Int = 0, warning: String? = nil)
    /// The collector will never accept the batch: the failure is not retryable.
    case failure(String)
    /// The collector may accept the batch later, not before the time that it named in `Retry-After`, if it did.
    case retryable(String, retryAfter: Duration? = nil)
    /// The attempt was cancelled because the reporter shuts down.
    case cancelled
}

/// Decides when the batch in flight is sent, sent again, and given up.
///
/// Pure: results and time come in as values. It outlives a batch, because a collector that is unavailable is so for the
/// next batch as well. The whole policy:
///
/// | result | time | what follows |
/// |---|---|---|
/// | success | any | the batch is sent, the backoff reset |
/// | failure | any | the batch is dropped as `rejected`, the backoff reset |
/// | cancelled | any | the batch is dropped as `closed` |
/// | retryable | the next attempt is within the budget | it is sent again |
/// | retryable, with `Retry-After` | this attempt was within the budget | it is sent again |
/// | retryable | a shutdown waits for its deadline | it is sent again |
/// | retryable | the budget is spent | the batch is dropped as `undeliverable` |
///
/// and when it is sent again:
///
/// | delay | nobody waits | a flush waits | a shutdown waits |
/// |---|---|---|---|
/// | backoff | after the backoff | after the initial backoff | when the shutdown began, and shortly before its deadline |
/// | `Retry-After`, if longer | at that time | at that time | at that time, but shortly before the deadline |
struct ExportPolicy {
    typealias Instant = ContinuousClock.Instant

    /// What follows from a result.
    enum Step: Equatable {
        /// The batch is done with.
        case settle(BatchOutcome)
        /// It is sent again, at that instant.
        case attempt(at: Instant)
    }

    /// A delay after a failure.
    private struct Delay {
        enum Cause { case backoff, retryAfter }

        /// When the attempt failed.
        let since: Instant
        let until: Instant
        let cause: Cause
    }

    /// What the time allows after a failure.
    private enum Time { case withinBudget, shuttingDown, budgetSpent }

    /// The longest `Retry-After` that is honoured.
    ///
    /// 10 minutes: a wrong number or a wrong clock must not silence a program for good.
    static let maxRetryAfter = Duration.seconds(600)

    private let policy: RetryPolicy
    private var consecutiveFailures = 0
    /// Nil if the last attempt did not fail.
    private var delay: Delay?
    private var turn: Instant
    /// When the budget of the batch is spent.
    private var budgetEnd: Instant

    init(_ policy: RetryPolicy, now: Instant) {
        self.policy = policy
        turn = now
        budgetEnd = now
    }

    /// A batch has its turn; its budget begins with the first attempt.
    ///
    /// - Returns: When it is sent first, if nobody waits for it.
    @discardableResult
    mutating func begin(at now: Instant) -> Instant {
        turn = now
        let first = nextAttempt(ExportUrgency())
        budgetEnd = first + policy.budget
        return first
    }

    /// When the batch is sent next.
    ///
    /// A flush is served also when it is requested during an attempt.
    func nextAttempt(_ urgency: ExportUrgency) -> Instant {
        guard let delay else { return turn }
        var instant = max(turn, delay.until)
        if delay.cause == .backoff {
            if urgency.isFlushRequested {
                instant = min(instant, delay.since + policy.initialBackoff)
            }
            if let shutdown = urgency.shutdown, shutdown.requestedAt > delay.since {
                instant = min(instant, shutdown.requestedAt)
            }
        }
        if let last = urgency.shutdown?.lastAttemptAt, last > delay.since {
            instant = min(instant, last)
        }
        return instant
    }

    /// An attempt has ended.
    ///
    /// - Parameters:
    ///   - urgency: Who waits: the deadline of a shutdown takes the place of the budget.
    ///   - jitter: From 0 up to 1, at random.
    mutating func step(
        after result: ExportResult, at now: Instant, _ urgency: ExportUrgency, jitter: Double
    ) -> Step {
        let time = update(after: result, at: now, urgency, jitter)
        switch (result, time) {
        case (.success(let rejected, _), _): return .settle(.sent(rejectedSpans: rejected))
        case (.failure, _): return .settle(.dropped(.rejected))
        case (.cancelled, _): return .settle(.dropped(.closed))
        case (.retryable, .withinBudget), (.retryable, .shuttingDown):
            return .attempt(at: nextAttempt(urgency))
        case (.retryable, .budgetSpent): return .settle(.dropped(.undeliverable))
        }
    }

    /// Counts a failure and sets the delay after it, or resets both.
    private mutating func update(
        after result: ExportResult, at now: Instant, _ urgency: ExportUrgency, _ jitter: Double
    ) -> Time {
        guard case .retryable(_, let retryAfter) = result else {
            consecutiveFailures = 0
            delay = nil
            return .withinBudget
        }
        consecutiveFailures += 1
        let lastAttemptAt = urgency.shutdown?.lastAttemptAt ?? now
        let isShuttingDown = policy.budget > .zero && lastAttemptAt > now
        let backoff = policy.pause(afterFailures: consecutiveFailures, jitter: jitter)
        let named = min(retryAfter ?? .zero, Self.maxRetryAfter)
        let isNamed = named > .zero && named >= backoff
        let own = isShuttingDown ? backoff : min(backoff, policy.budget)
        delay = Delay(
            since: now, until: now + (isNamed ? named : own),
            cause: isNamed ? .retryAfter : .backoff)
        if isShuttingDown { return .shuttingDown }
        // After `Retry-After` one attempt is made even beyond the budget.
        return (isNamed ? now : nextAttempt(urgency)) < budgetEnd ? .withinBudget : .budgetSpent
    }
}

/// Who waits for pending spans, which makes ``ExportPolicy`` try earlier.
struct ExportUrgency {
    typealias Instant = ContinuousClock.Instant

    /// A shutdown that waits for its deadline.
    struct Shutdown {
        let requestedAt: Instant
        /// When the last attempt begins.
        let lastAttemptAt: Instant
    }

    /// The latest start of the last attempt, before the deadline: time for a response.
    private static let maxResponseTime = Duration.seconds(1)

    /// Whether a flush was requested since the last attempt began.
    private(set) var isFlushRequested = false
    /// Nil while the reporter works.
    private(set) var shutdown: Shutdown?

    /// A flush waits.
    mutating func requestFlush() {
        isFlushRequested = true
    }

    /// An attempt begins, which is what a flush has asked for.
    mutating func beginAttempt() {
        isFlushRequested = false
    }

    /// The reporter shuts down; of several deadlines the earliest one counts.
    mutating func requestShutdown(at now: Instant, deadline: Instant) {
        let responseTime = min(now.duration(to: deadline) / 4, Self.maxResponseTime)
        shutdown = Shutdown(
            requestedAt: shutdown?.requestedAt ?? now,
            lastAttemptAt: min(shutdown?.lastAttemptAt ?? deadline, deadline - responseTime))
    }
}

/// The result of one attempt to export a batch.
enum ExportResult: Sendable, Equatable {
    /// The collector accepted the batch, except for the spans that it rejected (OTLP's partial success).
    case success(rejectedSpans: Int = 0, warning: String? = nil)
    /// The collector will never accept the batch: the failure is not retryable.
    case failure(String)
    /// The collector may accept the batch later, not before the time in `Retry-After`, if there is one.
    case retryable(String, retryAfter: Duration? = nil)
    /// The attempt was cancelled because the reporter shuts down.
    case cancelled
}

/// Decides when the batch in flight is sent, retried and dropped.
///
/// It has no side effects: results and the time are passed in. It outlives a batch, because a collector that is
/// unavailable is unavailable for the next batch as well. The next step after an attempt:
///
/// | result | time | what follows |
/// |---|---|---|
/// | success | any | the batch is sent, the backoff reset |
/// | failure | any | the batch is dropped as `rejected`, the backoff reset |
/// | cancelled | any | the batch is dropped as `closed` |
/// | retryable | the next attempt is within `maxElapsedTime` | it is sent again |
/// | retryable, with `Retry-After` | this attempt was within `maxElapsedTime` | it is sent again |
/// | retryable | a shutdown waits for its deadline | it is sent again |
/// | retryable | `maxElapsedTime` is exceeded | the batch is dropped as `undeliverable` |
///
/// The time of the next attempt, after a failure:
///
/// | delay | neither flush nor shutdown waits | a flush waits | a shutdown waits |
/// |---|---|---|---|
/// | backoff | after the backoff | after the initial backoff | at its start and shortly before its deadline |
/// | `Retry-After`, if longer | at that time | at that time | at that time, but shortly before the deadline |
struct ExportPolicy {
    typealias Instant = ContinuousClock.Instant

    /// The step that follows a result.
    enum Step: Equatable {
        /// The batch is sent or dropped.
        case complete(BatchOutcome)
        /// The batch is sent again, at that instant.
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

    /// The deadline that applies after a failure, and whether it has expired.
    private enum DeadlineStatus { case beforeDeadline, shuttingDown, deadlineExpired }

    /// The maximum `Retry-After` that is honoured.
    ///
    /// 10 minutes: a wrong value or a wrong clock must not stop the export permanently.
    static let maxRetryAfter = Duration.seconds(600)

    private let policy: RetryPolicy
    private var consecutiveFailures = 0
    /// The delay after the last attempt; nil if it did not fail.
    private var delay: Delay?
    /// When the current batch became the next one to send.
    private var readyAt: Instant
    /// The end of `maxElapsedTime` of the current batch.
    private var retryDeadline: Instant

    init(_ policy: RetryPolicy, now: Instant) {
        self.policy = policy
        readyAt = now
        retryDeadline = now
    }

    /// Starts with the next batch; its `maxElapsedTime` begins with the first attempt.
    ///
    /// - Returns: The time of the first attempt, if neither a flush nor a shutdown waits.
    @discardableResult
    mutating func begin(at now: Instant) -> Instant {
        readyAt = now
        let first = nextAttempt(FlushRequests())
        retryDeadline = first + policy.maxElapsedTime
        return first
    }

    /// Returns when the batch is sent next.
    ///
    /// A flush that is requested during an attempt is also considered.
    func nextAttempt(_ requests: FlushRequests) -> Instant {
        guard let delay else { return readyAt }
        var instant = max(readyAt, delay.until)
        if delay.cause == .backoff {
            if requests.isFlushRequested {
                instant = min(instant, delay.since + policy.initialBackoff)
            }
            if let shutdown = requests.shutdown, shutdown.requestedAt > delay.since {
                instant = min(instant, shutdown.requestedAt)
            }
        }
        if let last = requests.shutdown?.lastAttemptAt, last > delay.since {
            instant = min(instant, last)
        }
        return instant
    }

    /// Processes the end of an attempt.
    ///
    /// - Parameters:
    ///   - requests: The waiting flushes and shutdowns; the deadline of a shutdown replaces `maxElapsedTime`.
    ///   - jitter: A random number from 0 up to 1.
    mutating func step(
        after result: ExportResult, at now: Instant, _ requests: FlushRequests, jitter: Double
    ) -> Step {
        let status = update(after: result, at: now, requests, jitter)
        switch (result, status) {
        case (.success(let rejected, _), _): return .complete(.sent(rejectedSpans: rejected))
        case (.failure, _): return .complete(.dropped(.rejected))
        case (.cancelled, _): return .complete(.dropped(.closed))
        case (.retryable, .beforeDeadline), (.retryable, .shuttingDown):
            return .attempt(at: nextAttempt(requests))
        case (.retryable, .deadlineExpired): return .complete(.dropped(.undeliverable))
        }
    }

    /// Counts a failure and sets the delay after it, or resets both.
    private mutating func update(
        after result: ExportResult, at now: Instant, _ requests: FlushRequests, _ jitter: Double
    ) -> DeadlineStatus {
        guard case .retryable(_, let retryAfter) = result else {
            consecutiveFailures = 0
            delay = nil
            return .beforeDeadline
        }
        consecutiveFailures += 1
        let lastAttemptAt = requests.shutdown?.lastAttemptAt ?? now
        let isShuttingDown = policy.maxElapsedTime > .zero && lastAttemptAt > now
        let backoff = policy.backoff(afterFailures: consecutiveFailures, jitter: jitter)
        let serverDelay = min(retryAfter ?? .zero, Self.maxRetryAfter)
        let followsServer = serverDelay > .zero && serverDelay >= backoff
        let ownDelay = isShuttingDown ? backoff : min(backoff, policy.maxElapsedTime)
        delay = Delay(
            since: now, until: now + (followsServer ? serverDelay : ownDelay),
            cause: followsServer ? .retryAfter : .backoff)
        if isShuttingDown { return .shuttingDown }
        // After `Retry-After` one attempt is made even after the maximum elapsed time.
        return (followsServer ? now : nextAttempt(requests)) < retryDeadline
            ? .beforeDeadline : .deadlineExpired
    }
}

/// The requested flushes and shutdowns, for which ``ExportPolicy`` retries earlier.
struct FlushRequests {
    typealias Instant = ContinuousClock.Instant

    /// A shutdown with its deadline.
    struct Shutdown {
        let requestedAt: Instant
        /// The start of the last attempt.
        let lastAttemptAt: Instant
    }

    /// The maximum time for a response that is reserved between the last attempt and the deadline.
    private static let maxResponseTime = Duration.seconds(1)

    /// Whether a flush was requested since the last attempt started.
    private(set) var isFlushRequested = false
    /// The requested shutdown; nil while the reporter works.
    private(set) var shutdown: Shutdown?

    /// Records that a flush waits.
    mutating func requestFlush() {
        isFlushRequested = true
    }

    /// Records that an attempt starts, which satisfies the flush requests.
    mutating func beginAttempt() {
        isFlushRequested = false
    }

    /// Records a shutdown; the earliest of several deadlines applies.
    mutating func requestShutdown(at now: Instant, deadline: Instant) {
        let responseTime = min(now.duration(to: deadline) / 4, Self.maxResponseTime)
        shutdown = Shutdown(
            requestedAt: shutdown?.requestedAt ?? now,
            lastAttemptAt: min(shutdown?.lastAttemptAt ?? deadline, deadline - responseTime))
    }
}

/// Decides when the batch under way is sent, sent again, and given up.
///
/// Pure: verdicts and time come in as values. It outlives the batch, for a collector that wants to be left alone wants
/// so for the next batch as well.
struct DeliveryPlan {
    typealias Instant = ContinuousClock.Instant

    /// What follows from a verdict.
    enum Step: Equatable {
        /// The batch is done with.
        case settle(Delivery)
        /// It is sent again, at that instant.
        case attempt(at: Instant)
    }

    private let policy: RetryPolicy
    private var failuresInARow = 0
    /// Before that the collector is left alone; nil if it works.
    private var quietUntil: Instant?
    private var giveUpAt: Instant

    init(_ policy: RetryPolicy, now: Instant) {
        self.policy = policy
        giveUpAt = now
    }

    /// A batch has its turn.
    ///
    /// - Returns: When it is sent first.
    mutating func begin(at now: Instant) -> Instant {
        giveUpAt = now + policy.budget
        return max(now, quietUntil ?? now)
    }

    /// An attempt has ended.
    ///
    /// - Parameter jitter: From 0 up to 1, by chance.
    mutating func next(after verdict: Verdict, at now: Instant, jitter: Double) -> Step {
        switch verdict {
        case .accepted(let refusedSpans, _):
            calmDown()
            return .settle(.sent(refusedSpans: refusedSpans))
        case .refused:
            calmDown()
            return .settle(.dropped(.rejected))
        case .cancelled: return .settle(.dropped(.closed))
        case .unavailable(_, let retryAfter):
            failuresInARow += 1
            let pause = policy.pause(afterFailures: failuresInARow, jitter: jitter)
            let instant = now + min(max(pause, retryAfter ?? .zero), policy.budget)
            quietUntil = instant
            return instant < giveUpAt
                ? .attempt(at: instant) : .settle(.dropped(.undeliverable))
        }
    }

    private mutating func calmDown() {
        failuresInARow = 0
        quietUntil = nil
    }
}

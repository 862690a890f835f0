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

    /// A pause after a failure.
    private struct Quiet {
        /// When the collector failed.
        let since: Instant
        /// Before that it is left alone.
        let until: Instant
        /// Whether the collector itself named the end, by `Retry-After`.
        let isNamed: Bool
    }

    /// For how long a collector is believed that wants to be left alone.
    ///
    /// 10 minutes: a wrong number or a wrong clock must not silence a program for good.
    static let namedPauseMax = Duration.seconds(600)

    private let policy: RetryPolicy
    private var failuresInARow = 0
    /// Nil if the collector works.
    private var quiet: Quiet?
    private var turn: Instant
    private var giveUpAt: Instant

    init(_ policy: RetryPolicy, now: Instant) {
        self.policy = policy
        turn = now
        giveUpAt = now
    }

    /// A batch has its turn; its budget begins with the first attempt.
    ///
    /// - Returns: When it is sent first, if nobody is in haste.
    @discardableResult
    mutating func begin(at now: Instant) -> Instant {
        turn = now
        let first = attemptTime(in: Haste())
        giveUpAt = first + policy.budget
        return first
    }

    /// When the batch is sent next.
    ///
    /// Who flushes, be it during an attempt, is served after the first pause; a reporter that closes tries at once, and once more before its deadline.
    /// The collector's own time is kept as far as the deadline allows it.
    func attemptTime(in haste: Haste) -> Instant {
        guard let quiet else { return turn }
        var instant = max(turn, quiet.until)
        if !quiet.isNamed {
            if haste.isFlushing { instant = min(instant, quiet.since + policy.firstPause) }
            if let closedAt = haste.closedAt, closedAt > quiet.since {
                instant = min(instant, closedAt)
            }
        }
        if let last = haste.lastAttemptAt, last > quiet.since { instant = min(instant, last) }
        return instant
    }

    /// An attempt has ended.
    ///
    /// - Parameters:
    ///   - haste: Who waits: while a reporter closes, its deadline takes the place of the budget.
    ///   - jitter: From 0 up to 1, by chance.
    mutating func next(
        after verdict: Verdict, at now: Instant, in haste: Haste, jitter: Double
    ) -> Step {
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
            let named = min(retryAfter ?? .zero, Self.namedPauseMax)
            let isNamed = named > .zero && named >= pause
            let isClosing = policy.budget > .zero && (haste.lastAttemptAt ?? now) > now
            let own = isClosing ? pause : min(pause, policy.budget)
            quiet = Quiet(since: now, until: now + (isNamed ? named : own), isNamed: isNamed)
            let next = attemptTime(in: haste)
            // After the time that the collector named, one attempt is made even beyond the budget.
            return next < giveUpAt || (isNamed && now < giveUpAt) || isClosing
                ? .attempt(at: next) : .settle(.dropped(.undeliverable))
        }
    }

    private mutating func calmDown() {
        failuresInARow = 0
        quiet = nil
    }
}

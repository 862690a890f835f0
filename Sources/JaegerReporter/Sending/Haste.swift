/// Who waits for the spans that are pending: since when, and for how long.
///
/// It brings forward what ``DeliveryPlan`` would do later by itself.
struct Haste {
    typealias Instant = ContinuousClock.Instant

    /// How long before the deadline the last attempt begins at the earliest: time for an answer.
    private static let answerTimeMax = Duration.seconds(1)

    /// Whether somebody has asked for a flush since the last attempt began.
    private(set) var isFlushing = false
    /// When the reporter was told to close; nil while it works.
    private(set) var closedAt: Instant?
    /// When the last attempt begins of a reporter that closes.
    private(set) var lastAttemptAt: Instant?

    /// Somebody waits for a flush.
    mutating func flush() {
        isFlushing = true
    }

    /// An attempt begins, which is what a flush has asked for.
    mutating func beginAttempt() {
        isFlushing = false
    }

    /// The reporter closes; of several deadlines the first one counts.
    mutating func close(at now: Instant, deadline: Instant) {
        let answerTime = min((now.duration(to: deadline)) / 4, Self.answerTimeMax)
        closedAt = closedAt ?? now
        lastAttemptAt = min(lastAttemptAt ?? deadline, deadline - answerTime)
    }
}

/// A token bucket: tokens are added over time up to a maximum, and taken one at a time.
///
/// It has no side effects: the time is passed in, in nanoseconds of a monotonic clock. It starts full, so that traces
/// at the start of a process are sampled, and in any time `t` it provides at most `rate * t + maximum` tokens.
struct TokenBucket {
    /// The number of tokens that are added per second; finite and not negative.
    private(set) var ratePerSecond: Double
    /// The maximum number of tokens.
    private(set) var maximum: Double
    private var balance: Double
    private var refilledAt: Int64

    /// Creates a full bucket.
    ///
    /// - Parameters:
    ///   - ratePerSecond: The number of tokens that are added per second; values below 0 and NaN count as 0.
    ///   - maximum: The maximum number of tokens; if nil the tokens of one second, at least one unless the rate is
    ///     zero, as in all of Jaeger's clients.
    init(ratePerSecond: Double, maximum: Double? = nil, now: Int64) {
        self.ratePerSecond = Self.sanitized(ratePerSecond)
        self.maximum = Self.maximum(maximum, of: self.ratePerSecond)
        balance = self.maximum
        refilledAt = now
    }

    /// Takes a token if there is one.
    mutating func take(now: Int64) -> Bool {
        refill(now)
        guard balance >= 1 else { return false }
        balance -= 1
        return true
    }

    /// Sets another rate; the number of tokens is scaled in proportion.
    mutating func update(ratePerSecond: Double, now: Int64) {
        let rate = Self.sanitized(ratePerSecond)
        guard rate != self.ratePerSecond else { return }
        refill(now)
        let newMaximum = Self.maximum(nil, of: rate)
        balance = maximum > 0 ? balance / maximum * newMaximum : newMaximum
        self.ratePerSecond = rate
        maximum = newMaximum
    }

    private mutating func refill(_ now: Int64) {
        // Threads read the clock before they acquire the lock, so a reading may be older than the last one.
        let (elapsed, overflow) = now.subtractingReportingOverflow(refilledAt)
        guard !overflow, elapsed > 0 else { return }
        refilledAt = now
        balance = min(maximum, balance + Double(elapsed) / 1e9 * ratePerSecond)
    }

    private static func sanitized(_ rate: Double) -> Double {
        // The comparison is false for NaN.
        rate > 0 ? min(rate, 1e12) : 0
    }

    private static func maximum(_ asked: Double?, of rate: Double) -> Double {
        sanitized(asked ?? (rate > 0 ? max(rate, 1) : 0))
    }
}

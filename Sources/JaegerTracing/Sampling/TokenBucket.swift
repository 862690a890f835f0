/// Credit that grows with time up to a bound, and is spent one piece at a time.
///
/// Pure: time comes as a value, in nanoseconds of a monotonic clock. It starts full, so that the first
/// moments of a process are not left out, and in any time `t` it gives at most `rate * t + maximum`.
struct TokenBucket {
    /// How many pieces a second grow; never negative, finite.
    private(set) var ratePerSecond: Double
    /// How many pieces there are at the most.
    private(set) var maximum: Double
    private var balance: Double
    private var settledAt: Int64

    /// Makes a full bucket.
    ///
    /// - Parameters:
    ///   - ratePerSecond: The growth; below 0 and not a number count as 0.
    ///   - maximum: What fits in; if nil the growth of a second, at least one piece unless nothing
    ///     grows, as in all of Jaeger's clients.
    init(ratePerSecond: Double, maximum: Double? = nil, now: Int64) {
        self.ratePerSecond = Self.cleaned(ratePerSecond)
        self.maximum = Self.maximum(maximum, of: self.ratePerSecond)
        balance = self.maximum
        settledAt = now
    }

    /// Takes one piece if there is one.
    mutating func take(now: Int64) -> Bool {
        settle(now)
        guard balance >= 1 else { return false }
        balance -= 1
        return true
    }

    /// Sets another rate; the bucket stays as full, in proportion, as it was.
    mutating func update(ratePerSecond: Double, now: Int64) {
        let rate = Self.cleaned(ratePerSecond)
        guard rate != self.ratePerSecond else { return }
        settle(now)
        let newMaximum = Self.maximum(nil, of: rate)
        balance = maximum > 0 ? balance / maximum * newMaximum : newMaximum
        self.ratePerSecond = rate
        maximum = newMaximum
    }

    private mutating func settle(_ now: Int64) {
        // Threads read the clock before they get the lock: a reading may be older than the last one.
        let (elapsed, overflow) = now.subtractingReportingOverflow(settledAt)
        guard !overflow, elapsed > 0 else { return }
        settledAt = now
        balance = min(maximum, balance + Double(elapsed) / 1e9 * ratePerSecond)
    }

    private static func cleaned(_ rate: Double) -> Double {
        // The comparison is false for what is no number.
        rate > 0 ? min(rate, 1e12) : 0
    }

    private static func maximum(_ asked: Double?, of rate: Double) -> Double {
        cleaned(asked ?? (rate > 0 ? max(rate, 1) : 0))
    }
}

/// Holds a peer to a least rate of bytes: it may be silent for a while, and earns more time with every byte.
///
/// Only the time in which the peer is waited for counts, so a slow handler does not make its client look slow.
struct Pace {
    private var waitedNanoseconds: UInt64 = 0
    private var byteCount: UInt64 = 0

    /// Counts bytes that came or were taken.
    mutating func note(_ count: Int) {
        byteCount &+= UInt64(truncatingIfNeeded: count)
    }

    /// Counts time in which the peer was waited for.
    mutating func noteWait(nanoseconds: UInt64) {
        waitedNanoseconds &+= nanoseconds
    }

    /// How many nanoseconds the peer may be waited for now.
    ///
    /// - Parameters:
    ///   - silence: The longest single wait, which is also what a peer gets in advance, in nanoseconds.
    ///   - bytesPerSecondMin: The least rate beyond that; 0 for none.
    func allowance(silence: UInt64, bytesPerSecondMin: Int) -> UInt64 {
        guard bytesPerSecondMin > 0 else { return silence }
        let nanosecondsAByte = 1_000_000_000 / UInt64(bytesPerSecondMin)
        let (earned, overflows) = byteCount.multipliedReportingOverflow(by: nanosecondsAByte)
        let (total, isEndless) = silence.addingReportingOverflow(earned)
        if overflows || isEndless { return silence }
        return waitedNanoseconds < total ? min(silence, total - waitedNanoseconds) : 0
    }
}

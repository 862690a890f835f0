/// Decides which blocks of a loop are logged as warnings, so that a handler that blocks at every request does not fill the log.
///
/// Each cause is a warning once in ten seconds; those between are logged at debug level, and the next warning of the same
/// cause says how many they were.
struct StallJournal: Sendable {
    private struct Entry: Sendable {
        var loggedAt: UInt64
        var suppressedCount = 0
    }

    private static let pauseNanoseconds: UInt64 = 10_000_000_000
    /// Causes beyond these share one entry.
    private static let causesMax = 64
    private static let otherCauses = "other"

    private var entries: [String: Entry] = [:]

    /// Takes note of a block at an instant in nanoseconds; the number of those that were left out before it if it is to be
    /// logged, else nil.
    mutating func admit(_ cause: String, at now: UInt64) -> Int? {
        let isKnown = entries[cause] != nil || entries.count < Self.causesMax
        let key = isKnown ? cause : Self.otherCauses
        guard let entry = entries[key], now &- entry.loggedAt < Self.pauseNanoseconds else {
            let suppressed = entries[key]?.suppressedCount ?? 0
            entries[key] = Entry(loggedAt: now)
            return suppressed
        }
        entries[key]?.suppressedCount += 1
        return nil
    }
}

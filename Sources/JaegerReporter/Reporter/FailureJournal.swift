/// Decides which failures are said aloud: the first of a kind at once, then at most one line a minute with what came
/// together since, and a line when sending works again.
///
/// Pure: time comes in as a value, and the line to be written goes out.
struct FailureJournal {
    typealias Instant = ContinuousClock.Instant

    /// A line for the log.
    enum Line: Equatable {
        /// The collector does not take spans now; nothing is lost yet.
        case unavailable(reason: String)
        /// So many spans were lost since the last such line.
        case lost(Int, reason: String)
        /// The collector took a batch and has something to say.
        case warned(String)
        /// Spans are sent again; so many were lost meanwhile.
        case recovered(lost: Int)
    }

    /// The pause between lines of a kind.
    static let pause = Duration.seconds(60)
    /// How many causes of refusal are remembered as told.
    static let toldMax = 32

    private var lostSinceLine = 0
    private var lostSinceTrouble = 0
    private var isTroubled = false
    private var hasToldTrouble = false
    private var quiet: [Kind: Instant] = [:]
    private var told: Set<String> = []

    private enum Kind { case unavailable, lost, warned }

    /// An attempt to send failed; it will be repeated, or its spans are noted as lost.
    mutating func attemptFailed(_ reason: String, at now: Instant) -> Line? {
        isTroubled = true
        guard isDue(.unavailable, at: now) else { return nil }
        hasToldTrouble = true
        return .unavailable(reason: reason)
    }

    /// Spans were lost.
    ///
    /// - Parameter isRefusal: The collector said so, and why; each reason is told once at once.
    mutating func lost(_ count: Int, because reason: String, isRefusal: Bool, at now: Instant)
        -> Line?
    {
        lostSinceLine += count
        if isTroubled { lostSinceTrouble += count }
        let isNews = isRefusal && told.count < Self.toldMax && told.insert(reason).inserted
        guard isDue(.lost, at: now) || isNews else { return nil }
        defer { lostSinceLine = 0 }
        return .lost(lostSinceLine, reason: reason)
    }

    /// The collector took a batch.
    mutating func sent(warning: String?, at now: Instant) -> Line? {
        if isTroubled {
            defer { (isTroubled, hasToldTrouble, lostSinceTrouble) = (false, false, 0) }
            if hasToldTrouble { return .recovered(lost: lostSinceTrouble) }
        }
        guard let warning, isDue(.warned, at: now) else { return nil }
        return .warned(warning)
    }

    private mutating func isDue(_ kind: Kind, at now: Instant) -> Bool {
        if let until = quiet[kind], now < until { return false }
        quiet[kind] = now + Self.pause
        return true
    }
}

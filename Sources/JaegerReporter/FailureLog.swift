import Logging
import Synchronization

/// Logs failed exports, dropped spans and recovery, with the lines that ``FailureJournal`` selects.
struct FailureLog: ~Copyable {
    private let logger: Logger
    private let endpoint: String
    private let journal = Mutex(FailureJournal())
    /// The number of dropped spans in the last line that was logged at a shutdown.
    private let droppedAtShutdown = Mutex(0)

    /// Creates a log.
    ///
    /// - Parameter endpoint: The endpoint for the metadata of each line; it must not contain secrets.
    init(logger: Logger, endpoint: String) {
        self.logger = logger
        self.endpoint = endpoint
    }

    /// Applies a change to the journal, and logs the line that it returns.
    func record(_ change: (inout FailureJournal) -> FailureJournal.Line?) {
        let line: FailureJournal.Line? = journal.withLock { change(&$0) }
        switch line {
        case nil: break
        case .unavailable(let reason):
            logger.warning("span export failed, retrying", metadata: metadata(["reason": reason]))
        case .lost(let count, let reason):
            logger.error(
                "spans dropped", metadata: metadata(["count": "\(count)", "reason": reason]))
        case .warned(let warning):
            logger.warning(
                "collector accepted spans with a warning", metadata: metadata(["reason": warning]))
        case .recovered(let dropped):
            logger.notice("span export recovered", metadata: metadata(["dropped": "\(dropped)"]))
        }
    }

    /// Logs that the endpoint is invalid, so that no request can be sent.
    func report(unusable reason: String) {
        logger.error(
            "invalid collector endpoint, spans are dropped", metadata: metadata(["reason": reason]))
    }

    /// Logs the total of dropped spans when the reporter has shut down, if there are any; again only if more were
    /// dropped since.
    func report(final status: ReporterStatus) {
        let hasChanged = droppedAtShutdown.withLock { logged in
            defer { logged = max(logged, status.dropped) }
            return status.dropped > logged
        }
        guard hasChanged else { return }
        logger.warning(
            "reporter shut down with dropped spans", metadata: metadata(["counts": "\(status)"]))
    }

    private func metadata(_ values: [String: String]) -> Logger.Metadata {
        var metadata = values.mapValues { Logger.MetadataValue.string($0) }
        metadata["endpoint"] = .string(endpoint)
        return metadata
    }
}

/// Decides which failures are logged: the first of a kind immediately, then at most one line per minute with the total
/// since, and one line when the export recovers.
///
/// It has no side effects: the time is passed in, and the line to log is returned.
struct FailureJournal {
    typealias Instant = ContinuousClock.Instant

    /// A log line.
    enum Line: Equatable {
        /// The collector does not accept spans now; nothing has been dropped yet.
        case unavailable(reason: String)
        /// Spans were dropped; contains their number since the last such line.
        case lost(Int, reason: String)
        /// The collector accepted a batch with a warning.
        case warned(String)
        /// The export works again; contains the number of spans dropped meanwhile.
        case recovered(lost: Int)
    }

    /// The state of the collector after the last attempt.
    private enum Collector {
        case available
        /// - Parameters:
        ///   - isLogged: Whether this state has been logged.
        ///   - droppedSpans: The number of spans dropped since it began.
        case unavailable(isLogged: Bool, droppedSpans: Int)
    }

    private enum Kind { case unavailable, lost, warned }

    /// The minimum interval between lines of the same kind.
    static let interval = Duration.seconds(60)
    /// The maximum number of distinct rejection reasons that are logged immediately.
    static let maxLoggedReasons = 32

    private var collector = Collector.available
    private var droppedSinceLine = 0
    private var nextLineAt: [Kind: Instant] = [:]
    private var loggedReasons: Set<String> = []

    /// Records a failed attempt, which is retried, or whose spans are recorded as lost.
    mutating func attemptFailed(_ reason: String, at now: Instant) -> Line? {
        let isDue = isDue(.unavailable, at: now)
        switch collector {
        case .available: collector = .unavailable(isLogged: isDue, droppedSpans: 0)
        case .unavailable(let isLogged, let dropped):
            collector = .unavailable(isLogged: isLogged || isDue, droppedSpans: dropped)
        }
        return isDue ? .unavailable(reason: reason) : nil
    }

    /// Records dropped spans.
    ///
    /// - Parameter isRejection: Whether the reason comes from the collector; each such reason is logged immediately
    ///   once.
    mutating func lost(_ count: Int, because reason: String, isRejection: Bool, at now: Instant)
        -> Line?
    {
        droppedSinceLine += count
        if case .unavailable(let isLogged, let dropped) = collector {
            collector = .unavailable(isLogged: isLogged, droppedSpans: dropped + count)
        }
        let isNew =
            isRejection && loggedReasons.count < Self.maxLoggedReasons
            && loggedReasons.insert(reason).inserted
        guard isDue(.lost, at: now) || isNew else { return nil }
        defer { droppedSinceLine = 0 }
        return .lost(droppedSinceLine, reason: reason)
    }

    /// Records that the collector accepted a batch.
    mutating func sent(warning: String?, at now: Instant) -> Line? {
        if case .unavailable(let isLogged, let dropped) = collector {
            collector = .available
            if isLogged { return .recovered(lost: dropped) }
        }
        guard let warning, isDue(.warned, at: now) else { return nil }
        return .warned(warning)
    }

    private mutating func isDue(_ kind: Kind, at now: Instant) -> Bool {
        if let next = nextLineAt[kind], now < next { return false }
        nextLineAt[kind] = now + Self.interval
        return true
    }
}

extension String {
    /// The maximum number of bytes of a text that are logged.
    private static let maxLoggedBytes = 200

    /// Creates the first line of a text from the network, truncated to 200 bytes; scalars that cannot be printed, or
    /// could control a terminal, are replaced by `?`.
    init(firstPrintableLine bytes: some Sequence<UInt8>) {
        let line = bytes.prefix(Self.maxLoggedBytes).prefix { $0 != 0x0A && $0 != 0x0D }
        let text = String(decoding: Array(line), as: UTF8.self).unicodeScalars.map { scalar in
            scalar.isPrintable ? Character(scalar) : "?"
        }
        self.init(text)
    }
}

extension Unicode.Scalar {
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        default: self != "\u{FFFD}"
        }
    }
}

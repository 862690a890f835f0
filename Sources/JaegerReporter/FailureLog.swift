import Logging
import Synchronization

/// Logs that spans cannot be sent or are dropped, and that sending works again: the lines that ``FailureJournal`` lets
/// through.
struct FailureLog: ~Copyable {
    private let logger: Logger
    private let endpoint: String
    private let journal = Mutex(FailureJournal())
    /// How many dropped spans the last line at a shutdown has told.
    private let droppedAtShutdown = Mutex(0)

    /// Makes a log.
    ///
    /// - Parameter endpoint: Named in every line; nothing secret.
    init(logger: Logger, endpoint: String) {
        self.logger = logger
        self.endpoint = endpoint
    }

    /// Notes something, and writes a line if one is due.
    func note(_ change: (inout FailureJournal) -> FailureJournal.Line?) {
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

    /// Logs that no request can ever be sent to the endpoint.
    func report(unusable reason: String) {
        logger.error(
            "invalid collector endpoint, spans are dropped", metadata: metadata(["reason": reason]))
    }

    /// Logs what was dropped in all when the reporter has shut down, if anything was; again only if more was dropped since.
    func report(final status: ReporterStatus) {
        let isNews = droppedAtShutdown.withLock { logged in
            defer { logged = max(logged, status.dropped) }
            return status.dropped > logged
        }
        guard isNews else { return }
        logger.warning(
            "reporter shut down with dropped spans", metadata: metadata(["account": "\(status)"]))
    }

    private func metadata(_ values: [String: String]) -> Logger.Metadata {
        var metadata = values.mapValues { Logger.MetadataValue.string($0) }
        metadata["endpoint"] = .string(endpoint)
        return metadata
    }
}

/// Decides which failures are logged: the first of a kind at once, then at most one line a minute with the sum since, and
/// one line when sending works again.
///
/// Pure: time comes in as a value, and the line to be written goes out.
struct FailureJournal {
    typealias Instant = ContinuousClock.Instant

    /// A line for the log.
    enum Line: Equatable {
        /// The collector does not accept spans now; nothing is dropped yet.
        case unavailable(reason: String)
        /// So many spans were dropped since the last such line.
        case lost(Int, reason: String)
        /// The collector accepted a batch with a warning.
        case warned(String)
        /// Spans are sent again; so many were dropped meanwhile.
        case recovered(lost: Int)
    }

    /// Whether the last attempt failed.
    private enum Collector {
        case available
        /// - Parameters:
        ///   - isLogged: Whether a line has said so.
        ///   - droppedSpans: How many were dropped since.
        case unavailable(isLogged: Bool, droppedSpans: Int)
    }

    private enum Kind { case unavailable, lost, warned }

    /// The interval between lines of a kind.
    static let interval = Duration.seconds(60)
    /// How many reasons of rejections are remembered as logged.
    static let maxLoggedReasons = 32

    private var collector = Collector.available
    private var droppedSinceLine = 0
    private var nextLineAt: [Kind: Instant] = [:]
    private var loggedReasons: Set<String> = []

    /// An attempt to send failed; it will be repeated, or its spans are noted as lost.
    mutating func attemptFailed(_ reason: String, at now: Instant) -> Line? {
        let isDue = isDue(.unavailable, at: now)
        switch collector {
        case .available: collector = .unavailable(isLogged: isDue, droppedSpans: 0)
        case .unavailable(let isLogged, let dropped):
            collector = .unavailable(isLogged: isLogged || isDue, droppedSpans: dropped)
        }
        return isDue ? .unavailable(reason: reason) : nil
    }

    /// Spans were dropped.
    ///
    /// - Parameter isRejection: The collector said so, and why; each reason is logged once at once.
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

    /// The collector accepted a batch.
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
    /// How many bytes of a text for the log are looked at.
    private static let maxLoggedBytes = 200

    /// The first line of a text from the network, cut after 200 bytes; what cannot be printed, or would control a terminal,
    /// becomes `?`.
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

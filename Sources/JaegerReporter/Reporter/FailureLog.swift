import Logging
import Synchronization

/// Says aloud that spans cannot be sent or are lost, and that it works again: what ``FailureJournal`` lets through.
struct FailureLog: ~Copyable {
    private let logger: Logger
    private let endpoint: String
    private let journal = Mutex(FailureJournal())

    /// Makes a log.
    ///
    /// - Parameter endpoint: Named in every line; nothing secret.
    init(logger: Logger, endpoint: String) {
        self.logger = logger
        self.endpoint = endpoint
    }

    /// Notes something, and writes a line if there is one to be written.
    func note(_ change: (inout FailureJournal) -> FailureJournal.Line?) {
        let line: FailureJournal.Line? = journal.withLock { change(&$0) }
        switch line {
        case nil: break
        case .unavailable(let reason):
            logger.warning(
                "spans cannot be sent now, trying again", metadata: metadata(["reason": reason]))
        case .lost(let count, let reason):
            logger.error(
                "spans were lost", metadata: metadata(["count": "\(count)", "reason": reason]))
        case .warned(let warning):
            logger.warning(
                "the collector took spans and warned", metadata: metadata(["reason": warning]))
        case .recovered(let lost):
            logger.notice("spans are sent again", metadata: metadata(["lost": "\(lost)"]))
        }
    }

    /// Says that the endpoint can never be reached.
    func report(unusable reason: String) {
        logger.error("no spans can be sent", metadata: metadata(["reason": reason]))
    }

    /// Says what was lost in all when the reporter closes, if anything was.
    func report(final status: ReporterStatus) {
        guard status.dropped > 0 else { return }
        logger.warning(
            "the reporter closed with losses", metadata: metadata(["account": "\(status)"]))
    }

    private func metadata(_ values: [String: String]) -> Logger.Metadata {
        var metadata = values.mapValues { Logger.MetadataValue.string($0) }
        metadata["endpoint"] = .string(endpoint)
        return metadata
    }
}

import Logging
import SpoorNetworking
import Synchronization

/// Reporting handlers that block an event loop.
extension HTTPServer {
    /// Watches the loops until it is stopped; nil if that is switched off.
    func startWatchdog(over servers: [LoopServer]) -> LoopWatchdog? {
        guard let threshold = limits.loopStallThreshold?.wholeNanoseconds else { return nil }
        let log = StallLog(logger: logger)
        let watched = servers.map { server in
            let (probes, name, index) = (server.probes, "\(server.loop)", log.addLoop())
            server.loop.execute { server.loop.stallThreshold = threshold }
            return LoopWatchdog.Watched(server.loop) { job in
                probes.describe(task: job)
            } report: { event in
                log.take(event, of: name, index)
            }
        }
        do throws(SystemError) {
            return try LoopWatchdog(over: watched, threshold: threshold)
        } catch {
            logger.warning(
                "no thread for the watchdog: blocked event loops are not logged",
                metadata: ["error": "\(error)"])
            return nil
        }
    }
}

/// Writes what the watchdog finds to the log.
private final class StallLog: Sendable {
    /// At which level the block that lasts was logged.
    private enum Report: Sendable {
        case none
        case logged(Logger.Level)
    }

    private struct State: Sendable {
        var journal = StallJournal()
        /// For each loop.
        var reports: [Report] = []
    }

    private let logger: Logger
    private let state = Mutex(State())

    init(logger: Logger) {
        self.logger = logger
    }

    /// Makes room for another loop, and returns its index.
    func addLoop() -> Int {
        state.withLock { state in
            state.reports.append(.none)
            return state.reports.count - 1
        }
    }

    func take(_ event: StallDetector.Event, of loop: String, _ index: Int) {
        switch event {
        case .isBlocked(let nanoseconds, let cause):
            let (level, suppressed) = admit(cause)
            state.withLock { $0.reports[index] = .logged(level) }
            log(level, "an event loop is blocked", loop, nanoseconds, cause, suppressed)
        case .wasBlocked(let nanoseconds, let cause):
            let report = state.withLock { state in
                defer { state.reports[index] = .none }
                return state.reports[index]
            }
            let (level, suppressed) =
                switch report {
                case .logged(let level): (level, 0)
                case .none: admit(cause)
                }
            log(level, "an event loop was blocked", loop, nanoseconds, cause, suppressed)
        }
    }

    /// The level of a block, and how many of the same cause were logged at debug level since the last warning.
    private func admit(_ cause: String) -> (Logger.Level, suppressed: Int) {
        let suppressed = state.withLock {
            $0.journal.admit(cause, at: MonotonicInstant.now().nanoseconds)
        }
        return suppressed.map { (.warning, $0) } ?? (.debug, 0)
    }

    private func log(
        _ level: Logger.Level, _ message: Logger.Message, _ loop: String, _ nanoseconds: UInt64,
        _ cause: String, _ suppressed: Int
    ) {
        guard logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = [
            "loop": "\(loop)", "by": "\(cause)",
            "milliseconds": "\(nanoseconds / 1_000_000)",
        ]
        if suppressed > 0 { metadata["repeats"] = "\(suppressed)" }
        logger.log(level: level, message, metadata: metadata)
    }
}

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
    private static let maxCauses = 64
    private static let otherCauses = "other"

    private var entries: [String: Entry] = [:]

    /// Takes note of a block at an instant in nanoseconds; the number of those that were left out before it if it is to be
    /// logged, else nil.
    mutating func admit(_ cause: String, at now: UInt64) -> Int? {
        let isKnown = entries[cause] != nil || entries.count < Self.maxCauses
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

import Logging
import SpoorNetworking
import Synchronization

/// Reporting handlers that block an event loop.
extension HTTPServer {
    /// Watches the event loops until it is stopped; returns nil if the watchdog is disabled.
    func startWatchdog(over servers: [LoopServer]) -> LoopWatchdog? {
        guard let threshold = limits.loopStallThreshold?.wholeNanoseconds else { return nil }
        let log = StallLog(logger: logger)
        let watched = servers.map { server in
            let (activities, name, index) = (server.activities, "\(server.loop)", log.addLoop())
            server.loop.execute { server.loop.stallThreshold = threshold }
            return LoopWatchdog.Watched(server.loop) { job in
                activities.describe(task: job)
            } report: { event in
                log.take(event, of: name, index)
            }
        }
        do throws(SystemError) {
            return try LoopWatchdog(over: watched, threshold: threshold)
        } catch {
            logger.warning(
                "cannot start watchdog thread, blocked event loops are not logged",
                metadata: ["error": "\(error)"])
            return nil
        }
    }
}

/// Logs the findings of the watchdog.
private final class StallLog: Sendable {
    /// The level at which the current block was logged.
    private enum Report: Sendable {
        case none
        case logged(Logger.Level)
    }

    private struct State: Sendable {
        var journal = StallJournal()
        /// The reports by event loop.
        var reports: [Report] = []
    }

    private let logger: Logger
    private let state = Mutex(State())

    init(logger: Logger) {
        self.logger = logger
    }

    /// Adds an event loop, and returns its index.
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
            log(level, "event loop blocked", loop, nanoseconds, cause, suppressed)
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
            log(level, "event loop was blocked", loop, nanoseconds, cause, suppressed)
        }
    }

    /// Returns the level of a block, and the number of those with the same cause that were logged at debug level
    /// since the last warning.
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

/// Decides which blocks of an event loop are logged as warnings, so that a handler that blocks in every request does
/// not fill the log.
///
/// Each cause is logged at level warning once in ten seconds; those between are logged at debug level, and the next
/// warning with the same cause contains their number.
struct StallJournal: Sendable {
    private struct Entry: Sendable {
        var loggedAt: UInt64
        var suppressedCount = 0
    }

    private static let pauseNanoseconds: UInt64 = 10_000_000_000
    /// The maximum number of causes with a separate entry; further ones share one entry.
    private static let maxCauses = 64
    private static let otherCauses = "other"

    private var entries: [String: Entry] = [:]

    /// Records a block at an instant in nanoseconds; returns the number of suppressed ones before it if it is to be
    /// logged, otherwise nil.
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

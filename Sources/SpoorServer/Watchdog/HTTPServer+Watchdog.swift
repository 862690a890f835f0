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
    /// What the log has of the block that lasts.
    private enum Report: Sendable {
        case none, logged, suppressed
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
            let suppressed = admit(cause)
            state.withLock { $0.reports[index] = suppressed == nil ? .suppressed : .logged }
            guard let suppressed else { return }
            log("an event loop is blocked", loop, nanoseconds, cause, suppressed)
        case .wasBlocked(let nanoseconds, let cause):
            let report = state.withLock { state in
                defer { state.reports[index] = .none }
                return state.reports[index]
            }
            switch report {
            case .logged: log("an event loop was blocked", loop, nanoseconds, cause, 0)
            case .suppressed: return
            case .none:
                guard let suppressed = admit(cause) else { return }
                log("an event loop was blocked", loop, nanoseconds, cause, suppressed)
            }
        }
    }

    private func admit(_ cause: String) -> Int? {
        state.withLock { $0.journal.admit(cause, at: MonotonicInstant.now().nanoseconds) }
    }

    private func log(
        _ message: Logger.Message, _ loop: String, _ nanoseconds: UInt64, _ cause: String,
        _ suppressed: Int
    ) {
        var metadata: Logger.Metadata = [
            "loop": "\(loop)", "by": "\(cause)",
            "milliseconds": "\(nanoseconds / 1_000_000)",
        ]
        if suppressed > 0 { metadata["notLoggedBefore"] = "\(suppressed)" }
        logger.warning(message, metadata: metadata)
    }
}

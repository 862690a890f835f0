import Logging
import Synchronization

/// Says aloud that spans are being lost: the first failure at once, then at most one line a minute with what was lost since.
struct FailureLog: ~Copyable {
    private struct State {
        var lostSinceLine = 0
        var quietUntil: ContinuousClock.Instant?
    }

    private static let pause = Duration.seconds(60)

    private let logger: Logger
    private let state = Mutex(State())

    init(logger: Logger) {
        self.logger = logger
    }

    /// Notes what became of a batch; nil means that it was sent.
    func note(_ count: Int, because reason: String?) {
        guard let reason else { return }
        let lost = state.withLock { state -> Int? in
            state.lostSinceLine += count
            let now = ContinuousClock.now
            if let quietUntil = state.quietUntil, now < quietUntil { return nil }
            state.quietUntil = now + Self.pause
            defer { state.lostSinceLine = 0 }
            return state.lostSinceLine
        }
        guard let lost else { return }
        logger.error(
            "spans were lost", metadata: ["count": "\(lost)", "reason": "\(reason)"])
    }

    /// Says what was lost in all when the reporter closes, if anything was.
    func report(final status: ReporterStatus) {
        guard status.dropped > 0 else { return }
        logger.warning("the reporter closed", metadata: ["account": "\(status)"])
    }
}

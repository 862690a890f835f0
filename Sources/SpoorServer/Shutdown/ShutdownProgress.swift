import Synchronization

/// The stage of a server's shutdown: one value for all of its event loops and for observers, which only advances.
///
/// Reading it is a plain load, cheap enough for each response.
final class ShutdownProgress: Sendable {
    /// The stages in their order.
    enum Stage: UInt8, Comparable, Sendable {
        /// No shutdown was triggered.
        case none
        /// Readiness checks fail, and new connections are still accepted (``ServerLimits/shutdownDelay``).
        case announced
        /// No more connections are accepted, and requests in flight complete.
        case draining
        /// The remaining connections are closed immediately.
        case closing

        static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
    }

    private let value = Atomic<UInt8>(Stage.none.rawValue)

    /// The current stage.
    var stage: Stage { Stage(rawValue: value.load(ordering: .acquiring)) ?? .closing }

    /// Whether connections are to end with their current exchange.
    var isDraining: Bool { value.load(ordering: .relaxed) >= Stage.draining.rawValue }

    /// Advances to a stage; returns false if that stage, or a later one, was reached before.
    func advance(to stage: Stage) -> Bool {
        value.max(stage.rawValue, ordering: .acquiringAndReleasing).oldValue < stage.rawValue
    }
}

import Synchronization

/// How far the shutdown of a server has got: one value for all of its loops and for observers, which never goes back.
///
/// Reading it is a plain load, so that each response can look.
final class ShutdownProgress: Sendable {
    /// The stages in their order.
    enum Stage: UInt8, Comparable, Sendable {
        /// No shutdown has been asked for.
        case none
        /// Readiness checks fail, and new connections are still accepted (``ServerLimits/shutdownDelay``).
        case announced
        /// No more connections are accepted, and exchanges in flight finish.
        case draining
        /// What is left is closed at once.
        case closing

        static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
    }

    private let value = Atomic<UInt8>(Stage.none.rawValue)

    /// The present stage.
    var stage: Stage { Stage(rawValue: value.load(ordering: .acquiring)) ?? .closing }

    /// Whether connections are to end with their present exchange.
    var isDraining: Bool { value.load(ordering: .relaxed) >= Stage.draining.rawValue }

    /// Goes on to a stage; false if that stage, or a later one, was reached before.
    func advance(to stage: Stage) -> Bool {
        value.max(stage.rawValue, ordering: .acquiringAndReleasing).oldValue < stage.rawValue
    }
}

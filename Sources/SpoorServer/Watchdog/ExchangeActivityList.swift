import SpoorHTTP
import Synchronization

/// The exchanges of one event loop as its watchdog sees them.
///
/// The lock is taken when an exchange is created, which is reused for many requests, and when a loop is blocked;
/// never for a request.
final class ExchangeActivityList: Sendable {
    private let activities = Mutex<[ExchangeActivity]>([])

    /// The maximum number of requests that are listed if the blocking one is unknown.
    private static let maxSuspects = 5

    func add(_ activity: ExchangeActivity) {
        activities.withLock { $0.append(activity) }
    }

    func remove(_ activity: ExchangeActivity) {
        activities.withLock { activities in activities.removeAll { $0 === activity } }
    }

    /// Returns a description of what the task at an address does.
    func describe(task address: UInt) -> String {
        guard address != 0 else { return "the event loop's own work" }
        let active = activities.withLock(\.self).filter { $0.task != 0 }
        if let activity = active.first(where: { $0.task == address }) { return activity.request }
        let suspects = Set(active.map(\.request)).sorted().prefix(Self.maxSuspects)
        return suspects.isEmpty
            ? "a task outside of a request"
            : "a child task; in flight: \(suspects.joined(separator: ", "))"
    }
}

internal import HTTPTypes
internal import Synchronization

/// The part of an exchange that another thread may read: its task, method and route, in atomics.
///
/// A watchdog uses it to find the request that blocks an event loop; the exchange itself belongs to that loop.
package final class ExchangeActivity: Sendable {
    private let taskAddress = Atomic<UInt>(0)
    private let methodNumber = Atomic<UInt8>(.max)
    private let routeNumber = Atomic<UInt32>(0)

    init() {}

    /// Records the start of a request in the task at that address.
    package func begin(task address: UInt, method: KnownMethod?) {
        routeNumber.store(0, ordering: .relaxed)
        methodNumber.store(method?.rawValue ?? .max, ordering: .relaxed)
        taskAddress.store(address, ordering: .relaxed)
    }

    /// Records the matched route.
    func record(_ route: RouteNumber) {
        routeNumber.store(route.value, ordering: .relaxed)
    }

    /// Records that no request is being handled.
    package func end() {
        taskAddress.store(0, ordering: .relaxed)
    }

    /// The address of the task that handles the request; 0 if there is none.
    package var task: UInt { taskAddress.load(ordering: .relaxed) }

    /// Method and route: `GET /items/{id}`; `(no route)` instead of the route before routing.
    package var request: String {
        let number = methodNumber.load(ordering: .relaxed)
        let method = KnownMethod(rawValue: number)?.method.rawValue ?? "an unknown method"
        let route = RouteNumber(value: routeNumber.load(ordering: .relaxed)).template
        return route.map { "\(method) \($0)" } ?? "\(method) (no route)"
    }
}

internal import HTTPTypes
internal import Synchronization

/// What another thread may see of an exchange: its task, its method and its route, by plain stores.
///
/// A watchdog finds out by it which request blocks an event loop; the exchange itself belongs to that loop.
package final class ExchangeProbe: Sendable {
    private let taskAddress = Atomic<UInt>(0)
    private let methodNumber = Atomic<UInt8>(.max)
    private let routeNumber = Atomic<UInt32>(0)

    init() {}

    /// A request begins, in a task at that address.
    package func begin(task address: UInt, method: KnownMethod?) {
        routeNumber.store(0, ordering: .relaxed)
        methodNumber.store(method?.rawValue ?? .max, ordering: .relaxed)
        taskAddress.store(address, ordering: .relaxed)
    }

    /// Its route was chosen.
    func note(_ route: RouteNumber) {
        routeNumber.store(route.value, ordering: .relaxed)
    }

    /// Nothing is going on.
    package func end() {
        taskAddress.store(0, ordering: .relaxed)
    }

    /// The address of the task that handles the request; 0 for none.
    package var task: UInt { taskAddress.load(ordering: .relaxed) }

    /// Method and route: `GET /items/{id}`; the method alone before routing.
    package var request: String {
        let number = methodNumber.load(ordering: .relaxed)
        let method = KnownMethod(rawValue: number)?.method.rawValue ?? "an unknown method"
        let route = RouteNumber(value: routeNumber.load(ordering: .relaxed)).template
        return route.map { "\(method) \($0)" } ?? "\(method) (no route)"
    }
}

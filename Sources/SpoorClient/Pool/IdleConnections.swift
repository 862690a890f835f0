import SpoorNetworking
import Synchronization

/// Selects an event loop with an idle connection for requests of tasks that do not run on an event loop.
///
/// It counts the idle connections of each loop to each origin. A loop changes its own atomic counters, once per request;
/// the lock is acquired only by requests from other threads, and when a loop opens its first connection to an origin or
/// closes its last one. If a counter was out of date, the loop opens a new connection.
final class IdleConnections: Sendable {
    /// The number of idle connections of one event loop to one origin.
    final class Counter: Sendable {
        let loop: EventLoop
        /// The number of idle connections that are not reserved.
        private let availableCount = Atomic(0)

        init(on loop: EventLoop) {
            self.loop = loop
        }

        var available: Int { availableCount.load(ordering: .relaxed) }

        func add(_ count: Int) {
            availableCount.wrappingAdd(count, ordering: .relaxed)
        }
    }

    /// A reservation of an idle connection for a request on its way to the loop.
    ///
    /// It reserves any one connection of the loop to the origin. It ends when it is released, at the latest when the
    /// object is deallocated.
    final class Reservation: Sendable {
        private let counter: Counter
        private let isOpen = Atomic(true)

        /// The event loop that has the connection.
        var loop: EventLoop { counter.loop }

        fileprivate init(on counter: Counter) {
            self.counter = counter
            counter.add(-1)
        }

        deinit { release() }

        /// Ends the reservation, because the request has received a connection or needs none.
        func release() {
            guard isOpen.exchange(false, ordering: .relaxed) else { return }
            counter.add(1)
        }
    }

    private let counters = Mutex<[RequestTarget.Host: [Counter]]>([:])

    /// Reserves an idle connection of the loop that has the most of them; nil if no loop has one.
    ///
    /// Many requests are thereby spread over the loops, and few requests reuse few connections.
    func reserve(_ host: RequestTarget.Host) -> Reservation? {
        counters.withLock { counters in
            guard let counters = counters[host] else { return nil }
            var best: Counter?
            var most = 0
            for counter in counters where counter.available > most && !counter.loop.isEnded {
                (best, most) = (counter, counter.available)
            }
            return best.map(Reservation.init)
        }
    }

    /// Adds a counter for the connections of a loop to an origin.
    func addCounter(for host: RequestTarget.Host, on loop: EventLoop) -> Counter {
        let counter = Counter(on: loop)
        counters.withLock { $0[host, default: []].append(counter) }
        return counter
    }

    /// Removes a counter whose loop has no more connections to the origin.
    func remove(_ counter: Counter, for host: RequestTarget.Host) {
        counters.withLock { counters in
            counters[host]?.removeAll { $0 === counter }
            if counters[host]?.isEmpty == true { counters[host] = nil }
        }
    }
}

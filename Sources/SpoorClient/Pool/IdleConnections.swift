import SpoorNetworking
import Synchronization

/// The idle connections of a client's event loops by origin, for requests of tasks that run on none of its loops.
///
/// Loops only change their own atomic counters, once per request; the lock is taken by requests from outside of the
/// loops, and when a loop opens its first connection to an origin or closes its last one. A counter may be out of
/// date when it is used: then the loop opens a connection.
final class IdleConnections: Sendable {
    /// The idle connections of one event loop to one origin.
    final class Slot: Sendable {
        let loop: EventLoop
        /// The number of idle connections, less those claimed by requests on their way to the loop.
        private let availableCount = Atomic(0)

        init(on loop: EventLoop) {
            self.loop = loop
        }

        var available: Int { availableCount.load(ordering: .relaxed) }

        func add(_ count: Int) {
            availableCount.wrappingAdd(count, ordering: .relaxed)
        }
    }

    /// The claim of one request to one idle connection; given back when it is used or dropped.
    final class Claim: Sendable {
        private let slot: Slot
        private let isOpen = Atomic(true)

        /// The event loop that has the connection.
        var loop: EventLoop { slot.loop }

        fileprivate init(on slot: Slot) {
            self.slot = slot
            slot.add(-1)
        }

        deinit { giveBack() }

        /// Ends the claim: the request has received a connection, or needs none.
        func giveBack() {
            guard isOpen.exchange(false, ordering: .relaxed) else { return }
            slot.add(1)
        }
    }

    private let slots = Mutex<[RequestTarget.Host: [Slot]]>([:])

    /// Claims an idle connection of the loop that has the most of them, so that many requests spread over the loops
    /// and few use as few connections as possible.
    func claim(_ host: RequestTarget.Host) -> Claim? {
        slots.withLock { slots in
            guard let slots = slots[host] else { return nil }
            var best: Slot?
            var most = 0
            for slot in slots where slot.available > most && !slot.loop.isEnded {
                (best, most) = (slot, slot.available)
            }
            return best.map(Claim.init)
        }
    }

    /// Registers the connections of a loop to an origin.
    func addSlot(for host: RequestTarget.Host, on loop: EventLoop) -> Slot {
        let slot = Slot(on: loop)
        slots.withLock { $0[host, default: []].append(slot) }
        return slot
    }

    /// Removes a slot whose loop has no more connections to the origin.
    func remove(_ slot: Slot, for host: RequestTarget.Host) {
        slots.withLock { slots in
            slots[host]?.removeAll { $0 === slot }
            if slots[host]?.isEmpty == true { slots[host] = nil }
        }
    }
}

import SpoorNetworking
import Synchronization

/// Which loops of a client have idle connections to which origins, for requests of tasks that run on none of its loops.
///
/// Loops only change their own numbers, which are atomic, once a request; the lock is taken by requests from outside of the
/// loops, and when a loop's first connection to an origin is made and its last one ends. A number may be out of date when
/// it is used: then the loop opens a connection.
final class IdleConnections: Sendable {
    /// One loop's idle connections to one origin.
    final class Slot: Sendable {
        let loop: EventLoop
        /// How many are idle, less those that requests on their way to the loop have claimed.
        private let availableCount = Atomic(0)

        init(on loop: EventLoop) {
            self.loop = loop
        }

        var available: Int { availableCount.load(ordering: .relaxed) }

        func add(_ count: Int) {
            availableCount.wrappingAdd(count, ordering: .relaxed)
        }
    }

    /// The right of one request to one idle connection; given back when it is used or dropped.
    final class Claim: Sendable {
        private let slot: Slot
        private let isOpen = Atomic(true)

        /// The loop that has the connection.
        var loop: EventLoop { slot.loop }

        fileprivate init(on slot: Slot) {
            self.slot = slot
            slot.add(-1)
        }

        deinit { giveBack() }

        /// Ends the claim: the request has been given a connection, or needs none.
        func giveBack() {
            guard isOpen.exchange(false, ordering: .relaxed) else { return }
            slot.add(1)
        }
    }

    private let slots = Mutex<[RequestTarget.Host: [Slot]]>([:])

    /// Claims an idle connection: of the loop that has the most of them, so that many requests spread over the loops and few
    /// use as few connections as they can.
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

    /// Makes the connections of a loop to an origin known.
    func addSlot(for host: RequestTarget.Host, on loop: EventLoop) -> Slot {
        let slot = Slot(on: loop)
        slots.withLock { $0[host, default: []].append(slot) }
        return slot
    }

    /// Forgets a slot whose loop has no connection to the origin any more.
    func remove(_ slot: Slot, for host: RequestTarget.Host) {
        slots.withLock { slots in
            slots[host]?.removeAll { $0 === slot }
            if slots[host]?.isEmpty == true { slots[host] = nil }
        }
    }
}

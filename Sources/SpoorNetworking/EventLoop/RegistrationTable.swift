/// The registrations of a loop, found by the token of an event.
///
/// A token is a slot and the slot's generation: an event that was fetched for a descriptor that was closed meanwhile
/// has another generation and is dropped, even if slot and descriptor number are in use again.
struct RegistrationTable {
    private struct Slot {
        var generation: UInt32 = 0
        var registration: Registration?
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []

    /// The number of registrations.
    var count: Int { slots.count - free.count }

    /// Stores `registration` and assigns its token.
    mutating func insert(_ registration: Registration) {
        let index: UInt32
        if let reused = free.popLast() {
            index = reused
        } else {
            index = UInt32(slots.count)
            slots.append(Slot())
        }
        slots[Int(index)].registration = registration
        registration.token = UInt64(slots[Int(index)].generation) << 32 | UInt64(index)
    }

    /// Removes the registration of `token`; a second call does nothing.
    mutating func remove(_ token: UInt64) {
        guard self[token] != nil else { return }
        let index = Int(UInt32(truncatingIfNeeded: token))
        slots[index].registration = nil
        slots[index].generation &+= 1
        free.append(UInt32(index))
    }

    /// The registration of `token`, if it still exists.
    subscript(token: UInt64) -> Registration? {
        let index = Int(UInt32(truncatingIfNeeded: token))
        guard index < slots.count, slots[index].generation == UInt32(token >> 32) else {
            return nil
        }
        return slots[index].registration
    }

    /// Removes and returns all registrations.
    mutating func removeAll() -> [Registration] {
        let all = slots.compactMap(\.registration)
        slots = []
        free = []
        return all
    }
}

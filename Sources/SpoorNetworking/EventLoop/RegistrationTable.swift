/// The registrations of one loop, found by the token that comes back with an event.
///
/// A token is a slot and the slot's generation: an event that was fetched for a descriptor closed
/// meanwhile finds another generation and is dropped, also when slot and descriptor number are in
/// use again.
struct RegistrationTable {
    private struct Slot {
        var generation: UInt32 = 0
        var registration: Registration?
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []

    /// How many registrations there are.
    var count: Int { slots.count - free.count }

    /// Keeps `registration` and gives it its token.
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

    /// Forgets the registration of `token`; a second time does nothing.
    mutating func remove(_ token: UInt64) {
        guard self[token] != nil else { return }
        let index = Int(UInt32(truncatingIfNeeded: token))
        slots[index].registration = nil
        slots[index].generation &+= 1
        free.append(UInt32(index))
    }

    /// The registration that `token` was given to, if it is still there.
    subscript(token: UInt64) -> Registration? {
        let index = Int(UInt32(truncatingIfNeeded: token))
        guard index < slots.count, slots[index].generation == UInt32(token >> 32) else {
            return nil
        }
        return slots[index].registration
    }

    /// Forgets all and hands them out.
    mutating func removeAll() -> [Registration] {
        let all = slots.compactMap(\.registration)
        slots = []
        free = []
        return all
    }
}

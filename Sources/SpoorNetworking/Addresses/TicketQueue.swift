/// A first-in, first-out queue whose elements can be removed from any position by their ticket.
///
/// Tickets increase with each append, so that an element is found by binary search; slots of removed elements are
/// compacted together, which makes every operation amortised O(log n) at most. It uses no clock and no thread.
/// Inlinable, so that it is specialised for the requests that the client's pool queues.
package struct TicketQueue<Element> {
    /// The ticket of an element, unique for the lifetime of its queue.
    package typealias Ticket = Int

    /// An element that was removed, and its ticket.
    package struct Entry {
        package let ticket: Ticket
        package let element: Element

        @inlinable
        init(ticket: Ticket, element: Element) {
            self.ticket = ticket
            self.element = element
        }
    }

    @usableFromInline
    struct Slot {
        @usableFromInline let ticket: Ticket
        /// Nil if the element was removed.
        @usableFromInline var element: Element?

        @inlinable
        init(ticket: Ticket, element: Element?) {
            self.ticket = ticket
            self.element = element
        }
    }

    @usableFromInline var slots: [Slot] = []
    @usableFromInline var head = 0
    @usableFromInline var lastTicket = 0

    /// The number of elements in the queue.
    @usableFromInline package internal(set) var count = 0

    /// Creates an empty queue.
    @inlinable
    package init() {}

    /// Whether the queue is empty.
    @inlinable package var isEmpty: Bool { count == 0 }

    /// The number of slots, including those of removed elements: bounded by twice ``count`` plus a constant.
    var slotCount: Int { slots.count }

    /// Appends an element, and returns its ticket.
    @inlinable
    package mutating func append(_ element: Element) -> Ticket {
        lastTicket += 1
        slots.append(Slot(ticket: lastTicket, element: element))
        count += 1
        return lastTicket
    }

    /// Removes and returns the first element; nil if there is none.
    @inlinable
    package mutating func popFirst() -> Entry? {
        while head < slots.count {
            let slot = slots[head]
            slots[head].element = nil
            head += 1
            if let entry = take(slot) { return entry }
        }
        return nil
    }

    /// Removes and returns the last element; nil if there is none.
    @inlinable
    package mutating func popLast() -> Entry? {
        while slots.count > head {
            if let entry = take(slots.removeLast()) { return entry }
        }
        return nil
    }

    /// Counts the removal of a slot's element; nil if it was removed before.
    @inlinable
    mutating func take(_ slot: Slot) -> Entry? {
        guard let element = slot.element else { return nil }
        count -= 1
        compact()
        return Entry(ticket: slot.ticket, element: element)
    }

    /// Removes and returns an element by its ticket; nil if it was removed before.
    @inlinable
    @discardableResult
    package mutating func remove(_ ticket: Ticket) -> Element? {
        var (low, high) = (head, slots.count)
        while low < high {
            let middle = (low + high) / 2
            if slots[middle].ticket < ticket { low = middle + 1 } else { high = middle }
        }
        guard low < slots.count, slots[low].ticket == ticket, let element = slots[low].element
        else { return nil }
        slots[low].element = nil
        count -= 1
        compact()
        return element
    }

    @inlinable
    mutating func compact() {
        guard slots.count > 2 * count + 32 else { return }
        slots = slots[head...].filter { $0.element != nil }
        head = 0
    }
}

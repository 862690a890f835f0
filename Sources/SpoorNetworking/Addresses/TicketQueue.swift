/// A first-in, first-out queue whose elements can leave from anywhere by their ticket.
///
/// Tickets grow with each append, so that an element is found by binary search; places of those that left are closed
/// together, which makes every operation O(log n) at the most, amortised. Pure: no clock, no thread. Inlinable, so that the
/// client's pool, which queues requests, gets code for its own type of element.
package struct TicketQueue<Element> {
    /// The place of one element, unique in its queue for as long as the queue lives.
    package typealias Ticket = Int

    /// An element that was taken out, and the ticket that it had.
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
        /// Nil when the element has left.
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

    /// How many elements are in the queue.
    @usableFromInline package internal(set) var count = 0

    /// An empty queue.
    @inlinable
    package init() {}

    /// Whether nothing waits.
    @inlinable package var isEmpty: Bool { count == 0 }

    /// How many places are kept, those of elements that have left included: bounded by twice ``count`` and a constant.
    var slotCount: Int { slots.count }

    /// Adds an element at the end.
    @inlinable
    package mutating func append(_ element: Element) -> Ticket {
        lastTicket += 1
        slots.append(Slot(ticket: lastTicket, element: element))
        count += 1
        return lastTicket
    }

    /// Takes the first element out, nil if there is none.
    @inlinable
    package mutating func popFirst() -> Entry? {
        while head < slots.count {
            let slot = slots[head]
            slots[head].element = nil
            head += 1
            guard let element = slot.element else { continue }
            count -= 1
            closeGaps()
            return Entry(ticket: slot.ticket, element: element)
        }
        return nil
    }

    /// Takes the last element out, nil if there is none.
    @inlinable
    package mutating func popLast() -> Entry? {
        while slots.count > head {
            let slot = slots.removeLast()
            guard let element = slot.element else { continue }
            count -= 1
            closeGaps()
            return Entry(ticket: slot.ticket, element: element)
        }
        return nil
    }

    /// Takes an element out by its ticket; nil if it has left already.
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
        closeGaps()
        return element
    }

    @inlinable
    mutating func closeGaps() {
        guard slots.count > 2 * count + 32 else { return }
        slots = slots[head...].filter { $0.element != nil }
        head = 0
    }
}

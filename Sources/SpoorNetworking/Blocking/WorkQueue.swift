/// A queue of work, first in, first out, whose memory follows the number of elements that wait.
struct WorkQueue<Element> {
    private var slots: [Element?] = []
    private var head = 0

    /// How many elements wait.
    var count: Int { slots.count - head }
    /// How many slots are taken, by waiting elements or by removed ones.
    var slotCount: Int { slots.count }

    mutating func append(_ element: Element) {
        slots.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < slots.count else { return nil }
        let element = slots[head].take()
        head += 1
        if head == slots.count {
            slots.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head >= count {
            // No more moves than there were removals, and no growth under load that never lets it
            // be empty.
            slots.removeFirst(head)
            head = 0
        }
        return element
    }
}

/// The armed deadlines of a loop, earliest first: a binary heap that moves entries lazily.
///
/// The key of an entry may be before the instant of its deadline, never after. So postponing a deadline, and
/// disarming it, is a store into the deadline; the entry is corrected when it reaches the top. A keep-alive
/// connection does this twice per request. Pure: no clock, no thread.
struct DeadlineHeap {
    private struct Entry {
        var key: MonotonicInstant
        let deadline: Deadline
    }

    private var entries: [Entry] = []

    /// The number of entries, including those of lazily disarmed deadlines.
    var count: Int { entries.count }

    /// An instant before which no deadline is due; nil if there is none.
    var nextKey: MonotonicInstant? { entries.first?.key }

    /// Arms `deadline` at `instant`, whether it was armed before or not.
    mutating func arm(_ deadline: Deadline, at instant: MonotonicInstant) {
        deadline.instant = instant
        let index = deadline.heapIndex
        if index >= 0 {
            guard instant < entries[index].key else { return }
            entries[index].key = instant
            siftUp(from: index)
        } else if instant != .never {
            deadline.heapIndex = entries.count
            entries.append(Entry(key: instant, deadline: deadline))
            siftUp(from: entries.count - 1)
        }
    }

    /// Disarms `deadline` by a store: its entry is removed when it reaches the top.
    func disarm(_ deadline: Deadline) {
        deadline.instant = .never
    }

    /// Removes `deadline` immediately, in O(log n): for one that is deallocated.
    mutating func remove(_ deadline: Deadline) {
        deadline.instant = .never
        let index = deadline.heapIndex
        guard index >= 0 else { return }
        deadline.heapIndex = -1
        let last = entries.removeLast()
        guard index < entries.count else { return }
        let removedKey = entries[index].key
        place(last, at: index)
        if last.key < removedKey { siftUp(from: index) } else { siftDown(from: index) }
    }

    /// Removes and returns one deadline that is due at `now`; nil if there is none.
    mutating func popDue(at now: MonotonicInstant) -> Deadline? {
        while let top = entries.first, top.key <= now {
            let deadline = top.deadline
            if deadline.instant == .never {
                remove(deadline)
            } else if deadline.instant <= now {
                remove(deadline)
                return deadline
            } else {
                entries[0].key = deadline.instant
                siftDown(from: 0)
            }
        }
        return nil
    }

    private mutating func place(_ entry: Entry, at index: Int) {
        entries[index] = entry
        entry.deadline.heapIndex = index
    }

    private mutating func siftUp(from start: Int) {
        let entry = entries[start]
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard entry.key < entries[parent].key else { break }
            place(entries[parent], at: index)
            index = parent
        }
        place(entry, at: index)
    }

    private mutating func siftDown(from start: Int) {
        let entry = entries[start]
        var index = start
        while true {
            var child = 2 * index + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].key < entries[child].key {
                child += 1
            }
            guard entries[child].key < entry.key else { break }
            place(entries[child], at: index)
            index = child
        }
        place(entry, at: index)
    }
}

/// A timer: armed and disarmed on its loop, thousands of times per second.
///
/// A deadline is confined to the thread of the loop it is armed on.
package final class Deadline {
    /// The instant at which it is due; `never` while it is disarmed.
    ///
    /// Exclusivity is not checked at run time, which would happen twice per wait. This is safe, because each access is a
    /// single load or store.
    @safe @exclusivity(unchecked) package internal(set) var instant = MonotonicInstant.never

    /// The index in the heap, -1 if it is not in one.
    var heapIndex = -1

    private let action: () -> Void

    /// Creates a disarmed deadline that runs `action` on its loop, outside of any task.
    package init(action: @escaping () -> Void) {
        self.action = action
    }

    func fire() {
        action()
    }
}

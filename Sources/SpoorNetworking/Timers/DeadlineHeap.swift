/// The armed deadlines of one loop, the earliest on top: a binary heap that is lazy about what
/// moves later.
///
/// An entry's key may lie before its deadline's instant, never after. So moving a deadline later,
/// and disarming it, is a store into the deadline; the entry is put right when it surfaces. That is
/// what a keep-alive connection does twice a request. Pure: no clock, no thread.
struct DeadlineHeap {
    private struct Entry {
        var key: MonotonicInstant
        let deadline: Deadline
    }

    private var entries: [Entry] = []

    /// How many entries there are, those of lazily disarmed deadlines included.
    var count: Int { entries.count }

    /// An instant before which nothing is due, nil if nothing will ever be.
    var nextKey: MonotonicInstant? { entries.first?.key }

    /// Makes `deadline` due at `instant`, whatever it was before.
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

    /// Makes `deadline` never due, by a store: its entry leaves when it surfaces.
    func disarm(_ deadline: Deadline) {
        deadline.instant = .never
    }

    /// Forgets `deadline` at once, in O(log n): for one that is going away.
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

    /// Takes out one deadline that is due at `now`; nil when none is (any more).
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

/// One thing that will be due at an instant: armed and disarmed on its loop, thousands of times a
/// second.
///
/// A deadline belongs to the thread of the loop it is armed on.
package final class Deadline {
    /// When it is due; `never` while it is disarmed.
    ///
    /// Exclusivity is not checked at run time, twice for each wait, and safe all the same: each access is a single load or store.
    @safe @exclusivity(unchecked) package internal(set) var instant = MonotonicInstant.never

    /// Where the heap keeps it, -1 while it does not.
    var heapIndex = -1

    private let action: () -> Void

    /// A disarmed deadline that will run `action` on its loop, outside of any task.
    package init(action: @escaping () -> Void) {
        self.action = action
    }

    func fire() {
        action()
    }
}

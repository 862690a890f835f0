internal import CSpoorLinux
internal import Glibc
internal import Synchronization

/// The items that other threads post to a loop: jobs and closures, protected by a lock, and an eventfd that wakes the
/// loop.
///
/// There is at most one wake-up write per sleep: senders write only if they find the loop (about to be) asleep. The
/// loop checks for items after it has announced its sleep, senders check for the sleep after they have posted, both
/// in sequentially consistent order, so at least one of the two sees the other.
final class LoopInbox: Sendable {
    enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    private struct Contents {
        var items: [Item] = []
        var isClosed = false
    }

    private let contents = Mutex(Contents())
    private let hasItems = Atomic(false)
    private let isAsleep = Atomic(false)
    private let wakeUp: FileDescriptor

    init() throws(SystemError) {
        let number = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard number >= 0 else { throw .last("eventfd") }
        wakeUp = FileDescriptor(adopting: number)
    }

    /// Registers the eventfd with `epoll`.
    ///
    /// Edge-triggered: each write is an edge, so the counter is never read.
    func watch(in epoll: borrowing Epoll, token: UInt64) throws(SystemError) {
        try epoll.add(wakeUp, for: .readable, token: token)
    }

    // MARK: Senders

    /// Posts an item and wakes the loop if needed; returns false if the loop has stopped and accepts no more.
    func post(_ item: Item) -> Bool {
        let taken = contents.withLock { contents in
            guard !contents.isClosed else { return false }
            contents.items.append(item)
            return true
        }
        guard taken else { return false }
        hasItems.store(true, ordering: .sequentiallyConsistent)
        if isAsleep.exchange(false, ordering: .sequentiallyConsistent) {
            _ = eventfd_write(wakeUp.number, 1)
        }
        return true
    }

    // MARK: The loop

    /// Announces the sleep; returns false if an item was posted, in which case the loop must not sleep.
    func prepareToSleep() -> Bool {
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        guard hasItems.load(ordering: .sequentiallyConsistent) else { return true }
        isAsleep.store(false, ordering: .relaxed)
        return false
    }

    func wokeUp() {
        isAsleep.store(false, ordering: .relaxed)
    }

    /// Returns all items posted so far, in order.
    ///
    /// A single load if there are none.
    func takePosted() -> [Item]? {
        guard hasItems.load(ordering: .acquiring) else { return nil }
        hasItems.store(false, ordering: .sequentiallyConsistent)
        return contents.withLock { contents in
            var items: [Item] = []
            swap(&items, &contents.items)
            return items
        }
    }

    /// Rejects all further items and returns the remaining ones.
    func close() -> [Item] {
        contents.withLock { contents in
            contents.isClosed = true
            var items: [Item] = []
            swap(&items, &contents.items)
            return items
        }
    }
}

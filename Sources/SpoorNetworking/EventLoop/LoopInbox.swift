internal import CSpoorLinux
internal import Glibc
internal import Synchronization

/// What other threads hand to a loop: jobs and closures behind a lock, and an eventfd that wakes
/// the sleeper.
///
/// A wake-up is one write per sleep at most: senders write only if they find the loop (about to be)
/// asleep. The loop looks for mail after it has said that it sleeps, senders look for the sleeper
/// after they have left mail, both in sequentially consistent order, so at least one of the two
/// sees the other.
final class LoopInbox: Sendable {
    enum Mail {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    private struct Contents {
        var mail: [Mail] = []
        var isClosed = false
    }

    private let contents = Mutex(Contents())
    private let hasMail = Atomic(false)
    private let isAsleep = Atomic(false)
    private let wakeUp: FileDescriptor

    init() throws(SystemError) {
        let number = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard number >= 0 else { throw .last("eventfd") }
        wakeUp = FileDescriptor(adopting: number)
    }

    /// Lets `epoll` see the wake-ups.
    ///
    /// Edge-triggered: each write is an edge, so the counter is never read.
    func watch(in epoll: borrowing Epoll, token: UInt64) throws(SystemError) {
        try epoll.add(wakeUp, for: .readable, token: token)
    }

    // MARK: The senders' side

    /// Leaves mail and wakes the loop if need be; false if the loop has ended and takes no more.
    func post(_ mail: Mail) -> Bool {
        let taken = contents.withLock { contents in
            guard !contents.isClosed else { return false }
            contents.mail.append(mail)
            return true
        }
        guard taken else { return false }
        hasMail.store(true, ordering: .sequentiallyConsistent)
        if isAsleep.exchange(false, ordering: .sequentiallyConsistent) {
            _ = eventfd_write(wakeUp.number, 1)
        }
        return true
    }

    // MARK: The loop's side

    /// Announces the sleep; false if there is mail, then the loop must not sleep.
    func prepareToSleep() -> Bool {
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        guard hasMail.load(ordering: .sequentiallyConsistent) else { return true }
        isAsleep.store(false, ordering: .relaxed)
        return false
    }

    func wokeUp() {
        isAsleep.store(false, ordering: .relaxed)
    }

    /// All mail so far, in order.
    ///
    /// One load when there is none.
    func takeMail() -> [Mail]? {
        guard hasMail.load(ordering: .acquiring) else { return nil }
        hasMail.store(false, ordering: .sequentiallyConsistent)
        return contents.withLock { contents in
            var mail: [Mail] = []
            swap(&mail, &contents.mail)
            return mail
        }
    }

    /// Refuses all further mail and hands out the last.
    func close() -> [Mail] {
        contents.withLock { contents in
            contents.isClosed = true
            var mail: [Mail] = []
            swap(&mail, &contents.mail)
            return mail
        }
    }
}

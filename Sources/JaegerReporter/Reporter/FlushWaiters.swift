import Synchronization

/// The tasks that wait until all batches up to a number are sent or dropped.
final class FlushWaiters: Sendable {
    private struct Waiter {
        let batch: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private let waiters = Mutex<[Waiter]>([])

    /// Returns when a batch is resolved; cancelling the task changes nothing, so that a last flush is not cut short.
    ///
    /// - Parameter lastResolved: Asked once the task waits, so that no batch is missed that is resolved meanwhile.
    func wait(for batch: Int, lastResolved: () -> Int) async {
        await withCheckedContinuation { continuation in
            waiters.withLock { $0.append(Waiter(batch: batch, continuation: continuation)) }
            resume(upTo: lastResolved())
        }
    }

    /// Lets those go on that wait for a batch up to that number.
    func resume(upTo lastResolved: Int) {
        let done = waiters.withLock { waiters in
            let done = waiters.filter { $0.batch <= lastResolved }
            waiters.removeAll { $0.batch <= lastResolved }
            return done
        }
        for waiter in done { waiter.continuation.resume() }
    }
}

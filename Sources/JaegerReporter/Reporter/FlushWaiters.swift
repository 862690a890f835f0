import Synchronization

/// The tasks that wait until all batches up to a number are sent or dropped, and all is told that there is to tell of them.
final class FlushWaiters: Sendable {
    private struct Waiter {
        let batch: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        /// Nobody has to wait for a batch up to this number.
        var lastSettled = 0
        var waiters: [Waiter] = []
    }

    private let state = Mutex(State())

    /// Returns when a batch is settled; cancelling the task changes nothing, so that a last flush is not cut short.
    func wait(for batch: Int) async {
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                if batch <= state.lastSettled { return true }
                state.waiters.append(Waiter(batch: batch, continuation: continuation))
                return false
            }
            if isSettled { continuation.resume() }
        }
    }

    /// Lets those go on that wait for a batch up to that number, now or later.
    func resume(upTo batch: Int) {
        let done = state.withLock { state in
            state.lastSettled = max(state.lastSettled, batch)
            let done = state.waiters.filter { $0.batch <= batch }
            state.waiters.removeAll { $0.batch <= batch }
            return done
        }
        for waiter in done { waiter.continuation.resume() }
    }
}

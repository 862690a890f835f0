import Synchronization

/// Wakes one waiting task; a wake-up that comes while nobody waits is kept for the next wait.
final class Signal: Sendable {
    private enum State {
        case quiet, raised
        case awaited(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.quiet)

    /// Wakes the waiting task, or the next one that comes.
    func raise() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if case .awaited(let continuation) = state {
                state = .quiet
                return continuation
            }
            state = .raised
            return nil
        }
        waiting?.resume()
    }

    /// Returns once the signal has been raised; one task at a time may wait.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isRaised = state.withLock { state in
                if case .raised = state {
                    state = .quiet
                    return true
                }
                state = .awaited(continuation)
                return false
            }
            if isRaised { continuation.resume() }
        }
    }

    /// Returns once the signal has been raised, or at an instant.
    func wait(until instant: TimeSource.Instant, in time: TimeSource) async {
        let alarm = Task.detached { [self] in
            try await time.sleep(instant)
            raise()
        }
        await wait()
        alarm.cancel()
    }
}

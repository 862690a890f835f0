internal import SpoorNetworking

/// The wait for a socket to be readable, shared by the task that reads from a TLS connection and the one that writes
/// to it.
///
/// A socket allows one waiting task, but a write may need input, too: the rest of a key update. The second task is
/// parked here and tries again when the wait of the first has ended.
final class SharedWait {
    /// A task that waits for the end of another task's wait; resumed once, with nil to try again.
    private final class Parked {
        var continuation: CheckedContinuation<WaitOutcome?, Never>?
        var deadline: Deadline?

        func resume(_ outcome: WaitOutcome?) {
            guard let waiting = continuation else { return }
            continuation = nil
            waiting.resume(returning: outcome)
        }
    }

    private let socket: any ByteStream
    private var isTaken = false
    private var parked: [Parked] = []

    init(_ socket: any ByteStream) {
        self.socket = socket
    }

    /// Suspends until the socket is ready, or until the other task's wait has shown that it is.
    func wait(until instant: MonotonicInstant) async -> WaitOutcome {
        while isTaken {
            if let outcome = await park(until: instant) { return outcome }
        }
        isTaken = true
        let outcome = await socket.waitReadable(until: instant)
        isTaken = false
        resumeParked(outcome == .ready ? .ready : nil)
        return outcome
    }

    /// Resumes all parked tasks; nil makes them try again to wait for the socket.
    func resumeParked(_ outcome: WaitOutcome?) {
        guard !parked.isEmpty else { return }
        let waiting = parked
        parked.removeAll()
        for task in waiting { task.resume(outcome) }
    }

    private func park(until instant: MonotonicInstant) async -> WaitOutcome? {
        let task = Parked()
        defer { if let deadline = task.deadline { socket.loop.remove(deadline) } }
        return await withCheckedContinuation { continuation in
            task.continuation = continuation
            parked.append(task)
            guard instant != .never else { return }
            let deadline = Deadline { [unowned self, unowned task] in
                parked.removeAll { $0 === task }
                task.resume(.timedOut)
            }
            task.deadline = deadline
            socket.loop.arm(deadline, at: instant)
        }
    }
}

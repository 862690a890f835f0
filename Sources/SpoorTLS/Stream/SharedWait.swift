internal import SpoorNetworking

/// The wait for more from a socket, shared by the task that reads from a TLS connection and the one
/// that writes to it.
///
/// A socket lets one task wait for it, but writing too may have to wait for more: for the rest of an
/// update of keys. Who comes second is parked here, and tries again when the wait of the first has
/// ended.
final class SharedWait {
    /// A task that waits for the end of another's wait; resumed once, with nil to try again.
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

    /// Suspends until the socket is ready, or somebody else's wait has shown that it is.
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

    /// Ends the waits of all who are parked; nil has them try for the socket again.
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

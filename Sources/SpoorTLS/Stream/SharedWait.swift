internal import SpoorNetworking

/// Lets two tasks wait until a socket is readable: the one that reads from a TLS connection, and the one that writes to
/// it.
///
/// A socket allows only one waiting task, but a write may also need input: the rest of a key update. The task of the second
/// direction is parked here, and tries again when the wait of the first has ended.
final class SharedWait {
    /// A direction of the connection; for each of them one task may wait.
    enum Direction {
        case reading, writing
    }

    /// The state of the wait for one direction.
    ///
    /// Waits are numbered, because after an interruption another wait may begin before the interrupted task has resumed.
    private enum Wait: Equatable {
        case none
        case waiting(UInt32)
        /// Another call has read from the socket the bytes that this task waits for.
        case satisfied(UInt32)
        /// Ended from outside, by an interruption or a close.
        case interrupted(UInt32)

        /// Whether another wait for the same direction must not begin.
        var isOpen: Bool {
            switch self {
            case .none, .interrupted: false
            case .waiting, .satisfied: true
            }
        }

        func isNumbered(_ number: UInt32) -> Bool {
            switch self {
            case .none: false
            case .waiting(let own), .satisfied(let own), .interrupted(let own): own == number
            }
        }

        mutating func satisfy() {
            if case .waiting(let number) = self { self = .satisfied(number) }
        }

        mutating func interrupt() {
            switch self {
            case .none, .interrupted: break
            case .waiting(let number), .satisfied(let number): self = .interrupted(number)
            }
        }
    }

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
    private var reading = Wait.none
    private var writing = Wait.none
    private var lastNumber: UInt32 = 0
    /// The direction whose task waits for the socket; the task of the other one is parked.
    private var holder: Direction?
    private var parked: [Parked] = []
    /// The number of parked tasks, stored separately because access to an array is checked at run time.
    private var parkedCount = 0
    /// Whether waits end immediately.
    private(set) var isInterrupted = false

    init(_ socket: any ByteStream) {
        self.socket = socket
    }

    // MARK: Waiting

    /// Returns whether the task of `direction` waits.
    func isWaiting(for direction: Direction) -> Bool {
        self[direction] != .none
    }

    /// Suspends the task of `direction` until the socket is ready, or until the other task has shown that it is;
    /// returns `busy` if another task waits for the same direction.
    func wait(for direction: Direction, until instant: MonotonicInstant) async -> WaitOutcome {
        if isInterrupted { return .interrupted }
        if self[direction].isOpen { return .busy }
        lastNumber &+= 1
        let number = lastNumber
        self[direction] = .waiting(number)
        let outcome = await waitForSocket(as: direction, until: instant)
        let wait = self[direction]
        guard wait.isNumbered(number) else { return outcome }
        self[direction] = .none
        return outcome == .interrupted && wait == .satisfied(number) ? .ready : outcome
    }

    private func waitForSocket(
        as direction: Direction, until instant: MonotonicInstant
    ) async -> WaitOutcome {
        while holder != nil {
            if let outcome = await park(until: instant) { return outcome }
        }
        holder = direction
        let outcome = await socket.waitReadable(until: instant)
        holder = nil
        resumeParked(outcome == .ready ? .ready : nil)
        return outcome
    }

    private func park(until instant: MonotonicInstant) async -> WaitOutcome? {
        let task = Parked()
        defer { if let deadline = task.deadline { socket.loop.remove(deadline) } }
        return await withCheckedContinuation { continuation in
            task.continuation = continuation
            parked.append(task)
            parkedCount += 1
            guard instant != .never else { return }
            let deadline = Deadline { [unowned self, unowned task] in
                parked.removeAll { $0 === task }
                parkedCount = parked.count
                task.resume(.timedOut)
            }
            task.deadline = deadline
            socket.loop.arm(deadline, at: instant)
        }
    }

    /// Resumes all parked tasks; nil makes them try again to wait for the socket.
    private func resumeParked(_ outcome: WaitOutcome?) {
        guard parkedCount > 0 else { return }
        let waiting = parked
        parked.removeAll()
        parkedCount = 0
        for task in waiting { task.resume(outcome) }
    }

    // MARK: Ending

    /// Resumes the waiting tasks, if the one of `direction` waits: another call has read from the socket the bytes that it
    /// waits for.
    func satisfy(_ direction: Direction) {
        guard isWaiting(for: direction) else { return }
        reading.satisfy()
        writing.satisfy()
        resumeParked(.ready)
        socket.endWaits()
    }

    /// Ends the current waits, without an effect on later ones.
    func end() {
        interruptWaits()
        socket.endWaits()
        resumeParked(.interrupted)
    }

    /// Ends the current waits and all later ones.
    func interrupt() {
        isInterrupted = true
        interruptWaits()
        socket.interrupt()
        resumeParked(.interrupted)
    }

    /// Allows waits again.
    func clearInterruption() {
        isInterrupted = false
        socket.clearInterruption()
    }

    /// Closes the socket, which ends all waits.
    func close() {
        interruptWaits()
        socket.close()
        resumeParked(.interrupted)
    }

    private func interruptWaits() {
        reading.interrupt()
        writing.interrupt()
    }

    private subscript(direction: Direction) -> Wait {
        get { direction == .reading ? reading : writing }
        set {
            switch direction {
            case .reading: reading = newValue
            case .writing: writing = newValue
            }
        }
    }
}

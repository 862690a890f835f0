/// The result of a wait for readiness.
package enum WaitOutcome: Sendable {
    /// The descriptor is ready: read or write.
    case ready
    /// The deadline passed.
    case timedOut
    /// The wait was interrupted: by a drain, a forced shutdown, a cancelled task, or because the stream was closed.
    case interrupted
    /// The wait has not begun, because another task waits for the same direction already: a mistake of the caller.
    case busy
}

/// The state of one descriptor on an event loop: its readiness, the waiting tasks, and their deadlines.
///
/// All of it is confined to the loop's thread. Nothing is buffered here; a waiting connection costs only this object
/// and its task.
@safe final class Registration {
    // Safe, because a continuation is removed before it is resumed, so that each is resumed exactly once.

    let loop: EventLoop
    var token: UInt64 = 0

    /// What is known of the socket's input; each state includes the ones before it.
    enum Input: UInt8, Comparable {
        /// A read has drained the socket: the next bytes cause an edge.
        case drained
        /// A read may return bytes.
        case readable
        /// The peer has half-closed the connection: earlier bytes may still be unread, and the end is always readable.
        case peerClosed
        /// The connection is closed in both directions.
        case hungUp

        static func < (one: Input, other: Input) -> Bool { one.rawValue < other.rawValue }

        // The next states are returned, because a mutating call on a property is checked at run time.

        /// Returns the state after an edge.
        func after(_ readiness: Epoll.Readiness) -> Input {
            if !readiness.isDisjoint(with: [.hungUp, .failed]) { return .hungUp }
            if readiness.contains(.peerClosedWriting) { return max(self, .peerClosed) }
            return readiness.contains(.readable) ? max(self, .readable) : self
        }

        /// The state after a read that drained the socket: the end of the stream is still to be read.
        var afterDraining: Input { self == .readable ? .drained : self }

        /// The state after a read that reached the end of the stream, possibly before the edge that reports it.
        var afterEndOfStream: Input { max(self, .peerClosed) }
    }

    private var input = Input.drained
    /// Whether a write may accept bytes.
    ///
    /// Cleared when the socket buffer is full.
    private(set) var isWritable = true
    /// Whether waits return `interrupted`, until this is cleared.
    private(set) var isInterrupted = false
    /// Whether writability is monitored, since a first write has found the socket buffer full.
    var watchesWritability = false

    /// Whether a read may return bytes.
    var isReadable: Bool { input != .drained }
    /// Whether the peer has half-closed the connection: earlier bytes may still be unread.
    var hasPeerClosedWriting: Bool { input >= .peerClosed }
    /// Whether the connection is closed in both directions.
    var hasHungUp: Bool { input == .hungUp }

    /// Called for bytes, or an end of stream, that no task waits for.
    var observer: (() -> Void)?

    private var reader: UnsafeContinuation<WaitOutcome, Never>?
    private var writer: UnsafeContinuation<WaitOutcome, Never>?
    private var readDeadline: Deadline?
    private var writeDeadline: Deadline?

    init(loop: EventLoop) {
        self.loop = loop
    }

    // MARK: Results of reads and writes

    /// Records that a read has drained the socket.
    func markDrained() { input = input.afterDraining }

    /// Records that a read reached the end of the stream.
    func markEndOfStream() { input = input.afterEndOfStream }

    /// Records that a write has filled the socket buffer.
    func markFull() {
        isWritable = hasHungUp
    }

    // MARK: Waiting

    /// Suspends until a read may return bytes.
    func waitReadable(until instant: MonotonicInstant) async -> WaitOutcome {
        if isInterrupted { return .interrupted }
        if isReadable { return .ready }
        if unsafe reader != nil { return .busy }
        return await unsafe withUnsafeContinuation { continuation in
            unsafe suspendReader(continuation, until: instant)
        }
    }

    /// Suspends until a write may accept bytes.
    func waitWritable(until instant: MonotonicInstant) async -> WaitOutcome {
        if isInterrupted { return .interrupted }
        if isWritable { return .ready }
        if unsafe writer != nil { return .busy }
        return await unsafe withUnsafeContinuation { continuation in
            unsafe suspendWriter(continuation, until: instant)
        }
    }

    private func suspendReader(
        _ continuation: UnsafeContinuation<WaitOutcome, Never>, until instant: MonotonicInstant
    ) {
        unsafe reader = continuation
        guard instant != .never else { return }
        if let readDeadline { return loop.arm(readDeadline, at: instant) }
        let deadline = Deadline { [unowned self] in resumeReader(.timedOut) }
        readDeadline = deadline
        loop.arm(deadline, at: instant)
    }

    private func suspendWriter(
        _ continuation: UnsafeContinuation<WaitOutcome, Never>, until instant: MonotonicInstant
    ) {
        unsafe writer = continuation
        guard instant != .never else { return }
        if let writeDeadline { return loop.arm(writeDeadline, at: instant) }
        let deadline = Deadline { [unowned self] in resumeWriter(.timedOut) }
        writeDeadline = deadline
        loop.arm(deadline, at: instant)
    }

    private func resumeReader(_ outcome: WaitOutcome) {
        guard let waiting = unsafe reader else { return }
        unsafe reader = nil
        if let readDeadline { loop.disarm(readDeadline) }
        unsafe waiting.resume(returning: outcome)
    }

    private func resumeWriter(_ outcome: WaitOutcome) {
        guard let waiting = unsafe writer else { return }
        unsafe writer = nil
        if let writeDeadline { loop.disarm(writeDeadline) }
        unsafe waiting.resume(returning: outcome)
    }

    // MARK: Events

    /// Handles an edge.
    ///
    /// Hang-ups and errors make both directions ready: the next call returns the error.
    func became(_ readiness: Epoll.Readiness) {
        input = input.after(readiness)
        if hasHungUp || readiness.contains(.writable) {
            isWritable = true
            resumeWriter(.ready)
        }
        // Only writable: this also covers the rest of an edge whose bytes were read meanwhile.
        guard hasPeerClosedWriting || readiness.contains(.readable) else { return }
        if unsafe reader != nil {
            resumeReader(.ready)
        } else {
            observer?()
        }
    }

    /// Interrupts the current waits only; later waits are not affected.
    func endWaits() {
        resumeReader(.interrupted)
        resumeWriter(.interrupted)
    }

    /// Interrupts the current waits, and all later ones until ``clearInterruption()``.
    func interrupt() {
        isInterrupted = true
        endWaits()
    }

    func clearInterruption() {
        isInterrupted = false
    }

    /// Ends all waits permanently and removes their deadlines from the loop's heap.
    func end() {
        observer = nil
        interrupt()
        if let readDeadline { loop.remove(readDeadline) }
        if let writeDeadline { loop.remove(writeDeadline) }
    }
}

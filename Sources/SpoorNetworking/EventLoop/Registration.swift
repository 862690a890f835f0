/// What a wait for readiness came to.
package enum WaitOutcome: Sendable {
    /// The descriptor is ready: try it.
    case ready
    /// The deadline came first.
    case timedOut
    /// We ended the waiting ourselves: a drain, a hard stop, a cancelled task, or the stream is
    /// closed.
    case interrupted
}

/// What a loop knows about one descriptor: its readiness, who waits for it, and until when.
///
/// All of it belongs to the loop's thread. Nothing is buffered here; a waiting connection costs
/// this object and its task.
@safe final class Registration {
    // Safe, because a continuation is taken out before it is resumed, so that each is resumed
    // exactly once.

    let loop: EventLoop
    var token: UInt64 = 0

    /// A read is worth trying.
    ///
    /// Set by edges, cleared when a read has shown that nothing is left.
    private(set) var isReadable = false
    /// A write is worth trying.
    ///
    /// Cleared when the socket buffer was full.
    private(set) var isWritable = true
    /// The peer has ended its direction: what it sent before may still wait to be read.
    private(set) var hasPeerClosedWriting = false
    /// The connection is gone in both directions.
    private(set) var hasHungUp = false
    /// Waits answer `interrupted`, until this is cleared.
    private(set) var isInterrupted = false
    /// Writability is watched, since a first write has found the socket buffer full.
    var watchesWritability = false

    /// Called for bytes, or an end, that nobody waits for.
    var observer: (() -> Void)?

    private var reader: UnsafeContinuation<WaitOutcome, Never>?
    private var writer: UnsafeContinuation<WaitOutcome, Never>?
    private var readDeadline: Deadline?
    private var writeDeadline: Deadline?

    init(loop: EventLoop) {
        self.loop = loop
    }

    // MARK: What reads and writes have shown

    /// A read emptied the socket.
    ///
    /// If the peer has ended its direction there is still that end to be read.
    func noteDrained() {
        isReadable = hasPeerClosedWriting
    }

    /// A read came to the end of the stream, maybe before the edge that tells of it.
    func noteEndOfStream() {
        hasPeerClosedWriting = true
        isReadable = true
    }

    /// A write filled the socket buffer.
    func noteFilled() {
        isWritable = hasHungUp
    }

    // MARK: Waiting

    /// Suspends until a read is worth trying.
    func waitReadable(until instant: MonotonicInstant) async -> WaitOutcome {
        if isInterrupted { return .interrupted }
        if isReadable { return .ready }
        return await unsafe withUnsafeContinuation { continuation in
            unsafe suspendReader(continuation, until: instant)
        }
    }

    /// Suspends until a write is worth trying.
    func waitWritable(until instant: MonotonicInstant) async -> WaitOutcome {
        if isInterrupted { return .interrupted }
        if isWritable { return .ready }
        return await unsafe withUnsafeContinuation { continuation in
            unsafe suspendWriter(continuation, until: instant)
        }
    }

    private func suspendReader(
        _ continuation: UnsafeContinuation<WaitOutcome, Never>, until instant: MonotonicInstant
    ) {
        unsafe precondition(reader == nil, "two tasks wait to read from one descriptor")
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
        unsafe precondition(writer == nil, "two tasks wait to write to one descriptor")
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

    // MARK: What happens to it

    /// An edge.
    ///
    /// Hang-ups and errors make both directions ready: the next call brings the error to light.
    func became(_ readiness: Epoll.Readiness) {
        let isGone = !readiness.isDisjoint(with: [.hungUp, .failed])
        if isGone { hasHungUp = true }
        if isGone || readiness.contains(.peerClosedWriting) { hasPeerClosedWriting = true }
        if isGone || readiness.contains(.writable) {
            isWritable = true
            resumeWriter(.ready)
        }
        guard hasPeerClosedWriting || readiness.contains(.readable) else {
            // Writable only: also what is left of an edge whose bytes have been read meanwhile.
            return
        }
        isReadable = true
        if unsafe reader != nil {
            resumeReader(.ready)
        } else {
            observer?()
        }
    }

    /// Ends the present waits as interrupted; nothing of it is remembered.
    func endWaits() {
        resumeReader(.interrupted)
        resumeWriter(.interrupted)
    }

    /// Ends the present waits, and all later ones until ``clearInterruption()``.
    func interrupt() {
        isInterrupted = true
        endWaits()
    }

    func clearInterruption() {
        isInterrupted = false
    }

    /// Ends all waits for good and leaves nothing of it in the loop's heap.
    func end() {
        observer = nil
        interrupt()
        if let readDeadline { loop.remove(readDeadline) }
        if let writeDeadline { loop.remove(writeDeadline) }
    }
}

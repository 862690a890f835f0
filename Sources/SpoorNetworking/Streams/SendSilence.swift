/// The time for which a peer has accepted nothing of what was sent to it, while the sender waits for the socket.
///
/// The kernel reports a socket as writable only when much of its buffer is free, so the number of unacknowledged bytes
/// is compared sixteen times within the limit. A value without I/O.
package struct SendSilence: Sendable {
    private let limit: UInt64
    private var queuedByteCount: Int
    private var start: MonotonicInstant

    /// Creates a silence that begins now.
    ///
    /// - Parameters:
    ///   - limit: The maximum silence in nanoseconds.
    ///   - queuedByteCount: See ``ByteStream/queuedByteCount``.
    package init(limit: UInt64, queuedByteCount: Int, at now: MonotonicInstant) {
        self.limit = limit
        self.queuedByteCount = queuedByteCount
        start = now
    }

    /// Returns the instant at which the unacknowledged bytes are to be counted again, at the latest the end.
    package func nextCheck(after now: MonotonicInstant) -> MonotonicInstant {
        min(now.advanced(byNanoseconds: max(limit / 16, 1)), end)
    }

    /// Records the number of unacknowledged bytes: if it is lower than before, the silence begins again.
    package mutating func note(queuedByteCount count: Int, at now: MonotonicInstant) {
        if count < queuedByteCount { start = now }
        queuedByteCount = count
    }

    /// Records that the peer was active at an instant.
    package mutating func note(activeAt instant: MonotonicInstant) {
        start = max(start, instant)
    }

    /// Whether the silence has reached its limit.
    package func isOver(at now: MonotonicInstant) -> Bool { now >= end }

    private var end: MonotonicInstant { start.advanced(byNanoseconds: limit) }
}

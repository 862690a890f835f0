/// Detects a peer that accepts nothing of what was sent to it for a limited time, while the sender waits for the
/// socket.
///
/// The kernel reports a socket as writable only when much of its buffer is free, so the number of unacknowledged bytes
/// is compared sixteen times within the limit. A value without I/O.
package struct SendInactivity: Sendable {
    private let limit: UInt64
    private var queuedByteCount: Int
    private var start: MonotonicInstant

    /// Creates a value for a peer that is active now.
    ///
    /// - Parameters:
    ///   - limit: The maximum time without activity, in nanoseconds.
    ///   - queuedByteCount: See ``ByteStream/queuedByteCount``.
    package init(limit: UInt64, queuedByteCount: Int, at now: MonotonicInstant) {
        self.limit = limit
        self.queuedByteCount = queuedByteCount
        start = now
    }

    /// Returns the instant at which the unacknowledged bytes are to be counted again, not after the time limit.
    package func nextCheck(after now: MonotonicInstant) -> MonotonicInstant {
        min(now.advanced(byNanoseconds: max(limit / 16, 1)), end)
    }

    /// Records the number of unacknowledged bytes: if it is lower than before, the time limit starts again.
    package mutating func record(queuedByteCount count: Int, at now: MonotonicInstant) {
        if count < queuedByteCount { start = now }
        queuedByteCount = count
    }

    /// Records that the peer was active at an instant.
    package mutating func record(activityAt instant: MonotonicInstant) {
        start = max(start, instant)
    }

    /// Returns whether the peer has been inactive for the time limit.
    package func hasTimedOut(at now: MonotonicInstant) -> Bool { now >= end }

    private var end: MonotonicInstant { start.advanced(byNanoseconds: limit) }
}

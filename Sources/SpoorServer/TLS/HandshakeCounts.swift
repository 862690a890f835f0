import SpoorTLS

/// How handshakes went on one loop.
struct HandshakeCounts {
    /// Those that succeeded.
    var completed = 0
    /// Those of them that took up an earlier session.
    var resumed = 0
    /// Those that failed, by cause.
    var failed: [TLSHandshakeError.Cause: Int] = [:]

    /// All that failed.
    var failedCount: Int { failed.values.reduce(0, +) }

    static func + (left: HandshakeCounts, right: HandshakeCounts) -> HandshakeCounts {
        HandshakeCounts(
            completed: left.completed + right.completed, resumed: left.resumed + right.resumed,
            failed: left.failed.merging(right.failed, uniquingKeysWith: +))
    }
}

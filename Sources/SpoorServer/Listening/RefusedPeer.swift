import SpoorNetworking

/// A connection that was refused as it came: what its peer sends is read away for a moment, so that it sees the answer and
/// not a reset (RFC 9112 §9.6).
final class RefusedPeer {
    private let stream: any ByteStream
    private let loop: EventLoop
    private let whenEnded: () -> Void
    private var alarm: Deadline?
    private var bytesLeft = 64 << 10

    /// Answers, ends our side, and waits for the peer's end.
    init(
        _ stream: any ByteStream, answer: [UInt8], lingering nanoseconds: UInt64,
        whenEnded: @escaping () -> Void
    ) {
        self.stream = stream
        self.whenEnded = whenEnded
        loop = stream.loop
        // The socket buffer of a new connection takes so little at once, or the peer is gone.
        _ = try? stream.send(answer.span)
        try? stream.shutdownWrite()
        stream.observeReadiness { [unowned self] in readAway() }
        let alarm = Deadline { [unowned self] in end() }
        self.alarm = alarm
        loop.arm(alarm, at: loop.now.advanced(byNanoseconds: nanoseconds))
    }

    private func readAway() {
        var buffer = ReceiveBuffer()
        while true {
            buffer.removeAll()
            guard case .bytes(let count)? = try? buffer.fill(from: stream) else { break }
            bytesLeft -= count
            guard bytesLeft > 0 else { return end() }
            if !stream.mayHaveMore { return }
        }
        if stream.hasPeerClosedWriting || stream.hasHungUp { end() }
    }

    /// Closes the connection.
    func end() {
        guard let alarm else { return }
        self.alarm = nil
        loop.remove(alarm)
        stream.close()
        whenEnded()
    }
}

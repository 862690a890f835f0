import SpoorNetworking

/// The lingering close of a connection whose peer may still be sending: the write side is closed, and input is discarded
/// until the peer closes, or for a limited time and size (RFC 9112 §9.6).
///
/// Closing both sides immediately would reset the connection, and the peer could lose the response. The task of a
/// connection lingers with ``run(on:forNanoseconds:reusing:_:)``; ``RejectedPeer`` lingers without a task.
struct LingeringClose {
    /// The next action of the caller.
    enum Step {
        /// Wait until the stream is readable, at most until ``deadline``, and read again.
        case wait
        /// Read again, after other tasks of the event loop have run.
        case readAgain
        /// Close the stream.
        case ended
    }

    /// The end of the wait for the peer.
    let deadline: MonotonicInstant
    private var bytesLeft: Int

    /// Closes the write side of a stream.
    ///
    /// - Parameter maxBytes: The maximum number of bytes that are discarded.
    /// - Throws: The error of the socket, because the peer has closed the connection already.
    init(
        _ stream: any ByteStream, forNanoseconds nanoseconds: UInt64, maxBytes: Int = .max
    ) throws(SystemError) {
        deadline = stream.loop.now.advanced(byNanoseconds: nanoseconds)
        bytesLeft = maxBytes
        try stream.shutdownWrite()
    }

    /// Reads once and discards the bytes; passes their number to `count`.
    mutating func step(
        _ stream: any ByteStream, reusing buffer: inout ReceiveBuffer, _ count: (Int) -> Void
    ) -> Step {
        guard stream.loop.now < deadline, bytesLeft > 0 else { return .ended }
        guard stream.mayHaveMore else { return .wait }
        buffer.removeAll()
        switch try? buffer.fill(from: stream) {
        case .bytes(let byteCount):
            count(byteCount)
            bytesLeft -= byteCount
            return .readAgain
        case .wouldBlock: return .wait
        // After an error the peer has closed the connection already.
        case .endOfStream, nil: return .ended
        }
    }
}

extension LingeringClose {
    /// Lingers on a stream, in the task of its connection; passes the number of discarded bytes to `count`.
    static func run(
        on stream: any ByteStream, forNanoseconds nanoseconds: UInt64,
        reusing buffer: inout ReceiveBuffer, _ count: (Int) -> Void
    ) async {
        guard var close = try? LingeringClose(stream, forNanoseconds: nanoseconds) else { return }
        while true {
            switch close.step(stream, reusing: &buffer, count) {
            case .wait:
                guard await stream.waitReadable(until: close.deadline) == .ready else { return }
            case .readAgain: await Task.yield()
            case .ended: return
            }
        }
    }
}

/// A connection that was rejected when it was accepted, and lingers without a task.
final class RejectedPeer {
    private let stream: any ByteStream
    private let whenEnded: () -> Void
    private var close: LingeringClose?
    private var timer: Deadline?

    /// The maximum number of bytes that are discarded.
    private static let maxBytes = 64 << 10

    /// Sends the response, and lingers; `whenEnded` is called when the connection is closed.
    init(
        _ stream: any ByteStream, response: [UInt8], lingering nanoseconds: UInt64,
        whenEnded: @escaping () -> Void
    ) {
        self.stream = stream
        self.whenEnded = whenEnded
        // The socket buffer of a new connection holds the response; a failure means that the peer has disconnected.
        _ = try? stream.send(response.span)
        close = try? LingeringClose(
            stream, forNanoseconds: nanoseconds, maxBytes: Self.maxBytes)
        stream.observeReadiness { [unowned self] in discardInput() }
        let timer = Deadline { [unowned self] in end() }
        self.timer = timer
        stream.loop.arm(timer, at: stream.loop.now.advanced(byNanoseconds: nanoseconds))
    }

    private func discardInput() {
        var buffer = ReceiveBuffer()
        while true {
            switch close?.step(stream, reusing: &buffer, { _ in }) {
            case .wait: return
            case .readAgain: continue
            case .ended, nil: return end()
            }
        }
    }

    /// Closes the connection.
    func end() {
        guard let timer else { return }
        self.timer = nil
        stream.loop.remove(timer)
        stream.close()
        whenEnded()
    }
}

/// What one read brought.
package enum ReceiveResult: Hashable, Sendable {
    /// So many bytes, at least one.
    case bytes(Int)
    /// Nothing now: wait until readable.
    case wouldBlock
    /// The peer has ended its direction; it may still read.
    case endOfStream
}

/// What one write took.
package enum SendResult: Hashable, Sendable {
    /// The first so many of the bytes; if not all, wait until writable before the next try.
    case bytes(Int)
    /// Nothing now: wait until writable.
    case wouldBlock
}

/// The seam between bytes and messages: server and client talk to this, and TCP, Unix sockets and
/// TLS fill it.
///
/// A stream lives on one loop and everything here is called on that loop's thread. Reading and
/// writing never wait; waiting holds no buffer. At most one task waits for each direction.
package protocol ByteStream: AnyObject, Sendable {
    var loop: EventLoop { get }

    /// The other end. Empty path for a Unix client, which has no name.
    var peer: SocketAddress { get }

    /// This end, by a system call.
    var local: SocketAddress { get throws(SystemError) }

    /// A read is known to be worth trying; after a short read it is not, until the next readiness.
    var mayHaveMore: Bool { get }

    /// The peer was seen to have ended its direction; bytes it sent before may still wait to be
    /// read.
    var hasPeerClosedWriting: Bool { get }

    /// The connection was seen to be gone in both directions, by a reset or by both ends.
    var hasHungUp: Bool { get }

    /// How many bytes that were written the peer has not taken yet, by a system call; 0 where nobody knows.
    var queuedByteCount: Int { get }

    /// How many of the bytes that a write refused must be given to the next one unchanged, because a record was made of them.
    var refusedByteCount: Int { get }

    /// Suspends until a read is worth trying.
    func waitReadable(until deadline: MonotonicInstant) async -> WaitOutcome

    /// Suspends until a write is worth trying.
    func waitWritable(until deadline: MonotonicInstant) async -> WaitOutcome

    /// Reads once into `buffer`, which must not be empty.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> ReceiveResult

    /// Writes once what the kernel takes of `bytes`.
    func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> SendResult

    /// Writes once what the kernel takes of both pieces, head and body, without joining them.
    func send(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) throws(SystemError) -> SendResult

    /// Whether the kernel can send files by itself; not where the bytes have to be seen (TLS).
    var sendsFiles: Bool { get }

    /// Writes once what the kernel takes of a part of a file: `bytes(0)` where the file ends.
    ///
    /// Fewer bytes than asked for do not mean that the next try would have to wait.
    func sendFile(
        _ file: ReadableFile, from offset: Int, count: Int
    ) throws(SystemError) -> SendResult

    /// Ends our direction after all that was written; the peer sees the end of the stream.
    func shutdownWrite() throws(SystemError)

    /// Ends the present waits as `interrupted` and remembers nothing of it: for a reason that
    /// belongs to the exchange and not to the stream, such as a cancelled task.
    func endWaits()

    /// Ends the present waits and all later ones as `interrupted`, for as long as the stream lives:
    /// a drain, a hard stop.
    ///
    /// Not for a stream that is used again after the exchange that is ended by it.
    func interrupt()

    /// Lets waits wait again after `interrupt()`, for a last answer.
    func clearInterruption()

    /// Sets who is called on the loop, outside of any task, for bytes or an end that nobody waits
    /// for: an idle pooled connection that dies, a client that leaves while its handler works.
    func observeReadiness(_ observer: (() -> Void)?)

    /// Closes the connection and ends all waits; a second time does nothing.
    func close()

    /// The same after all was said: the peer is told, where the protocol has a word for it, that
    /// nothing is missing.
    func closeOrderly()
}

extension ByteStream {
    /// Nobody knows.
    package var queuedByteCount: Int { 0 }

    /// None: what was refused was not looked at.
    package var refusedByteCount: Int { 0 }

    /// A bare socket has no word for it but the end itself.
    package func closeOrderly() {
        close()
    }
}

// MARK: - Files

extension ByteStream {
    /// No: whoever sends reads the file by itself.
    package var sendsFiles: Bool { false }

    /// Fails.
    package func sendFile(
        _ file: ReadableFile, from offset: Int, count: Int
    ) throws(SystemError) -> SendResult {
        throw .unsupported("sendfile")
    }
}

// MARK: - Spans

extension ByteStream {
    /// Writes once what the kernel takes of `bytes`.
    package func send(_ bytes: Span<UInt8>) throws(SystemError) -> SendResult {
        try unsafe bytes.withUnsafeBytes { (bytes) throws(SystemError) in try unsafe send(bytes) }
    }

    /// Writes once what the kernel takes of both pieces.
    package func send(
        _ first: Span<UInt8>, _ second: Span<UInt8>
    ) throws(SystemError) -> SendResult {
        try unsafe first.withUnsafeBytes { (first) throws(SystemError) in
            try unsafe second.withUnsafeBytes { (second) throws(SystemError) in
                try unsafe send(first, second)
            }
        }
    }
}

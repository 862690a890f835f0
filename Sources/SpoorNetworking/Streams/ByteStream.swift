/// The result of one read.
package enum ReceiveResult: Hashable, Sendable {
    /// The number of bytes that were read, at least one.
    case bytes(Int)
    /// No bytes available: wait until readable.
    case wouldBlock
    /// The peer has half-closed the connection; it may still read.
    case endOfStream
}

/// The result of one write.
package enum SendResult: Hashable, Sendable {
    /// The number of bytes that were written; if not all, wait until writable before the next write.
    case bytes(Int)
    /// No bytes accepted: wait until writable.
    case wouldBlock
}

/// A byte stream of a connection: the abstraction over TCP, Unix domain sockets and TLS that server and client use.
///
/// A stream is confined to one event loop: all members are called on that loop's thread. Reads and writes never wait;
/// waiting holds no buffer. At most one task waits for each direction; the wait of another one returns `busy`.
package protocol ByteStream: AnyObject, Sendable {
    var loop: EventLoop { get }

    /// The remote address; an empty path for a Unix client, which has no address.
    var peer: SocketAddress { get }

    /// The local address, by a system call.
    var local: SocketAddress { get throws(SystemError) }

    /// Whether a read may return bytes; after a short read it is false until the next readiness event.
    var mayHaveMore: Bool { get }

    /// Whether the peer has half-closed the connection; bytes that it sent before may still be unread.
    var hasPeerClosedWriting: Bool { get }

    /// Whether the connection was closed in both directions, by a reset or by both ends.
    var hasHungUp: Bool { get }

    /// The number of written bytes that the peer has not acknowledged, by a system call; 0 if unknown.
    var queuedByteCount: Int { get }

    /// The number of bytes of a write that was not accepted which must be passed to the next write unchanged, because
    /// a TLS record was created from them.
    var retryByteCount: Int { get }

    /// Suspends until a read may return bytes.
    func waitReadable(until deadline: MonotonicInstant) async -> WaitOutcome

    /// Suspends until a write may accept bytes.
    func waitWritable(until deadline: MonotonicInstant) async -> WaitOutcome

    /// Reads once into `buffer`, which must not be empty.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> ReceiveResult

    /// Writes once as many of `bytes` as the kernel accepts.
    func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> SendResult

    /// Writes once as much of both buffers, head and body, as the kernel accepts, without joining them.
    func send(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) throws(SystemError) -> SendResult

    /// Whether the kernel can send files (sendfile); false if the bytes must be processed (TLS).
    var sendsFiles: Bool { get }

    /// Writes once as much of a part of a file as the kernel accepts: `bytes(0)` at the end of the file.
    ///
    /// Fewer bytes than requested do not mean that the next write would have to wait.
    func sendFile(
        _ file: ReadableFile, from offset: Int, count: Int
    ) throws(SystemError) -> SendResult

    /// Half-closes the connection after all written bytes; the peer sees the end of the stream.
    func shutdownWrite() throws(SystemError)

    /// Ends the current waits as `interrupted`, without an effect on later ones: for a reason that concerns the
    /// exchange and not the stream, such as a cancelled task.
    func endWaits()

    /// Ends the current waits and all later ones as `interrupted`: for a drain or a forced shutdown.
    ///
    /// Not for a stream that is used again after the interrupted exchange.
    func interrupt()

    /// Allows waits again after `interrupt()`, for a last response.
    func clearInterruption()

    /// Sets an observer that is called on the loop, outside of any task, for bytes or an end of stream that no task
    /// waits for: an idle pooled connection that is closed, a client that disconnects while its handler runs.
    func observeReadiness(_ observer: (() -> Void)?)

    /// Makes ``close()`` reset the connection: bytes that the peer has not accepted are discarded.
    ///
    /// Otherwise the kernel keeps them after the close, without a limit in time, for a peer that reads nothing but
    /// acknowledges its probes (TCP zero-window probes).
    func discardUnsentBytesOnClose()

    /// Closes the connection and ends all waits; a second call does nothing.
    func close()

    /// Closes the connection in an orderly way: sends the protocol's end marker, if it has one (TLS close-notify), so
    /// that the peer knows that the data is complete.
    func closeOrderly()
}

extension ByteStream {
    /// Unknown.
    package var queuedByteCount: Int { 0 }

    /// None: bytes that were not accepted were not processed.
    package var retryByteCount: Int { 0 }

    /// Does nothing: no bytes remain after the close.
    package func discardUnsentBytesOnClose() {}

    /// A plain socket has no end marker except the end of the stream.
    package func closeOrderly() {
        close()
    }
}

// MARK: - Files

extension ByteStream {
    /// False: the sender reads the file and writes its bytes.
    package var sendsFiles: Bool { false }

    /// Throws: not supported.
    package func sendFile(
        _ file: ReadableFile, from offset: Int, count: Int
    ) throws(SystemError) -> SendResult {
        throw .unsupported("sendfile")
    }
}

// MARK: - Spans

extension ByteStream {
    /// Writes once as many of `bytes` as the kernel accepts.
    package func send(_ bytes: Span<UInt8>) throws(SystemError) -> SendResult {
        try unsafe bytes.withUnsafeBytes { (bytes) throws(SystemError) in try unsafe send(bytes) }
    }

    /// Writes once as much of both buffers as the kernel accepts.
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

internal import Synchronization

/// The bytes of a connection that no longer carries HTTP, in both directions: another protocol after an upgrade, or a
/// tunnel.
///
/// It may be used from any task, also to read and write concurrently, but it belongs to the handler: when the handler
/// returns, the connection is closed, and later calls throw. Stay on the event loop if possible (child tasks do): on
/// another executor each call changes threads twice.
public final class DuplexStream: Sendable {
    /// How a graceful shutdown of the server affects a connection that no longer carries HTTP.
    public enum ShutdownBehavior: Sendable, Hashable {
        /// Reading ends as if the peer had half-closed the connection, so that the usual loop over
        /// ``DuplexStream/read()`` ends; the protocol's closing message can still be written.
        case endsReading
        /// No effect; the handler observes the shutdown itself, for example with `cancelOnGracefulShutdown()` of
        /// ServiceLifecycle, and is aborted after the server's `gracefulShutdownTimeout`.
        case keepsReading
    }

    private let wire: any DuplexTransport

    package init(_ wire: any DuplexTransport) {
        self.wire = wire
    }

    /// Returns the next bytes, as many as are available; nil when the peer has half-closed the connection.
    ///
    /// Also returns nil when the server begins to drain, after the bytes received until then, unless
    /// ``ShutdownBehavior/keepsReading`` was passed. Bytes that followed the head of the request are returned first.
    /// There is no timeout: how long a peer may stay silent is up to the new protocol. Bytes that are not read stay
    /// with the peer (back-pressure).
    ///
    /// - Throws: `CancellationError` when the task is cancelled, ``DuplexStreamError``, or the error of the
    ///   connection, also when the server's `gracefulShutdownTimeout` has passed.
    public func read() async throws -> [UInt8]? {
        try await wire.read()
    }

    /// Sends bytes; returns when the kernel has accepted the last of them.
    ///
    /// Several tasks may write: each call's bytes are sent as a whole, one call after the other. If a write that had
    /// to wait for the peer ends early, for example by cancellation, part of its bytes may have been sent, so nothing
    /// can follow them: all later writes throw ``DuplexStreamError/writeUnfinished``.
    ///
    /// - Throws: As ``read()``, and when the peer accepts no bytes for the server's write timeout.
    public func write(_ bytes: [UInt8]) async throws {
        try await wire.write(bytes)
    }

    /// Half-closes the connection after all bytes that were written; the peer may continue to send.
    ///
    /// - Throws: ``DuplexStreamError``, or the error of the connection.
    public func closeOutput() async throws {
        try await wire.closeOutput()
    }
}

/// An error for a byte stream that the handler used incorrectly.
public enum DuplexStreamError: Error, Equatable {
    /// The handler that requested the stream has returned.
    case ended
    /// Another task is reading.
    case readTwice
    /// The output was closed before.
    case writingEnded
    /// An earlier write was cancelled, or failed, before all of its bytes were sent.
    case writeUnfinished
}

extension DuplexStreamError: CustomStringConvertible {
    /// A message that states what happened and how to correct the handler.
    public var description: String {
        switch self {
        case .ended:
            "the handler that owns the stream has returned, which closed the connection: wait in "
                + "the handler for all tasks that use the stream"
        case .readTwice:
            "another task is already reading from the stream: read from one task at a time"
        case .writingEnded:
            "the output was already closed with closeOutput(): write before that call"
        case .writeUnfinished:
            "an earlier write was cancelled or failed after part of its bytes were sent, so nothing can "
                + "follow it: close the stream by returning from the handler"
        }
    }
}

/// The connection that a ``DuplexStream`` reads from and writes to.
package protocol DuplexTransport: AnyObject, Sendable {
    /// The byte counters.
    var counts: DuplexCounts { get }

    func read() async throws -> [UInt8]?
    func write(_ bytes: [UInt8]) async throws
    func closeOutput() async throws
    /// Disables the end of reading at a graceful shutdown; called on the event loop, before the first read.
    func keepReadingDuringShutdown()
}

extension DuplexTransport {
    /// Does nothing: there is no server.
    package func keepReadingDuringShutdown() {}
}

/// The number of bytes of another protocol than HTTP that a connection has carried; readable from any thread.
///
/// The connection's event loop updates it; the exchange keeps it after the connection was closed.
package final class DuplexCounts: Sendable {
    private let receivedBytes = Atomic(0)
    private let sentBytes = Atomic(0)

    /// The number of bytes passed to the handler.
    package var received: Int { receivedBytes.load(ordering: .relaxed) }
    /// The number of bytes that the kernel has accepted.
    package var sent: Int { sentBytes.load(ordering: .relaxed) }

    package init() {}

    /// Adds bytes passed to the handler.
    package func addReceived(_ count: Int) {
        receivedBytes.wrappingAdd(count, ordering: .relaxed)
    }

    /// Adds bytes that the kernel has accepted.
    package func addSent(_ count: Int) {
        sentBytes.wrappingAdd(count, ordering: .relaxed)
    }
}

internal import Synchronization

/// The bytes of a connection that has left HTTP, both ways: another protocol after an upgrade, or a tunnel.
///
/// It may be used from any task, also to read and write at once, but belongs to the handler: when that returns, the
/// connection ends, and later calls throw. Stay on the event loop where you can (child tasks do): elsewhere each
/// call changes threads twice.
public final class DuplexStream: Sendable {
    /// What the drain of a server does to a connection that has left HTTP.
    public enum ShutdownBehavior: Sendable, Hashable {
        /// Reading ends as if the peer had ended its direction, so that the usual loop over ``DuplexStream/read()`` ends; what
        /// the protocol has for a goodbye can be written then.
        case endsReading
        /// Nothing; the handler looks for the drain itself, such as by `cancelOnGracefulShutdown()` of ServiceLifecycle, and
        /// is cut off after the server's `gracefulShutdownTimeout`.
        case keepsReading
    }

    private let wire: any DuplexTransport

    package init(_ wire: any DuplexTransport) {
        self.wire = wire
    }

    /// The next bytes, as many as are at hand; nil when the peer has ended its direction.
    ///
    /// Also nil when the server begins to drain, after what had come until then, unless ``ShutdownBehavior/keepsReading`` was
    /// asked for. What came after the head of the request comes first. Waits as long as it takes: how long a silence may last is
    /// the new protocol's business. What is not asked for stays with the peer.
    ///
    /// - Throws: `CancellationError` when the task is cancelled, ``DuplexStreamError``, or the connection's fault,
    ///   also when the deadline of the server's shutdown has passed.
    public func read() async throws -> [UInt8]? {
        try await wire.read()
    }

    /// Sends bytes; returns when the kernel has taken the last of them.
    ///
    /// Several tasks may write: each piece goes out whole, one after the other. If a write that has waited for the peer
    /// ends unfinished, by a cancellation for one, a part of its bytes may have gone out, so nothing can follow them:
    /// all later writes throw ``DuplexStreamError/writeUnfinished``.
    ///
    /// - Throws: As ``read()``, and when the peer takes nothing for as long as the server's time-out for writing.
    public func write(_ bytes: [UInt8]) async throws {
        try await wire.write(bytes)
    }

    /// Ends our direction behind all that was written; the peer's goes on.
    ///
    /// - Throws: ``DuplexStreamError``, or the connection's fault.
    public func closeOutput() async throws {
        try await wire.closeOutput()
    }
}

/// A byte stream used against its order; the handler's fault.
public enum DuplexStreamError: Error, Equatable {
    /// The handler that had asked for it has returned.
    case ended
    /// Another task is reading.
    case readTwice
    /// Our direction was ended before.
    case writingEnded
    /// An earlier write was cancelled, or failed, before all of its bytes were sent.
    case writeUnfinished
}

extension DuplexStreamError: CustomStringConvertible {
    /// What happened, and what the handler should do.
    public var description: String {
        switch self {
        case .ended:
            "the handler that the stream belongs to has returned, which ended the connection: wait in "
                + "the handler for all tasks that use the stream"
        case .readTwice:
            "another task is already reading from the stream: read from one task at a time"
        case .writingEnded:
            "closeOutput() was called before, so nothing more can be written: write before it"
        case .writeUnfinished:
            "an earlier write was cancelled or failed with a part of its bytes sent, so nothing can "
                + "follow it: close the stream by returning from the handler"
        }
    }
}

/// The wire under a ``DuplexStream``.
package protocol DuplexTransport: AnyObject, Sendable {
    /// The bytes so far.
    var counts: DuplexCounts { get }

    func read() async throws -> [UInt8]?
    func write(_ bytes: [UInt8]) async throws
    func closeOutput() async throws
    /// The drain of the server does not end the reading side; called on the wire's own thread, before the first read.
    func keepReadingDuringShutdown()
}

extension DuplexTransport {
    /// There is no server.
    package func keepReadingDuringShutdown() {}
}

/// How many bytes of another protocol than HTTP a connection has carried, readable from any thread.
///
/// The connection's event loop adds to it; the exchange keeps it after the connection has ended.
package final class DuplexCounts: Sendable {
    private let receivedBytes = Atomic(0)
    private let sentBytes = Atomic(0)

    /// Bytes that the handler was given.
    package var received: Int { receivedBytes.load(ordering: .relaxed) }
    /// Bytes that the kernel has taken.
    package var sent: Int { sentBytes.load(ordering: .relaxed) }

    package init() {}

    /// Adds bytes that the handler was given.
    package func addReceived(_ count: Int) {
        receivedBytes.wrappingAdd(count, ordering: .relaxed)
    }

    /// Adds bytes that the kernel has taken.
    package func addSent(_ count: Int) {
        sentBytes.wrappingAdd(count, ordering: .relaxed)
    }
}

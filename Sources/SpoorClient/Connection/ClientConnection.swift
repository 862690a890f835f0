import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// One connection to a server: its stream, its receive buffer, and its protocol state.
///
/// It is confined to its event loop's thread and serves one exchange at a time. Interruptions of an exchange are not
/// stored on the stream: only its pending waits are ended, see ``ByteStream/endWaits()``.
final class ClientConnection: @unchecked Sendable {
    // Unchecked, because it is only accessed on its event loop's thread, by the pool and one exchange. Run-time
    // exclusivity checks are disabled for what is accessed many times per request, which is safe: no access calls
    // back into the connection.

    let id: PoolPlan.ConnectionID
    let host: RequestTarget.Host
    let stream: any ByteStream
    /// The time at which the connection is too old to be kept.
    let retiresAt: MonotonicInstant
    /// The counter of idle connections that includes it for tasks outside of its loop, once it has been released.
    var idleCounter: IdleConnections.Counter?
    @safe @exclusivity(unchecked) var received = ClientConnection.emptyBuffer
    /// The protocol state while no exchange is in progress; during one the exchange's driver holds it.
    @safe @exclusivity(unchecked) var machine: ClientConnectionMachine
    @safe @exclusivity(unchecked) var parser: ResponseHeadParser

    init(
        _ id: PoolPlan.ConnectionID, to host: RequestTarget.Host, over stream: any ByteStream,
        retiresAt: MonotonicInstant, limits: HTTP1Limits
    ) {
        self.id = id
        self.host = host
        self.stream = stream
        self.retiresAt = retiresAt
        // An interruption while connecting concerned the exchange that requested the connection.
        stream.clearInterruption()
        machine = ClientConnectionMachine(limits: limits)
        parser = ResponseHeadParser(limits: limits)
    }

    /// The maximum number of content bytes that one read returns: 256 KiB.
    static let maxReadBatchBytes = 256 << 10

    /// A buffer without memory that grows up to a batch of content while reads fill it.
    static var emptyBuffer: ReceiveBuffer {
        ReceiveBuffer(growingTo: maxReadBatchBytes)
    }

    /// Closes the connection while no exchange is in progress.
    func end(because event: ClientConnectionMachine.Event) {
        switch machine.handle(event) {
        case .close: stream.close()
        case .closeOrderly: stream.closeOrderly()
        case .proceed, .send, .sendBody, .stopSending, .release: break
        }
    }

    /// Returns whether the connection can be used for another request: the peer has neither sent unexpected bytes nor
    /// closed it.
    ///
    /// If a read has filled its buffer, it is unknown whether more has arrived; then another read is made.
    func isReusable() -> Bool {
        guard received.isEmpty, !stream.hasPeerClosedWriting else { return false }
        guard stream.mayHaveMore else { return true }
        return (try? received.fill(from: stream)) == .wouldBlock
    }
}

import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// One connection to a server: its stream, what was received and not yet read, and the state of its life.
///
/// It belongs to its loop's thread and serves one exchange at a time. Nothing that ends an exchange from outside is
/// noted on the stream: only waits that are under way are ended, see ``ByteStream/endWaits()``.
final class ClientConnection: @unchecked Sendable {
    // Unchecked, because it is only touched on its loop's thread, by the pool and one exchange. Exclusivity is not checked at
    // run time for what is accessed many times a request, and safe all the same: no access calls back into the connection.

    let id: PoolPlan.ConnectionID
    let host: RequestTarget.Host
    let stream: any ByteStream
    /// When it is too old to be kept.
    let retiresAt: MonotonicInstant
    /// Where it counts as idle for tasks outside of its loop, once it has been released.
    var slot: IdleConnections.Slot?
    @safe @exclusivity(unchecked) var received = ClientConnection.emptyBuffer
    /// Its state while no exchange is under way; during one the driver of the exchange has it.
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
        // What interrupted the connecting is the concern of the exchange that wanted the connection.
        stream.clearInterruption()
        machine = ClientConnectionMachine(limits: limits)
        parser = ResponseHeadParser(limits: limits)
    }

    /// How many bytes a reader of content gets at once at the most: 256 KiB.
    static let maxExportBatchBytes = 256 << 10

    /// A buffer without memory, that grows up to a batch of content while reads fill it.
    static var emptyBuffer: ReceiveBuffer {
        ReceiveBuffer(growingTo: maxExportBatchBytes)
    }

    /// Ends the connection, over which no exchange is under way.
    func end(because event: ClientConnectionMachine.Event) {
        switch machine.handle(event) {
        case .close: stream.close()
        case .closeInOrder: stream.closeOrderly()
        case .proceed, .send, .sendBody, .stopSending, .release: break
        }
    }

    /// Whether nothing speaks against using it for a request: no byte, no end has come uncalled.
    ///
    /// A read that filled its buffer leaves open whether more has come; then it is tried.
    func isQuiet() -> Bool {
        guard received.isEmpty, !stream.hasPeerClosedWriting else { return false }
        guard stream.mayHaveMore else { return true }
        return (try? received.fill(from: stream)) == .wouldBlock
    }
}

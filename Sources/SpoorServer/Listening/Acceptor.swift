import HTTPTypes
import Logging
import SpoorHTTP
import SpoorNetworking
import SpoorText
import SpoorTLS
import Synchronization

/// Accepts connections at the sockets of one loop, as many as the limits allow, until it is stopped.
///
/// A connection beyond `maxConnections` waits in the kernel's queue; one of a peer that has too many is refused.
final class Acceptor: @unchecked Sendable {
    // Unchecked, because all of it happens on the loop's thread.

    private let listeners: [BoundListener]
    private let maxConnections: Int
    private let peers: PeerTable?
    private let handover: PortHandover
    /// How many connections are open.
    private var openCount = 0
    private var isStopping = false
    private var roomWaiters: [CheckedContinuation<Void, Never>] = []
    private var rejectedPeers: [ObjectIdentifier: RefusedPeer] = [:]

    /// More refused peers than this at once get no response.
    private static let maxRefusedPeers = 64

    init(
        _ listeners: [BoundListener], on loop: EventLoop, maxConnections: Int, peers: PeerTable?
    ) {
        self.listeners = listeners
        self.maxConnections = maxConnections
        self.peers = peers
        handover = PortHandover(
            of: listeners.map { (source: $0.listener, reach: $0.reach) }, on: loop)
    }

    /// Where it listens.
    var addresses: [SocketAddress] { listeners.map(\.listener.address) }

    /// How often a connection could not be accepted for lack of descriptors or memory.
    var shortageCount: Int { listeners.map(\.listener.shortageCount).reduce(0, +) }

    /// Accepts for a server, until no socket listens any more.
    func run(for server: LoopServer) async {
        await withDiscardingTaskGroup { group in
            for bound in listeners {
                group.addTask(executorPreference: server.loop) {
                    await self.accept(from: bound, for: server)
                }
            }
        }
    }

    /// Accepts the connections that have begun, then no more.
    func stop() {
        isStopping = true
        makeRoom()
        handover.begin()
    }

    /// Stops listening at once.
    func close() {
        for bound in listeners { bound.listener.close() }
    }

    /// Gives everything back, after the last connection has ended.
    func end() {
        handover.end()
        for peer in rejectedPeers.values { peer.end() }
        close()
    }

    /// A connection has ended: there is room for another, and its peer has one less.
    func connectionEnded(_ stream: any ByteStream) {
        openCount -= 1
        if let peers, let peer = stream.peer.peerNetwork { peers.leave(peer) }
        makeRoom()
    }

    private func makeRoom() {
        for waiter in roomWaiters { waiter.resume() }
        roomWaiters.removeAll()
    }

    private func accept(from bound: BoundListener, for server: LoopServer) async {
        do {
            while true {
                while openCount >= maxConnections, !isStopping {
                    await withCheckedContinuation { roomWaiters.append($0) }
                }
                guard let stream = try await bound.listener.accept() else { return }
                admit(stream, from: bound, to: server)
            }
        } catch {
            server.logger.critical(
                "accepting has ended",
                metadata: ["address": "\(bound.listener.address)", "error": "\(error)"])
        }
    }

    /// Hands a connection to the server, or refuses it.
    private func admit(
        _ stream: any ByteStream, from bound: BoundListener, to server: LoopServer
    ) {
        server.count.accepted += 1
        if let peers, let peer = stream.peer.peerNetwork, !peers.admit(peer) {
            return refuse(stream, from: bound, for: server)
        }
        openCount += 1
        if !server.open(stream, securedBy: bound.tls) { connectionEnded(stream) }
    }

    private func refuse(
        _ stream: any ByteStream, from bound: BoundListener, for server: LoopServer
    ) {
        server.count.rejectedPeers += 1
        // A peer that speaks TLS cannot read a response in plain HTTP.
        guard bound.tls == nil, rejectedPeers.count < Self.maxRefusedPeers else {
            return stream.close()
        }
        let rejected = RejectedRequest(
            .serviceUnavailable, because: "maxConnectionsPerRemoteAddress",
            limit: .init(
                name: "maxConnectionsPerRemoteAddress",
                value: server.limits.maxConnectionsPerRemoteAddress,
                unit: "connections"),
            connection: ConnectionInfo(of: stream))
        var answer: [UInt8] = []
        server.append(rejected, isCounted: false, to: &answer)
        let key = ObjectIdentifier(stream)
        rejectedPeers[key] = RefusedPeer(
            stream, answer: answer, lingering: server.timeouts.linger
        ) { [unowned self] in
            rejectedPeers[key] = nil
        }
    }
}

/// How many connections each peer has with the server, on all of its loops: so that none takes them all.
final class PeerTable: Sendable {
    private let maxCount: Int
    private let counts = Mutex<[IPNetwork: Int]>([:])

    /// Makes a table that admits so many connections of each peer.
    init(maxCount: Int) {
        self.maxCount = maxCount
    }

    /// Counts a connection, unless its peer has as many as it may.
    func admit(_ peer: IPNetwork) -> Bool {
        counts.withLock { counts in
            let count = counts[peer] ?? 0
            guard count < maxCount else { return false }
            counts[peer] = count + 1
            return true
        }
    }

    /// Counts a connection that has ended.
    func leave(_ peer: IPNetwork) {
        counts.withLock { counts in
            guard let count = counts[peer] else { return }
            counts[peer] = count > 1 ? count - 1 : nil
        }
    }
}

/// A connection that was refused as it came: what its peer sends is read away for a moment, so that it sees the answer and
/// not a reset (RFC 9112 §9.6).
private final class RefusedPeer {
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

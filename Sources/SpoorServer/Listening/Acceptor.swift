import HTTPTypes
import Logging
import SpoorHTTP
import SpoorNetworking
import SpoorText
import SpoorTLS
import Synchronization

/// Accepts connections on the sockets of one event loop, within the limits, until it is stopped.
///
/// A connection above `maxConnections` waits in the kernel's queue; one of a peer with too many connections is
/// rejected.
final class Acceptor: @unchecked Sendable {
    // Unchecked, because all of it runs on the event loop's thread.

    private let listeners: [BoundListener]
    private let maxConnections: Int
    private let peers: PeerTable?
    private let handover: PortHandover
    /// The number of open connections.
    private var openCount = 0
    private var isStopping = false
    private var capacityWaiters: [CheckedContinuation<Void, Never>] = []
    private var rejectedPeers: [ObjectIdentifier: RejectedPeer] = [:]

    /// The maximum number of rejected peers at a time that receive a response.
    private static let maxRejectedPeers = 64

    init(
        _ listeners: [BoundListener], on loop: EventLoop, maxConnections: Int, peers: PeerTable?
    ) {
        self.listeners = listeners
        self.maxConnections = maxConnections
        self.peers = peers
        handover = PortHandover(
            of: listeners.map { (source: $0.listener, reach: $0.reach) }, on: loop)
    }

    /// The addresses that it listens on.
    var addresses: [SocketAddress] { listeners.map(\.listener.address) }

    /// The number of times a connection could not be accepted for lack of file descriptors or memory.
    var shortageCount: Int { listeners.map(\.listener.shortageCount).reduce(0, +) }

    /// Accepts for a server, until all sockets have stopped listening.
    func run(for server: LoopServer) async {
        await withDiscardingTaskGroup { group in
            for bound in listeners {
                group.addTask(executorPreference: server.loop) {
                    await self.accept(from: bound, for: server)
                }
            }
        }
    }

    /// Accepts the connections whose handshakes have begun, then stops.
    func stop() {
        isStopping = true
        resumeCapacityWaiters()
        handover.begin()
    }

    /// Stops listening immediately.
    func close() {
        for bound in listeners { bound.listener.close() }
    }

    /// Releases everything, after the last connection has ended.
    func end() {
        handover.end()
        for peer in rejectedPeers.values { peer.end() }
        close()
    }

    /// Records the end of a connection: there is capacity for another, and its peer has one less.
    func connectionEnded(_ stream: any ByteStream) {
        openCount -= 1
        if let peers, let peer = stream.peer.peerNetwork { peers.release(peer) }
        resumeCapacityWaiters()
    }

    private func resumeCapacityWaiters() {
        for waiter in capacityWaiters { waiter.resume() }
        capacityWaiters.removeAll()
    }

    private func accept(from bound: BoundListener, for server: LoopServer) async {
        do {
            while true {
                while openCount >= maxConnections, !isStopping {
                    await withCheckedContinuation { capacityWaiters.append($0) }
                }
                guard let stream = try await bound.listener.accept() else { return }
                admit(stream, from: bound, to: server)
            }
        } catch {
            server.logger.critical(
                "accept loop stopped",
                metadata: ["address": "\(bound.listener.address)", "error": "\(error)"])
        }
    }

    /// Passes a connection to the server, or rejects it.
    private func admit(
        _ stream: any ByteStream, from bound: BoundListener, to server: LoopServer
    ) {
        server.count.accepted += 1
        if let peers, let peer = stream.peer.peerNetwork, !peers.admit(peer) {
            return reject(stream, from: bound, for: server)
        }
        openCount += 1
        if !server.open(stream, securedBy: bound.tls) { connectionEnded(stream) }
    }

    private func reject(
        _ stream: any ByteStream, from bound: BoundListener, for server: LoopServer
    ) {
        server.count.rejectedPeers += 1
        // A peer that speaks TLS cannot read a response in plain HTTP.
        guard bound.tls == nil, rejectedPeers.count < Self.maxRejectedPeers else {
            return stream.close()
        }
        let rejected = RejectedRequest(
            .serviceUnavailable, because: "maxConnectionsPerRemoteAddress",
            limit: .init(
                name: "maxConnectionsPerRemoteAddress",
                value: server.limits.maxConnectionsPerRemoteAddress,
                unit: "connections"),
            connection: ConnectionInfo(of: stream))
        var response: [UInt8] = []
        server.append(rejected, isCounted: false, to: &response)
        let key = ObjectIdentifier(stream)
        rejectedPeers[key] = RejectedPeer(
            stream, response: response, lingering: server.timeouts.linger
        ) { [unowned self] in
            rejectedPeers[key] = nil
        }
    }
}

/// The number of connections of each peer on all event loops of a server, so that no peer occupies all of them.
final class PeerTable: Sendable {
    private let maxCount: Int
    private let counts = Mutex<[IPNetwork: Int]>([:])

    /// Creates a table that allows `maxCount` connections of each peer.
    init(maxCount: Int) {
        self.maxCount = maxCount
    }

    /// Counts a connection, unless its peer has reached the maximum.
    func admit(_ peer: IPNetwork) -> Bool {
        counts.withLock { counts in
            let count = counts[peer] ?? 0
            guard count < maxCount else { return false }
            counts[peer] = count + 1
            return true
        }
    }

    /// Counts the end of a connection.
    func release(_ peer: IPNetwork) {
        counts.withLock { counts in
            guard let count = counts[peer] else { return }
            counts[peer] = count > 1 ? count - 1 : nil
        }
    }
}

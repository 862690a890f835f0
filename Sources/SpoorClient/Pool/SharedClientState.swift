package import SpoorNetworking
import SpoorTLS
import Synchronization

/// The state that the pools of one client share across event loops: settings, counters and caches.
///
/// Locks are used only for opening connections, so a request over an idle connection takes none.
final class SharedClientState: Sendable {
    let limits: ClientLimits
    let tls: ClientTLS
    /// The fixed destination of connections, if any.
    let route: FixedRoute?
    let resolver: HostResolver
    let counts = ClientCounts()
    let idleConnections = IdleConnections()
    private let addresses = Mutex(AddressCache())
    private let sessions = Mutex(SessionCache())

    init(
        limits: ClientLimits, tls: ClientTLS, route: FixedRoute? = nil,
        resolver: HostResolver = .shared
    ) {
        self.limits = limits
        self.tls = tls
        self.route = route
        self.resolver = resolver
    }

    // MARK: Addresses

    /// Returns the cached addresses of a host, in the resolver's order.
    func addresses(
        of host: RequestTarget.Host, at now: MonotonicInstant
    ) -> [SocketAddress]? {
        addresses.withLock { $0.addresses(of: host, at: now) }
    }

    /// Caches the resolved addresses of a host for ``ClientLimits/dnsCacheTTL``.
    func keep(_ found: [SocketAddress], of host: RequestTarget.Host, at now: MonotonicInstant) {
        let end = now.advanced(by: limits.dnsCacheTTL)
        addresses.withLock { $0.keep(found, of: host, until: end) }
    }

    /// Returns the addresses of a host in the order in which the next connection tries them.
    func nextOrder(
        of found: [SocketAddress], of host: RequestTarget.Host, at now: MonotonicInstant
    ) -> [SocketAddress] {
        addresses.withLock { $0.nextOrder(of: found, of: host, at: now) }
    }

    /// Records that an address accepted a connection after attempts to connect to others had failed or had taken
    /// longer than the connection attempt delay.
    func record(
        connectedTo address: SocketAddress, after failed: some Sequence<SocketAddress>,
        of host: RequestTarget.Host, at now: MonotonicInstant
    ) {
        addresses.withLock { $0.record(connectedTo: address, after: failed, of: host, at: now) }
    }

    /// Removes the addresses of a host, none of which accepted a connection.
    func removeAddresses(of host: RequestTarget.Host) {
        addresses.withLock { $0.remove(host) }
    }

    // MARK: TLS sessions

    /// Returns the session that a connection to a host can resume.
    func session(for host: RequestTarget.Host) -> TLSSession? {
        sessions.withLock { $0.session(for: host) }
    }

    /// Caches the session of a connection: called after its first exchange, because only then it has arrived.
    func keepSession(of connection: ClientConnection) {
        guard let stream = connection.stream as? TLSStream, let session = stream.session else {
            return
        }
        sessions.withLock { $0.keep(session, for: connection.host) }
    }

    /// Removes the session of a host whose handshake has failed.
    func removeSession(of host: RequestTarget.Host) {
        sessions.withLock { $0.remove(host) }
    }
}

/// The fixed destination of all connections of a client, regardless of the host of the URL; used by tests.
package enum FixedRoute: Sendable {
    /// A TCP or Unix socket.
    case socket(SocketAddress)
    /// A port in this process.
    case inProcess(any InProcessPort)
}

/// The resumable TLS sessions of a client: the latest one of each host, for all event loops.
struct SessionCache {
    /// The maximum number of hosts: by default the maximum number of connections of a loop.
    static let maxHosts = 256

    private var sessions: [RequestTarget.Host: TLSSession] = [:]

    /// The number of cached hosts.
    var count: Int { sessions.count }

    /// Returns the latest session with a host.
    func session(for host: RequestTarget.Host) -> TLSSession? {
        sessions[host]
    }

    /// Stores a session, replacing the host's last one.
    mutating func keep(_ session: TLSSession, for host: RequestTarget.Host) {
        if sessions.count >= Self.maxHosts, sessions[host] == nil {
            // Any session will do: losing one only costs a full handshake.
            sessions.removeValue(forKey: sessions.keys.first ?? host)
        }
        sessions[host] = session
    }

    /// Removes the session of a host whose handshake has failed.
    mutating func remove(_ host: RequestTarget.Host) {
        sessions[host] = nil
    }
}

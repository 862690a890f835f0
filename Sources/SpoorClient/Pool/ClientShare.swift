package import SpoorNetworking
import SpoorTLS
import Synchronization

/// What the pools of one client share across its loops: settings, counters, and what is remembered of hosts.
///
/// Behind locks is only what connections are made with, so that a request over a kept connection takes none of them.
final class ClientShare: Sendable {
    let limits: ClientLimits
    let tls: ClientTLS
    /// Where connections go, if not to the URL's host.
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

    /// What is known of a host's addresses and still good.
    func addresses(
        of host: RequestTarget.Host, at now: MonotonicInstant
    ) -> [SocketAddress]? {
        addresses.withLock { $0.addresses(of: host, at: now) }
    }

    /// Remembers the addresses of a host for ``ClientLimits/dnsCacheTTL``.
    func keep(_ found: [SocketAddress], of host: RequestTarget.Host, at now: MonotonicInstant) {
        let end = now.advanced(by: limits.dnsCacheTTL)
        addresses.withLock { $0.keep(found, of: host, until: end) }
    }

    /// Has an address tried first that a connection was made to.
    func prefer(_ address: SocketAddress, of host: RequestTarget.Host) {
        addresses.withLock { $0.prefer(address, of: host) }
    }

    /// Forgets the addresses of a host, none of which took a connection.
    func forgetAddresses(of host: RequestTarget.Host) {
        addresses.withLock { $0.forget(host) }
    }

    // MARK: TLS sessions

    /// What a secure connection to a host can resume.
    func session(for host: RequestTarget.Host) -> TLSSession? {
        sessions.withLock { $0.session(for: host) }
    }

    /// Remembers what the server has given to be resumed: after a first exchange, for only then it has come.
    func keepSession(of connection: ClientConnection) {
        guard let stream = connection.stream as? TLSStream, let session = stream.session else {
            return
        }
        sessions.withLock { $0.keep(session, for: connection.host) }
    }

    /// Forgets the session of a host whose handshake has failed.
    func forgetSession(of host: RequestTarget.Host) {
        sessions.withLock { $0.forget(host) }
    }
}

/// Where every connection of a client goes, whatever host the URL names: how tests come to a server of theirs.
package enum FixedRoute: Sendable {
    /// A TCP or Unix socket.
    case socket(SocketAddress)
    /// A place in this process.
    case inProcess(any InProcessPort)
}

/// What secure connections can resume: the latest session of each host, of all loops of a client.
struct SessionCache {
    /// How many hosts are remembered: as many as a loop may have connections to, by default.
    static let maxHosts = 256

    private var sessions: [RequestTarget.Host: TLSSession] = [:]

    /// How many hosts are remembered.
    var count: Int { sessions.count }

    /// The latest session with a host.
    func session(for host: RequestTarget.Host) -> TLSSession? {
        sessions[host]
    }

    /// Remembers a session in place of the host's last one.
    mutating func keep(_ session: TLSSession, for host: RequestTarget.Host) {
        if sessions.count >= Self.maxHosts, sessions[host] == nil {
            // Any will do: to lose one costs a full handshake, no more.
            sessions.removeValue(forKey: sessions.keys.first ?? host)
        }
        sessions[host] = session
    }

    /// Forgets a host whose handshake has failed.
    mutating func forget(_ host: RequestTarget.Host) {
        sessions[host] = nil
    }
}

import SpoorNetworking
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

    /// Remembers the addresses of a host for ``ClientLimits/addressLifetime``.
    func keep(_ found: [SocketAddress], of host: RequestTarget.Host, at now: MonotonicInstant) {
        let end = now.advanced(by: limits.addressLifetime)
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

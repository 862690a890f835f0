import SpoorNetworking
import SpoorTLS

/// Opens connections: resolves the host, connects to one of its addresses (``ConnectionRace``), and performs the TLS
/// handshake.
///
/// Its waits can be interrupted: before each wait `began` is called with a closure that ends it.
struct Dialer {
    let pool: LoopPool
    let limits: ClientLimits
    /// The timeout of the whole exchange, which expires at the instant that is passed to
    /// ``connect(to:until:began:)``.
    let requestTimeout: ClientError.Timeout

    private var shared: SharedClientState { pool.shared }

    /// Connects to one of the host's addresses.
    func connect(
        to host: RequestTarget.Host, until instant: MonotonicInstant,
        began: (@escaping () -> Void) -> Void
    ) async throws(ClientError) -> any ByteStream {
        let connectEnd = pool.loop.now.advanced(by: limits.connectTimeout)
        let deadline =
            instant <= connectEnd
            ? Deadline(end: instant, timeout: requestTimeout)
            : Deadline(end: connectEnd, timeout: .connectTimeout(limits.connectTimeout))
        let socket = try await socket(to: host, within: deadline, began: began)
        guard host.isSecure else { return socket }
        return try await secure(socket, to: host, within: deadline, began: began)
    }

    /// The end of connecting, and the timeout that expires then.
    private struct Deadline {
        let end: MonotonicInstant
        let timeout: ClientError.Timeout
    }

    private func socket(
        to host: RequestTarget.Host, within deadline: Deadline,
        began: (@escaping () -> Void) -> Void
    ) async throws(ClientError) -> any ByteStream {
        if case .inProcess(let port) = shared.route { return try connect(to: port) }
        let addresses = shared.nextOrder(
            of: try await addresses(of: host, within: deadline), of: host, at: pool.loop.now)
        let race = ConnectionRace(
            to: addresses, on: pool.loop, delay: limits.connectionAttemptDelay,
            counting: pool.counts)
        began { race.interrupt() }
        do throws(ClientError) {
            let stream = try await race.run(until: deadline.end, timeout: deadline.timeout)
            // Attempts start in the order of the addresses.
            let failed = addresses.prefix { $0 != stream.peer }
            if !failed.isEmpty {
                shared.record(
                    connectedTo: stream.peer, after: failed, of: host, at: pool.loop.now)
            }
            return stream
        } catch {
            if error != .cancelled { shared.removeAddresses(of: host) }
            throw error
        }
    }

    private func connect(to port: any InProcessPort) throws(ClientError) -> any ByteStream {
        do {
            let stream = try port.connect(on: pool.loop)
            pool.counts.add(\.connectionsOpened)
            return stream
        } catch {
            pool.counts.add(\.connectionsFailed)
            throw .connect(error)
        }
    }

    /// Performs the TLS handshake; the server's certificate must match the host of the URL.
    private func secure(
        _ socket: any ByteStream, to host: RequestTarget.Host, within deadline: Deadline,
        began: (@escaping () -> Void) -> Void
    ) async throws(ClientError) -> TLSStream {
        let stream: TLSStream
        do throws(TLSConfigurationError) {
            let client = try await shared.tls.client(at: pool.loop.now)
            stream = try TLSStream(
                connectingTo: host.certificateName, over: socket, by: client,
                resuming: shared.session(for: host))
        } catch {
            socket.close()
            throw .tlsConfiguration(error)
        }
        began { stream.interrupt() }
        do throws(TLSHandshakeError) {
            try await stream.handshake(until: deadline.end)
            return stream
        } catch {
            stream.close()
            // The resumed session may be the cause.
            shared.removeSession(of: host)
            pool.counts.add(\.handshakesFailed)
            switch error.cause {
            case .timedOut: throw .timedOut(.handshake, deadline.timeout)
            case .interrupted: throw .cancelled
            default: throw .handshake(error)
            }
        }
    }

    /// Returns the addresses of a host in the resolver's order.
    private func addresses(
        of host: RequestTarget.Host, within deadline: Deadline
    ) async throws(ClientError) -> [SocketAddress] {
        if case .socket(let address) = shared.route { return [address] }
        if let known = shared.addresses(of: host, at: pool.loop.now) { return known }
        let cache = HostResolver.Cache { [shared] in
            shared.addresses(of: host, at: .now())
        } keep: { [shared] found in
            shared.keep(found, of: host, at: .now())
        }
        do {
            let found = try await shared.resolver.addresses(
                of: host.name, port: host.port, on: pool.loop, until: deadline.end, cache: cache)
            if let kept = shared.addresses(of: host, at: .now()) { return kept }
            // Addresses that need no name resolution, or are not cached.
            shared.keep(found, of: host, at: .now())
            return found
        } catch {
            switch error {
            case .unknownHost(let reason), .temporary(let reason):
                throw .resolve(host: host.name, reason: reason)
            case .timedOut: throw .timedOut(.resolve, deadline.timeout)
            case .tooManyQueued(let max):
                throw .resolve(
                    host: host.name,
                    reason: "\(max) name resolutions are pending, which is the limit")
            case .cancelled: throw .cancelled
            }
        }
    }
}

import SpoorNetworking
import SpoorTLS

/// Makes connections: looks the host up, then tries its addresses one after the other.
///
/// What it waits for can be ended from outside: `began` is told of every stream before it is waited
/// for.
struct Dialer {
    let pool: LoopPool
    let limits: ClientLimits
    /// The limit of the whole exchange, which ends at the instant that ``connect(to:until:began:)`` is given.
    let totalLimit: ClientError.TimeLimit

    /// Connects to one of the host's addresses.
    func connect(
        to host: RequestTarget.Host, until instant: MonotonicInstant,
        began: (any ByteStream) -> Void
    ) async throws(ClientError) -> any ByteStream {
        let connectEnd = pool.loop.now.advanced(by: limits.connectTimeout)
        let bound =
            instant <= connectEnd
            ? Bound(end: instant, limit: totalLimit)
            : Bound(end: connectEnd, limit: .connect(limits.connectTimeout))
        let socket = try await socket(to: host, within: bound, began: began)
        guard host.isSecure else { return socket }
        return try await secure(socket, to: host, within: bound, began: began)
    }

    /// When connecting must be over, and by which limit.
    private struct Bound {
        let end: MonotonicInstant
        let limit: ClientError.TimeLimit
    }

    private func socket(
        to host: RequestTarget.Host, within bound: Bound, began: (any ByteStream) -> Void
    ) async throws(ClientError) -> any ByteStream {
        let loop = pool.loop
        if case .memory(let port) = pool.route { return try connect(to: port) }
        let addresses = try await addresses(of: host, within: bound)
        var failure = ClientError.connect(SystemError(code: 0, call: "connect"))
        for (index, address) in addresses.enumerated() {
            // Each gets its share of the time that is left, so that a dead one does not use up all.
            let now = MonotonicInstant.now()
            guard now < bound.end else { throw .timedOut(.connect, bound.limit) }
            let share = (bound.end.nanoseconds - now.nanoseconds) / UInt64(addresses.count - index)
            do {
                let stream = try SocketStream.dial(address, on: loop)
                began(stream)
                try await stream.finishConnecting(until: now.advanced(byNanoseconds: share))
                pool.counts.add(\.connectionsOpened)
                return stream
            } catch {
                pool.counts.add(\.connectionsFailed)
                if error.isCancelled { throw .cancelled }
                failure = error.isTimeOut ? .timedOut(.connect, bound.limit) : .connect(error)
            }
        }
        pool.addresses.forget(host)
        throw failure
    }

    private func connect(to port: MemoryPort) throws(ClientError) -> any ByteStream {
        do {
            let stream = try port.connect(on: pool.loop)
            pool.counts.add(\.connectionsOpened)
            return stream
        } catch {
            pool.counts.add(\.connectionsFailed)
            throw .connect(error)
        }
    }

    /// Shakes hands: the server must be who the URL says.
    private func secure(
        _ socket: any ByteStream, to host: RequestTarget.Host, within bound: Bound,
        began: (any ByteStream) -> Void
    ) async throws(ClientError) -> TLSStream {
        let stream: TLSStream
        do throws(TLSConfigurationError) {
            stream = try TLSStream(
                dialling: host.name, over: socket, by: pool.tls.client(at: pool.loop.now),
                resuming: pool.sessions.session(for: host))
        } catch {
            socket.close()
            throw .tlsConfiguration(error)
        }
        began(stream)
        do throws(TLSHandshakeError) {
            try await stream.handshake(until: bound.end)
            return stream
        } catch {
            stream.close()
            // What was to be resumed may be what went wrong.
            pool.sessions.forget(host)
            pool.counts.add(\.handshakesFailed)
            switch error.cause {
            case .timedOut: throw .timedOut(.handshake, bound.limit)
            case .interrupted: throw .cancelled
            default: throw .handshake(error)
            }
        }
    }

    private func addresses(
        of host: RequestTarget.Host, within bound: Bound
    ) async throws(ClientError) -> [SocketAddress] {
        if case .socket(let address) = pool.route { return [address] }
        if let known = pool.addresses.addresses(of: host, at: pool.loop.now) { return known }
        do {
            let found = try await HostResolver().addresses(
                of: host.name, port: host.port, on: pool.loop, until: bound.end)
            let lifetime = limits.addressLifetime
            pool.addresses.keep(found, of: host, until: pool.loop.now.advanced(by: lifetime))
            return found
        } catch {
            switch error {
            case .unknownHost(let reason), .temporary(let reason):
                throw .resolve(host: host.name, reason: reason)
            case .timedOut: throw .timedOut(.resolve, bound.limit)
            case .busy: throw .resolve(host: host.name, reason: "too many look-ups wait")
            case .cancelled: throw .cancelled
            }
        }
    }
}

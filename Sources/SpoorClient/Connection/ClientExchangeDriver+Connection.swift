import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// Getting a connection from the pool.
extension ClientExchangeDriver {
    func acquire(isFresh: Bool) async throws(ClientError) -> ClientConnection {
        if let failure { throw failure }
        let claim = claim.take()
        let asked = pool.loop.now
        let lease = try await pool.lease(
            target.host, isFresh: isFresh, claim: claim, until: end, limit: totalLimit
        ) { endWaiting = $0 }
        let connection: ClientConnection
        switch lease {
        case .kept(let kept):
            pool.counts.add(\.connectionsReused)
            connection = kept
        case .opening(let id):
            let leased = pool.loop.now
            let wait = pool.connectionWait(for: target.host)
            do throws(ClientError) {
                connection = try await open(id)
            } catch .timedOut(let phase, totalLimit) {
                let phase = Self.phase(
                    phase, asked: asked, leased: leased, timedOut: pool.loop.now, wait)
                throw .timedOut(phase, totalLimit)
            }
        }
        peer = connection.stream.peer
        isOnKeptConnection = connection.isReused
        if let failure {
            // Nothing was sent over it.
            pool.release(connection)
            throw failure
        }
        self.connection = connection
        return connection
    }

    /// The phase that used up the time of an exchange, which expired while a connection was opened: the wait for the right to
    /// open it, if most of the time was spent there.
    static func phase(
        _ phase: ClientError.Phase, asked: MonotonicInstant, leased: MonotonicInstant,
        timedOut: MonotonicInstant, _ wait: ClientError.ConnectionWait
    ) -> ClientError.Phase {
        let waited = leased.nanoseconds &- asked.nanoseconds
        let opened = timedOut.nanoseconds &- leased.nanoseconds
        return waited > opened ? .connectionWait(wait) : phase
    }

    private func open(_ id: PoolPlan.ConnectionID) async throws(ClientError) -> ClientConnection {
        defer { endConnecting = nil }
        do throws(ClientError) {
            if let failure { throw failure }
            let stream = try await Dialer(
                pool: pool, limits: limits, totalLimit: totalLimit
            ).connect(to: target.host, until: end) { endAttempt in
                endConnecting = endAttempt
                if failure != nil { endAttempt() }
            }
            return ClientConnection(
                id, to: target.host, over: stream,
                retiresAt: pool.loop.now.advanced(by: limits.connectionAgeMax), limits: limits.http1
            )
        } catch {
            pool.remove(id)
            throw error
        }
    }
}

import SpoorNetworking
import SpoorTLS

/// The connections of one loop: it does what its plan decides.
///
/// A kept connection is watched: whatever becomes ready on it without a request, bytes or an end,
/// means that it is of no use any more.
final class LoopPool: @unchecked Sendable {
    // Unchecked, because all of its state belongs to the loop's thread, on which every method is
    // called.

    /// What a request gets to work with.
    enum Lease {
        /// A kept connection.
        case kept(ClientConnection)
        /// The right to open one, under this number.
        case opening(PoolPlan.ConnectionID)
    }

    typealias Outcome = Result<Lease, ClientError>

    let loop: EventLoop
    let counts: ClientCounts
    /// Where connections go, if not to the URL's host.
    let route: FixedRoute?
    let tls: ClientTLS
    /// What secure connections to a host can take up again.
    var sessions = SessionCache()
    var addresses = AddressCache()
    private var plan: PoolPlan
    private var idle: [PoolPlan.ConnectionID: ClientConnection] = [:]
    private var waiters: [PoolPlan.WaiterID: Waiter] = [:]
    private var expiry: Deadline?
    private var isShutDown = false

    private struct Waiter {
        let continuation: CheckedContinuation<Outcome, Never>
        let deadline: Deadline
    }

    init(
        on loop: EventLoop, limits: ClientLimits, tls: ClientTLS, counts: ClientCounts,
        route: FixedRoute? = nil
    ) {
        self.loop = loop
        self.route = route
        self.counts = counts
        self.tls = tls
        plan = PoolPlan(
            PoolPlan.Bounds(
                connectionsPerHost: max(1, limits.connectionsPerHostMax),
                connections: max(1, limits.connectionsMax),
                waiting: max(0, limits.waitingMax),
                idleNanoseconds: limits.idleTimeout.wholeNanoseconds))
    }

    // MARK: Requests

    /// A connection for a request, as soon as the bounds allow.
    ///
    /// - Parameters:
    ///   - isFresh: Kept connections have failed the request.
    ///   - limit: The limit of the exchange, which expires at `instant`.
    ///   - waiting: Gets, while the request waits, what ends its wait when it is called.
    func lease(
        _ host: RequestTarget.Host, isFresh: Bool, until instant: MonotonicInstant,
        limit: ClientError.TimeLimit, waiting: ((() -> Void)?) -> Void
    ) async throws(ClientError) -> Lease {
        guard !isShutDown else { throw .shutDown }
        switch plan.acquire(host, isFresh: isFresh) {
        case .reuse(let id):
            guard let connection = take(id) else { return .opening(id) }
            return .kept(connection)
        case .open(let id):
            return .opening(id)
        case .openInPlaceOf(let victim, let id):
            take(victim)?.stream.closeOrderly()
            return .opening(id)
        case .refuse:
            counts.add(\.refusals)
            throw .tooManyWaiting
        case .wait(let id):
            defer { waiting(nil) }
            waiting { [self] in settle(id, .failure(.cancelled)) }
            return try await wait(id, until: instant, limit: limit).get()
        }
    }

    private func wait(
        _ id: PoolPlan.WaiterID, until instant: MonotonicInstant, limit: ClientError.TimeLimit
    ) async -> Outcome {
        await withCheckedContinuation { continuation in
            let deadline = Deadline { [self] in
                settle(id, .failure(.timedOut(.connectionWait, limit)))
            }
            waiters[id] = Waiter(continuation: continuation, deadline: deadline)
            loop.arm(deadline, at: instant)
        }
    }

    private func settle(_ id: PoolPlan.WaiterID, _ outcome: Outcome) {
        guard let waiter = waiters.removeValue(forKey: id) else { return }
        plan.giveUp(id)
        loop.remove(waiter.deadline)
        waiter.continuation.resume(returning: outcome)
    }

    // MARK: Connections

    /// Takes back a connection that can do more.
    func release(_ connection: ClientConnection) {
        guard !isShutDown, !loop.isEnded, connection.isQuiet() else { return discard(connection) }
        guard loop.now < connection.retiresAt else { return retire(connection) }
        if !connection.isReused { sessions.keep(from: connection) }
        connection.isReused = true
        // A kept connection holds no memory but its own.
        connection.received = ReceiveBuffer()
        switch plan.release(connection.id, at: loop.now) {
        case .hand(let waiter):
            settle(waiter, .success(.kept(connection)))
        case .closeFor(let waiter, let id):
            connection.stream.closeOrderly()
            settle(waiter, .success(.opening(id)))
        case .keep:
            idle[connection.id] = connection
            connection.stream.observeReadiness { [weak self, unowned connection] in
                self?.diedIdle(connection)
            }
            armExpiry()
        }
    }

    /// Closes a connection that can do no more.
    func discard(_ connection: ClientConnection) {
        connection.stream.close()
        remove(connection.id)
    }

    /// Closes a connection that could do more, but is too old: the next one may lead elsewhere.
    private func retire(_ connection: ClientConnection) {
        counts.add(\.connectionsRetired)
        connection.stream.closeOrderly()
        remove(connection.id)
    }

    /// Gives up the number of a connection that is gone or was never opened.
    func remove(_ id: PoolPlan.ConnectionID) {
        guard let handover = plan.remove(id) else { return }
        settle(handover.waiter, .success(.opening(handover.opens)))
    }

    private func diedIdle(_ connection: ClientConnection) {
        guard take(connection.id) != nil else { return }
        counts.add(\.connectionsDiedIdle)
        discard(connection)
    }

    private func take(_ id: PoolPlan.ConnectionID) -> ClientConnection? {
        let connection = idle.removeValue(forKey: id)
        connection?.stream.observeReadiness(nil)
        return connection
    }

    // MARK: Idleness

    private func armExpiry() {
        // A loop that has ended fires at once what is armed on it, and would do so for ever.
        guard !loop.isEnded, let next = plan.nextExpiry else { return }
        let deadline = expiry ?? Deadline { [weak self] in self?.expire() }
        expiry = deadline
        loop.arm(deadline, at: next)
    }

    private func expire() {
        for id in plan.expire(at: loop.now) {
            counts.add(\.connectionsExpired)
            take(id)?.stream.closeOrderly()
        }
        armExpiry()
    }

    /// Closes what is idle, fails what waits, and refuses what comes; exchanges in flight go on.
    func shutDown() {
        isShutDown = true
        for id in plan.takeAllIdle() { take(id)?.stream.closeOrderly() }
        for id in waiters.keys { settle(id, .failure(.shutDown)) }
        if let expiry { loop.remove(expiry) }
    }
}

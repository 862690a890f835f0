import SpoorHTTP1
import SpoorNetworking
import SpoorTLS

/// The connection pool of one event loop; it executes the decisions of its ``PoolPlan``.
///
/// It observes idle connections: one that becomes readable without a request, because the peer has sent bytes or closed
/// it, can no longer be used.
final class LoopPool: @unchecked Sendable {
    // Unchecked, because all state is confined to the event loop's thread, on which every method is called.

    /// The connection that a request gets, or the right to open one.
    enum Lease {
        /// An idle connection.
        case idle(ClientConnection)
        /// No connection yet: the request opens one, with this identifier.
        case opening(PoolPlan.ConnectionID)
    }

    typealias Outcome = Result<Lease, ClientError>

    let loop: EventLoop
    let shared: SharedClientState
    private var plan: PoolPlan
    private var idle: [PoolPlan.ConnectionID: ClientConnection] = [:]
    private var waiters: [PoolPlan.WaiterID: Waiter] = [:]
    private var expiry: Deadline?
    private var isShutDown = false
    private let isListed: Bool
    /// The counters of idle connections that other threads read, by origin.
    private var counters: [RequestTarget.Host: IdleConnections.Counter] = [:]

    private struct Waiter {
        let continuation: CheckedContinuation<Outcome, Never>
        let deadline: Deadline
    }

    /// Creates a pool without connections.
    ///
    /// - Parameter isListed: Whether requests of tasks that run on no loop may use its idle connections.
    init(on loop: EventLoop, sharing shared: SharedClientState, isListed: Bool = true) {
        self.loop = loop
        self.shared = shared
        self.isListed = isListed
        let limits = shared.limits
        plan = PoolPlan(
            PoolPlan.Bounds(
                connectionsPerHost: max(1, limits.maxConnectionsPerHost),
                connections: max(1, limits.maxConnections),
                waitingPerHost: max(0, limits.maxPendingRequestsPerHost),
                waiting: max(0, limits.maxPendingRequests),
                idleNanoseconds: limits.idleTimeout.wholeNanoseconds))
    }

    var counts: ClientCounts { shared.counts }

    // MARK: Requests

    /// Returns a connection for a request, as soon as the limits allow.
    ///
    /// - Parameters:
    ///   - needsNewConnection: Whether it must be a new connection, because the request failed on idle ones.
    ///   - reservation: The reservation of an idle connection of this loop, if the request has one.
    ///   - timeout: The timeout of the exchange, which expires at `instant`.
    ///   - waiting: Called with a closure that ends the wait when the request begins to wait, and with nil afterwards.
    func lease(
        _ host: RequestTarget.Host, needsNewConnection: Bool,
        reservation: IdleConnections.Reservation? = nil,
        until instant: MonotonicInstant, timeout: ClientError.Timeout,
        waiting: ((() -> Void)?) -> Void
    ) async throws(ClientError) -> Lease {
        guard !isShutDown else { throw .shutDown }
        let acquisition = plan.acquire(host, needsNewConnection: needsNewConnection)
        if case .reuse(let id) = acquisition, let connection = take(id) {
            reservation?.release()
            return .idle(connection)
        }
        reservation?.release()
        switch acquisition {
        case .reuse(let id), .open(let id):
            return .opening(id)
        case .openReplacing(let replaced, let id):
            closeIdle(replaced)
            return .opening(id)
        case .reject(let queue):
            counts.add(\.rejections)
            throw .tooManyPendingRequests(plan.pendingRequestLimit(of: queue, for: host))
        case .waitReplacing(let rejected, let id):
            counts.add(\.rejections)
            endWait(
                rejected,
                .failure(.tooManyPendingRequests(plan.pendingRequestLimit(of: .all, for: host))))
            return try await wait(id, until: instant, timeout: timeout, waiting)
        case .wait(let id):
            return try await wait(id, until: instant, timeout: timeout, waiting)
        }
    }

    private func wait(
        _ id: PoolPlan.WaiterID, until instant: MonotonicInstant, timeout: ClientError.Timeout,
        _ waiting: ((() -> Void)?) -> Void
    ) async throws(ClientError) -> Lease {
        counts.add(\.waits)
        defer { waiting(nil) }
        waiting { [self] in endWait(id, .failure(.cancelled)) }
        return try await wait(id, until: instant, timeout: timeout).get()
    }

    private func wait(
        _ id: PoolPlan.WaiterID, until instant: MonotonicInstant, timeout: ClientError.Timeout
    ) async -> Outcome {
        await withCheckedContinuation { continuation in
            let deadline = Deadline { [self] in
                endWait(
                    id, .failure(.timedOut(.connectionWait(connectionWait(for: id.host)), timeout)))
            }
            waiters[id] = Waiter(continuation: continuation, deadline: deadline)
            loop.arm(deadline, at: instant)
        }
    }

    /// Returns the state of the queue of an origin.
    func connectionWait(for host: RequestTarget.Host) -> ClientError.ConnectionWait {
        plan.wait(for: host)
    }

    private func endWait(_ id: PoolPlan.WaiterID, _ outcome: Outcome) {
        guard let waiter = waiters.removeValue(forKey: id) else { return }
        plan.cancelWait(id)
        loop.remove(waiter.deadline)
        waiter.continuation.resume(returning: outcome)
    }

    // MARK: Connections

    /// Returns a connection to the pool, or closes it if it cannot be used again.
    func release(_ connection: ClientConnection) {
        guard !isShutDown, !loop.isStopping else {
            return end(connection, because: .evicted)
        }
        guard connection.isReusable() else { return end(connection, because: .readableWhileIdle) }
        guard loop.now < connection.retiresAt else {
            // The next one connects to another address of the host, if it has several.
            counts.add(\.connectionsRetired)
            return end(connection, because: .expired)
        }
        if connection.machine.requestCount <= 1 {
            shared.keepSession(of: connection)
            connection.idleCounter = counter(for: connection.host)
        }
        // An idle connection holds no receive buffer.
        connection.received = ClientConnection.emptyBuffer
        switch plan.release(connection.id, at: loop.now) {
        case .assign(let waiter):
            endWait(waiter, .success(.idle(connection)))
        case .replace(let waiter, let id):
            connection.end(because: .evicted)
            removeCounterIfUnused(connection.host)
            endWait(waiter, .success(.opening(id)))
        case .keep:
            idle[connection.id] = connection
            connection.idleCounter?.add(1)
            connection.stream.observeReadiness { [weak self, unowned connection] in
                self?.closedWhileIdle(connection)
            }
            armExpiry()
        }
    }

    /// Closes a connection that a failed exchange has left unusable.
    func discard(_ connection: ClientConnection) {
        connection.stream.close()
        remove(connection.id)
    }

    /// Ends a connection without an exchange in progress.
    private func end(
        _ connection: ClientConnection, because event: ClientConnectionMachine.Event
    ) {
        connection.end(because: event)
        remove(connection.id)
    }

    /// Releases the identifier of a connection that is closed or was never opened.
    func remove(_ id: PoolPlan.ConnectionID) {
        let host = plan.host(of: id)
        let permit = plan.remove(id)
        if let host { removeCounterIfUnused(host) }
        guard let permit else { return }
        endWait(permit.waiter, .success(.opening(permit.opens)))
    }

    private func closedWhileIdle(_ connection: ClientConnection) {
        guard take(connection.id) != nil else { return }
        counts.add(\.connectionsClosedWhileIdle)
        end(connection, because: .readableWhileIdle)
    }

    private func take(_ id: PoolPlan.ConnectionID) -> ClientConnection? {
        let connection = idle.removeValue(forKey: id)
        connection?.stream.observeReadiness(nil)
        connection?.idleCounter?.add(-1)
        return connection
    }

    /// Closes an idle connection that the plan has dropped.
    private func closeIdle(
        _ id: PoolPlan.ConnectionID, because event: ClientConnectionMachine.Event = .evicted
    ) {
        guard let connection = take(id) else { return }
        connection.end(because: event)
        removeCounterIfUnused(connection.host)
    }

    private func counter(for host: RequestTarget.Host) -> IdleConnections.Counter? {
        guard isListed else { return nil }
        if let known = counters[host] { return known }
        let counter = shared.idleConnections.addCounter(for: host, on: loop)
        counters[host] = counter
        return counter
    }

    private func removeCounterIfUnused(_ host: RequestTarget.Host) {
        guard plan.connectionCount(of: host) == 0, let counter = counters.removeValue(forKey: host)
        else { return }
        shared.idleConnections.remove(counter, for: host)
    }

    // MARK: Idle connections

    private func armExpiry() {
        // A timer that is already set expires before the connection that has just become idle, because all have the
        // same idle timeout.
        guard !loop.isStopping, expiry?.instant ?? .never == .never, let next = plan.nextExpiry
        else { return }
        let deadline = expiry ?? Deadline { [weak self] in self?.expire() }
        expiry = deadline
        loop.arm(deadline, at: next)
    }

    private func expire() {
        // A loop that stops fires all timers. Its connections would stay open, and their peers would wait for requests.
        if loop.isStopping { return closeAllIdle() }
        for id in plan.expire(at: loop.now) {
            counts.add(\.connectionsExpired)
            closeIdle(id, because: .expired)
        }
        armExpiry()
    }

    private func closeAllIdle() {
        for id in plan.takeAllIdle() { closeIdle(id) }
    }

    /// Closes idle connections, fails waiting requests, and rejects new ones; exchanges in progress are completed.
    func shutDown() {
        isShutDown = true
        closeAllIdle()
        for id in waiters.keys { endWait(id, .failure(.shutDown)) }
        if let expiry { loop.remove(expiry) }
    }
}

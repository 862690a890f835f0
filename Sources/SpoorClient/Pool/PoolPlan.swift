import SpoorNetworking

/// The decisions of a loop's connection pool, without any connection.
///
/// Connections and waiting requests are identifiers here. Time is passed as a value; every decision states what the
/// caller has to do, and the limits always hold. Requests to one origin are served in order of arrival; among origins
/// that compete for the limit on all connections, the one with the fewest connections is first, then the one that has
/// not received a connection for the longest time.
struct PoolPlan {
    typealias ConnectionID = Int
    /// A position in the queue of an origin; never reused, not even after the origin was removed.
    struct WaiterID: Hashable {
        let host: RequestTarget.Host
        let ticket: TicketQueue<Waiting>.Ticket
        /// Unique for each position, so that only it is compared.
        let serial: Int

        static func == (left: WaiterID, right: WaiterID) -> Bool { left.serial == right.serial }

        func hash(into hasher: inout Hasher) {
            hasher.combine(serial)
        }
    }

    /// A waiting request.
    struct Waiting {
        /// Whether it needs a new connection, because idle ones have failed.
        let needsNewConnection: Bool
        /// The serial number of its position.
        let serial: Int
    }

    struct Bounds {
        var connectionsPerHost: Int
        var connections: Int
        var waitingPerHost: Int
        var waiting: Int
        var idleNanoseconds: UInt64
    }

    /// The decision for a request.
    enum Acquisition: Equatable {
        /// An idle connection: the most recently used one, because it is the least likely to be closed.
        case reuse(ConnectionID)
        /// The identifier of a connection to open.
        case open(ConnectionID)
        /// The identifier of a connection to open, after an idle connection to another host is closed for it.
        case openReplacing(idle: ConnectionID, ConnectionID)
        /// A position in the queue.
        case wait(WaiterID)
        /// A position in the queue, after the latest request of the longest queue is rejected for it.
        case waitReplacing(rejected: WaiterID, WaiterID)
        /// A rejection: this queue is full.
        case reject(Queue)
    }

    /// A full queue: that of one origin, or of all origins together.
    enum Queue: Equatable {
        case origin, all
    }

    /// The permission for a waiting request to open a connection, because another one was closed.
    struct OpeningPermit: Equatable {
        let waiter: WaiterID
        /// The identifier of the connection to open.
        let opens: ConnectionID
    }

    /// The decision for a released connection.
    enum Release: Equatable {
        /// It is kept.
        case keep
        /// It is assigned to a waiting request.
        case assign(to: WaiterID)
        /// It is closed and replaced: a request that waits for another host, or for a new connection, opens one.
        case replace(for: WaiterID, opening: ConnectionID)
    }

    private struct Idle {
        let id: ConnectionID
        let since: MonotonicInstant
    }

    /// An origin with connections or waiting requests.
    private struct Origin {
        var connectionCount = 0
        /// The idle connections, the most recent last.
        var idle: [Idle] = []
        /// The waiting requests, identified by their tickets.
        var waiters = TicketQueue<Waiting>()
        /// The number of the change by which the origin last received or lost a connection, or began to wait for one.
        ///
        /// Changes are numbered in order, so a lower number is an earlier change.
        var lastChange = 0

        var isUnused: Bool { connectionCount == 0 && waiters.isEmpty }
    }

    private let bounds: Bounds
    private var hosts: [ConnectionID: RequestTarget.Host] = [:]
    private var origins: [RequestTarget.Host: Origin] = [:]
    private var lastID = 0
    private var lastSerial = 0
    private var changeCount = 0

    init(_ bounds: Bounds) {
        self.bounds = bounds
    }

    /// The number of connections, open or being opened.
    var connectionCount: Int { hosts.count }
    /// The number of idle connections.
    private(set) var idleCount = 0
    /// The number of waiting requests.
    private(set) var waitingCount = 0

    func host(of id: ConnectionID) -> RequestTarget.Host? { hosts[id] }

    func connectionCount(of host: RequestTarget.Host) -> Int {
        origins[host]?.connectionCount ?? 0
    }

    /// Returns the state of the queue of an origin.
    func wait(for host: RequestTarget.Host) -> ClientError.ConnectionWait {
        let count = connectionCount(of: host)
        return ClientError.ConnectionWait(
            origin: host.origin, openConnections: count,
            limit: count >= bounds.connectionsPerHost
                ? .maxConnectionsPerHost(bounds.connectionsPerHost)
                : .maxConnections(bounds.connections))
    }

    /// Returns the limit on waiting requests that a full queue has reached.
    func pendingRequestLimit(of queue: Queue, for host: RequestTarget.Host)
        -> ClientError.PendingRequestLimit
    {
        switch queue {
        case .origin: .maxPendingRequestsPerHost(origin: host.origin, bounds.waitingPerHost)
        case .all: .maxPendingRequests(bounds.waiting)
        }
    }

    /// Returns the number of waiting requests to one origin.
    func waitingCount(of host: RequestTarget.Host) -> Int { origins[host]?.waiters.count ?? 0 }
}

// MARK: - Requests

extension PoolPlan {
    /// Decides how a request gets a connection.
    ///
    /// - Parameter needsNewConnection: Whether it must be a new one, because idle ones have failed.
    mutating func acquire(_ host: RequestTarget.Host, needsNewConnection: Bool = false)
        -> Acquisition
    {
        if !needsNewConnection, let id = popIdle(of: host) { return .reuse(id) }
        if connectionCount(of: host) < bounds.connectionsPerHost {
            if connectionCount < bounds.connections { return .open(add(host)) }
            if let replaced = oldestIdle() {
                dropConnection(replaced)
                return .openReplacing(idle: replaced, add(host))
            }
        } else if needsNewConnection, let replaced = origins[host]?.idle.first?.id {
            dropConnection(replaced)
            return .openReplacing(idle: replaced, add(host))
        }
        guard bounds.waiting > 0 else { return .reject(.all) }
        guard waitingCount(of: host) < bounds.waitingPerHost else { return .reject(.origin) }
        guard waitingCount >= bounds.waiting else {
            return .wait(enqueue(host, needsNewConnection: needsNewConnection))
        }
        // In a full queue the latest request of the origin with the most requests is replaced by one of an origin
        // with fewer.
        guard let longest = origins.max(by: { $0.value.waiters.count < $1.value.waiters.count }),
            longest.value.waiters.count > waitingCount(of: host) + 1,
            let last = origins[longest.key]?.waiters.popLast()
        else { return .reject(.all) }
        waitingCount -= 1
        let rejected = WaiterID(
            host: longest.key, ticket: last.ticket, serial: last.element.serial)
        return .waitReplacing(
            rejected: rejected, enqueue(host, needsNewConnection: needsNewConnection))
    }

    /// Removes a waiting request; has no effect the second time.
    mutating func cancelWait(_ waiter: WaiterID) {
        guard origins[waiter.host]?.waiters.remove(waiter.ticket) != nil else { return }
        waitingCount -= 1
        dropIfUnused(waiter.host)
    }

    private mutating func enqueue(_ host: RequestTarget.Host, needsNewConnection: Bool) -> WaiterID
    {
        var origin = origins.removeValue(forKey: host) ?? Origin()
        if origin.waiters.isEmpty, origin.connectionCount == 0 { origin.lastChange = nextChange() }
        lastSerial += 1
        let ticket = origin.waiters.append(
            Waiting(needsNewConnection: needsNewConnection, serial: lastSerial))
        origins[host] = origin
        waitingCount += 1
        return WaiterID(host: host, ticket: ticket, serial: lastSerial)
    }

    private mutating func dequeue(
        _ host: RequestTarget.Host
    ) -> (waiter: WaiterID, wants: Waiting)? {
        guard let entry = origins[host]?.waiters.popFirst() else { return nil }
        waitingCount -= 1
        let waiter = WaiterID(host: host, ticket: entry.ticket, serial: entry.element.serial)
        return (waiter, entry.element)
    }

    private mutating func nextChange() -> Int {
        changeCount += 1
        return changeCount
    }
}

// MARK: - Connections

extension PoolPlan {
    /// Decides about a connection that can be used again.
    mutating func release(_ id: ConnectionID, at now: MonotonicInstant) -> Release {
        guard let host = hosts[id] else { return .keep }
        if waitingCount > 0 {
            if let other = nextBlockedOrigin(besides: host), yields(host, to: other) {
                dropConnection(id)
                if let permit = permitOpening(for: other) {
                    return .replace(for: permit.waiter, opening: permit.opens)
                }
            }
            if let (waiter, wants) = dequeue(host) {
                guard wants.needsNewConnection else { return .assign(to: waiter) }
                dropConnection(id)
                return .replace(for: waiter, opening: add(host))
            }
        }
        origins[host]?.idle.append(Idle(id: id, since: now))
        idleCount += 1
        return .keep
    }

    /// Removes a connection that was closed or could not be opened; has no effect the second time.
    mutating func remove(_ id: ConnectionID) -> OpeningPermit? {
        guard let host = hosts[id] else { return nil }
        dropConnection(id)
        guard waitingCount > 0 else { return nil }
        // Below the limit on all connections only this origin can have capacity that it did not have before.
        var next = nextBlockedOrigin(besides: host)
        if waitingCount(of: host) > 0, next.map({ comesFirst(host, $0) }) ?? true { next = host }
        return next.flatMap { permitOpening(for: $0) }
    }

    /// Permits the first waiting request of an origin to open a connection; nil if none waits.
    private mutating func permitOpening(for host: RequestTarget.Host) -> OpeningPermit? {
        guard let (waiter, _) = dequeue(host) else { return nil }
        return OpeningPermit(waiter: waiter, opens: add(host))
    }

    /// Returns the first origin among those that are below their own limit and wait for the limit on all connections.
    private func nextBlockedOrigin(besides host: RequestTarget.Host) -> RequestTarget.Host? {
        guard waitingCount > waitingCount(of: host) else { return nil }
        let blocked = origins.keys.filter {
            $0 != host && waitingCount(of: $0) > 0
                && connectionCount(of: $0) < bounds.connectionsPerHost
        }
        return blocked.min(by: comesFirst)
    }

    private func comesFirst(_ left: RequestTarget.Host, _ right: RequestTarget.Host) -> Bool {
        let (first, second) = (origins[left] ?? Origin(), origins[right] ?? Origin())
        return (first.connectionCount, first.lastChange) < (
            second.connectionCount, second.lastChange
        )
    }

    /// Returns whether an origin yields a connection that it could use itself to one that has none, or at least two
    /// less.
    ///
    /// With one less, the two would only exchange roles, at the cost of a connection each time.
    private func yields(_ host: RequestTarget.Host, to other: RequestTarget.Host) -> Bool {
        let count = connectionCount(of: other)
        return waitingCount(of: host) == 0 || count == 0
            || count + 2 <= connectionCount(of: host)
    }
}

// MARK: - Idle connections

extension PoolPlan {
    /// The time when the next idle connection reaches the idle timeout.
    var nextExpiry: MonotonicInstant? {
        origins.values.compactMap { $0.idle.first?.since }.min()?
            .advanced(byNanoseconds: bounds.idleNanoseconds)
    }

    /// Removes the connections that have reached the idle timeout, to be closed.
    mutating func expire(at now: MonotonicInstant) -> [ConnectionID] {
        let lifetime = bounds.idleNanoseconds
        return takeIdle { $0.since.advanced(byNanoseconds: lifetime) <= now }
    }

    /// Removes all idle connections, to be closed.
    mutating func takeAllIdle() -> [ConnectionID] {
        takeIdle { _ in true }
    }

    private mutating func takeIdle(where matches: (Idle) -> Bool) -> [ConnectionID] {
        let taken = origins.values.flatMap { $0.idle.filter(matches).map(\.id) }
        for id in taken { dropConnection(id) }
        return taken.sorted()
    }

    private mutating func popIdle(of host: RequestTarget.Host) -> ConnectionID? {
        guard let last = origins[host]?.idle.popLast() else { return nil }
        idleCount -= 1
        return last.id
    }

    private func oldestIdle() -> ConnectionID? {
        guard idleCount > 0 else { return nil }
        return origins.values.compactMap(\.idle.first).min { $0.since < $1.since }?.id
    }
}

// MARK: - Bookkeeping

extension PoolPlan {
    private mutating func add(_ host: RequestTarget.Host) -> ConnectionID {
        lastID += 1
        hosts[lastID] = host
        let lastChange = nextChange()
        origins[host, default: Origin()].connectionCount += 1
        origins[host]?.lastChange = lastChange
        return lastID
    }

    private mutating func dropConnection(_ id: ConnectionID) {
        guard let host = hosts.removeValue(forKey: id) else { return }
        let lastChange = nextChange()
        origins[host]?.connectionCount -= 1
        origins[host]?.lastChange = lastChange
        if let index = origins[host]?.idle.firstIndex(where: { $0.id == id }) {
            origins[host]?.idle.remove(at: index)
            idleCount -= 1
        }
        dropIfUnused(host)
    }

    private mutating func dropIfUnused(_ host: RequestTarget.Host) {
        if origins[host]?.isUnused == true { origins[host] = nil }
    }
}

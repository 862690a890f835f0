import SpoorNetworking

/// Which connection of a loop serves which request: the decisions of the pool, without any connection.
///
/// Connections and waiting requests are numbers here. Time comes in as a value; every decision says what its caller has to
/// do, and the bounds hold whatever happens. Requests to one origin are served in the order in which they came; among
/// origins that compete for the bound on all connections, the one with the fewest connections comes first, then the one that
/// has not had a connection for the longest time.
struct PoolPlan {
    typealias ConnectionID = Int
    /// A place in the queue of an origin; never given twice, also not after the origin was forgotten.
    struct WaiterID: Hashable {
        let host: RequestTarget.Host
        let ticket: TicketQueue<Waiting>.Ticket
        /// Different for each place, so that it alone is compared.
        let serial: Int

        static func == (left: WaiterID, right: WaiterID) -> Bool { left.serial == right.serial }

        func hash(into hasher: inout Hasher) {
            hasher.combine(serial)
        }
    }

    /// What a waiting request asks for.
    struct Waiting {
        /// No connection that another request has used: kept ones have failed it.
        let isFresh: Bool
        /// That of its place.
        let serial: Int
    }

    struct Bounds {
        var connectionsPerHost: Int
        var connections: Int
        var waitingPerHost: Int
        var waiting: Int
        var idleNanoseconds: UInt64
    }

    /// What a request gets.
    enum Acquisition: Equatable {
        /// A kept connection: the one that was used last, for it is the least likely to die now.
        case reuse(ConnectionID)
        /// A number for a connection to be opened.
        case open(ConnectionID)
        /// The same, after an idle connection to another host is closed for it.
        case openInPlaceOf(idle: ConnectionID, ConnectionID)
        /// A place in the queue.
        case wait(WaiterID)
        /// A place in the queue, after the latest request of the longest queue is refused for it.
        case waitInPlaceOf(refused: WaiterID, WaiterID)
        /// Nothing: this queue is full.
        case refuse(Queue)
    }

    /// A queue that is full: that of one origin, or of all origins together.
    enum Queue: Equatable {
        case origin, all
    }

    /// What a waiting request gets when a connection has gone.
    struct Handover: Equatable {
        let waiter: WaiterID
        /// The number of the connection to be opened.
        let opens: ConnectionID
    }

    /// What becomes of a connection that has done its work.
    enum Release: Equatable {
        /// It is kept.
        case keep
        /// It goes on to a waiting request.
        case hand(to: WaiterID)
        /// It is closed, so that a request can have one that waits for another host, or for a fresh connection.
        case closeFor(WaiterID, opening: ConnectionID)
    }

    private struct Idle {
        let id: ConnectionID
        let since: MonotonicInstant
    }

    /// What is known of an origin that has connections or waiting requests.
    private struct Origin {
        var connectionCount = 0
        /// The latest at the end.
        var idle: [Idle] = []
        /// The requests that wait are known by their tickets.
        var waiters = TicketQueue<Waiting>()
        /// Grows with time: when it last got or lost a connection, or began to wait for one.
        var turn = 0

        var isUnused: Bool { connectionCount == 0 && waiters.isEmpty }
    }

    private let bounds: Bounds
    private var hosts: [ConnectionID: RequestTarget.Host] = [:]
    private var origins: [RequestTarget.Host: Origin] = [:]
    private var lastID = 0
    private var lastSerial = 0
    private var lastTurn = 0

    init(_ bounds: Bounds) {
        self.bounds = bounds
    }

    /// How many connections there are, open or being opened.
    var connectionCount: Int { hosts.count }
    /// How many of them have no work.
    private(set) var idleCount = 0
    /// How many requests wait.
    private(set) var waitingCount = 0

    func host(of id: ConnectionID) -> RequestTarget.Host? { hosts[id] }

    func connectionCount(of host: RequestTarget.Host) -> Int {
        origins[host]?.connectionCount ?? 0
    }

    /// What keeps requests to one origin waiting.
    func wait(for host: RequestTarget.Host) -> ClientError.ConnectionWait {
        let count = connectionCount(of: host)
        return ClientError.ConnectionWait(
            origin: host.origin, openConnections: count,
            bound: count >= bounds.connectionsPerHost
                ? .perHost(bounds.connectionsPerHost) : .total(bounds.connections))
    }

    /// The limit on waiting requests that a full queue has reached.
    func waitingLimit(of queue: Queue, for host: RequestTarget.Host) -> ClientError.WaitingLimit {
        switch queue {
        case .origin: .perHost(origin: host.origin, bounds.waitingPerHost)
        case .all: .total(bounds.waiting)
        }
    }

    /// How many requests to one origin wait.
    func waitingCount(of host: RequestTarget.Host) -> Int { origins[host]?.waiters.count ?? 0 }
}

// MARK: - Requests

extension PoolPlan {
    /// A request wants a connection.
    ///
    /// - Parameter isFresh: It must be a new one; kept ones have failed it.
    mutating func acquire(_ host: RequestTarget.Host, isFresh: Bool = false) -> Acquisition {
        if !isFresh, let id = popIdle(of: host) { return .reuse(id) }
        if connectionCount(of: host) < bounds.connectionsPerHost {
            if connectionCount < bounds.connections { return .open(add(host)) }
            if let victim = oldestIdle() {
                forget(victim)
                return .openInPlaceOf(idle: victim, add(host))
            }
        } else if isFresh, let victim = origins[host]?.idle.first?.id {
            forget(victim)
            return .openInPlaceOf(idle: victim, add(host))
        }
        guard bounds.waiting > 0 else { return .refuse(.all) }
        guard waitingCount(of: host) < bounds.waitingPerHost else { return .refuse(.origin) }
        guard waitingCount >= bounds.waiting else { return .wait(enqueue(host, isFresh: isFresh)) }
        // In a full queue the latest request of the origin with the most requests gives way to one with fewer.
        guard let longest = origins.max(by: { $0.value.waiters.count < $1.value.waiters.count }),
            longest.value.waiters.count > waitingCount(of: host) + 1,
            let last = origins[longest.key]?.waiters.popLast()
        else { return .refuse(.all) }
        waitingCount -= 1
        let refused = WaiterID(
            host: longest.key, ticket: last.ticket, serial: last.element.serial)
        return .waitInPlaceOf(refused: refused, enqueue(host, isFresh: isFresh))
    }

    /// A waiting request waits no more; a second time does nothing.
    mutating func giveUp(_ waiter: WaiterID) {
        guard origins[waiter.host]?.waiters.remove(waiter.ticket) != nil else { return }
        waitingCount -= 1
        dropIfUnused(waiter.host)
    }

    private mutating func enqueue(_ host: RequestTarget.Host, isFresh: Bool) -> WaiterID {
        var origin = origins.removeValue(forKey: host) ?? Origin()
        if origin.waiters.isEmpty, origin.connectionCount == 0 { origin.turn = nextTurn() }
        lastSerial += 1
        let ticket = origin.waiters.append(Waiting(isFresh: isFresh, serial: lastSerial))
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

    private mutating func nextTurn() -> Int {
        lastTurn += 1
        return lastTurn
    }
}

// MARK: - Connections

extension PoolPlan {
    /// A connection has done its work and can do more.
    mutating func release(_ id: ConnectionID, at now: MonotonicInstant) -> Release {
        guard let host = hosts[id] else { return .keep }
        if waitingCount > 0 {
            if let other = nextBlockedOrigin(besides: host), yields(host, to: other) {
                forget(id)
                if let handover = handOver(to: other) {
                    return .closeFor(handover.waiter, opening: handover.opens)
                }
            }
            if let (waiter, wants) = dequeue(host) {
                guard wants.isFresh else { return .hand(to: waiter) }
                forget(id)
                return .closeFor(waiter, opening: add(host))
            }
        }
        origins[host]?.idle.append(Idle(id: id, since: now))
        idleCount += 1
        return .keep
    }

    /// A connection is gone, or could not be opened; a second time does nothing.
    mutating func remove(_ id: ConnectionID) -> Handover? {
        guard let host = hosts[id] else { return nil }
        forget(id)
        guard waitingCount > 0 else { return nil }
        // Below the bound on all connections only this origin can have room that it did not have before.
        var next = nextBlockedOrigin(besides: host)
        if waitingCount(of: host) > 0, next.map({ comesFirst(host, $0) }) ?? true { next = host }
        return next.flatMap { handOver(to: $0) }
    }

    /// The number of a new connection for the first waiting request of an origin.
    private mutating func handOver(to host: RequestTarget.Host) -> Handover? {
        guard let (waiter, _) = dequeue(host) else { return nil }
        return Handover(waiter: waiter, opens: add(host))
    }

    /// The origin that comes first among those that have room of their own and wait for the bound on all connections.
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
        return (first.connectionCount, first.turn) < (second.connectionCount, second.turn)
    }

    /// Whether an origin gives up a connection that it could use itself: to one that has none, or two less.
    ///
    /// With one less the two would only change places, at the cost of a connection each time.
    private func yields(_ host: RequestTarget.Host, to other: RequestTarget.Host) -> Bool {
        let count = connectionCount(of: other)
        return waitingCount(of: host) == 0 || count == 0
            || count + 2 <= connectionCount(of: host)
    }
}

// MARK: - Idleness

extension PoolPlan {
    /// When the next kept connection has been idle for too long.
    var nextExpiry: MonotonicInstant? {
        origins.values.compactMap { $0.idle.first?.since }.min()?
            .advanced(byNanoseconds: bounds.idleNanoseconds)
    }

    /// Takes out the connections that have been idle for too long, to be closed.
    mutating func expire(at now: MonotonicInstant) -> [ConnectionID] {
        let lifetime = bounds.idleNanoseconds
        return takeIdle { $0.since.advanced(byNanoseconds: lifetime) <= now }
    }

    /// Takes out all connections that have no work, to be closed.
    mutating func takeAllIdle() -> [ConnectionID] {
        takeIdle { _ in true }
    }

    private mutating func takeIdle(where matches: (Idle) -> Bool) -> [ConnectionID] {
        let taken = origins.values.flatMap { $0.idle.filter(matches).map(\.id) }
        for id in taken { forget(id) }
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
        let turn = nextTurn()
        origins[host, default: Origin()].connectionCount += 1
        origins[host]?.turn = turn
        return lastID
    }

    private mutating func forget(_ id: ConnectionID) {
        guard let host = hosts.removeValue(forKey: id) else { return }
        let turn = nextTurn()
        origins[host]?.connectionCount -= 1
        origins[host]?.turn = turn
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

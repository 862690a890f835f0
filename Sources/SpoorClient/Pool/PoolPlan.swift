import SpoorNetworking

/// Which connection of a loop serves which request: the decisions of the pool, without any
/// connection.
///
/// Connections and waiting requests are numbers here. Time comes in as a value; every decision says
/// what its caller has to do, and the bounds hold whatever happens.
struct PoolPlan {
    typealias ConnectionID = Int
    typealias WaiterID = Int

    struct Bounds {
        var connectionsPerHost: Int
        var connections: Int
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
        /// Nothing: the queue is full.
        case refuse
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
        /// It is closed, so that a request that waits for another host can have a connection.
        case closeFor(WaiterID, opening: ConnectionID)
    }

    private struct Waiter {
        let id: WaiterID
        let host: RequestTarget.Host
    }

    private struct Idle {
        let id: ConnectionID
        let since: MonotonicInstant
    }

    private let bounds: Bounds
    private var hosts: [ConnectionID: RequestTarget.Host] = [:]
    private var counts: [RequestTarget.Host: Int] = [:]
    /// The latest at the end.
    private var idle: [RequestTarget.Host: [Idle]] = [:]
    private var waiters: [Waiter] = []
    private var lastID = 0

    init(_ bounds: Bounds) {
        self.bounds = bounds
    }

    /// How many connections there are, open or being opened.
    var connectionCount: Int { hosts.count }
    /// How many of them have no work.
    var idleCount: Int { idle.values.reduce(0) { $0 + $1.count } }
    /// How many requests wait.
    var waitingCount: Int { waiters.count }

    func connectionCount(of host: RequestTarget.Host) -> Int { counts[host] ?? 0 }

    // MARK: Requests

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
        } else if isFresh, let victim = idle[host]?.first?.id {
            forget(victim)
            return .openInPlaceOf(idle: victim, add(host))
        }
        guard waiters.count < bounds.waiting else { return .refuse }
        lastID += 1
        waiters.append(Waiter(id: lastID, host: host))
        return .wait(lastID)
    }

    /// A waiting request waits no more.
    mutating func giveUp(_ waiter: WaiterID) {
        waiters.removeAll { $0.id == waiter }
    }

    // MARK: Connections

    /// A connection has done its work and can do more.
    mutating func release(_ id: ConnectionID, at now: MonotonicInstant) -> Release {
        guard let host = hosts[id] else { return .keep }
        if let index = waiters.firstIndex(where: { $0.host == host }) {
            return .hand(to: waiters.remove(at: index).id)
        }
        // Whoever waits for another host that has room waits for the bound on all.
        if let waiter = popWaiterWithRoom() {
            forget(id)
            return .closeFor(waiter.id, opening: add(waiter.host))
        }
        idle[host, default: []].append(Idle(id: id, since: now))
        return .keep
    }

    /// A connection is gone, or could not be opened; a second time does nothing.
    mutating func remove(_ id: ConnectionID) -> Handover? {
        guard hosts[id] != nil else { return nil }
        forget(id)
        guard let waiter = popWaiterWithRoom() else { return nil }
        return Handover(waiter: waiter.id, opens: add(waiter.host))
    }

    // MARK: Idleness

    /// When the next kept connection has been idle for too long.
    var nextExpiry: MonotonicInstant? {
        idle.values.compactMap { $0.first?.since }.min()?
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
        let taken = idle.values.flatMap { $0.filter(matches).map(\.id) }
        for id in taken { forget(id) }
        return taken.sorted()
    }

    // MARK: Bookkeeping

    private mutating func add(_ host: RequestTarget.Host) -> ConnectionID {
        lastID += 1
        hosts[lastID] = host
        counts[host, default: 0] += 1
        return lastID
    }

    private mutating func forget(_ id: ConnectionID) {
        guard let host = hosts.removeValue(forKey: id) else { return }
        let left = connectionCount(of: host) - 1
        counts[host] = left > 0 ? left : nil
        idle[host]?.removeAll { $0.id == id }
        if idle[host]?.isEmpty == true { idle[host] = nil }
    }

    private mutating func popIdle(of host: RequestTarget.Host) -> ConnectionID? {
        guard let last = idle[host]?.popLast() else { return nil }
        if idle[host]?.isEmpty == true { idle[host] = nil }
        return last.id
    }

    private mutating func popWaiterWithRoom() -> Waiter? {
        let index = waiters.firstIndex {
            connectionCount(of: $0.host) < bounds.connectionsPerHost
        }
        return index.map { waiters.remove(at: $0) }
    }

    private func oldestIdle() -> ConnectionID? {
        idle.values.compactMap(\.first).min { $0.since < $1.since }?.id
    }
}

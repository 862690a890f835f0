import SpoorNetworking
import TestSupport
import Testing

@testable import SpoorClient

@Suite struct PoolPlanTests {
    private static let here = RequestTarget.Host(name: "here", port: 80)
    private static let there = RequestTarget.Host(name: "there", port: 80)

    private static func plan(
        perHost: Int = 2, total: Int = 3, waitingPerHost: Int = .max, waiting: Int = 2
    ) -> PoolPlan {
        PoolPlan(
            PoolPlan.Bounds(
                connectionsPerHost: perHost, connections: total, waitingPerHost: waitingPerHost,
                waiting: waiting, idleNanoseconds: 100))
    }

    private static func at(_ nanoseconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: nanoseconds)
    }

    /// Returns the identifier of a connection that may be opened.
    private static func open(
        _ host: RequestTarget.Host, in plan: inout PoolPlan
    ) throws -> PoolPlan.ConnectionID {
        guard case .open(let id) = plan.acquire(host) else {
            throw ClientError.tooManyPendingRequests(.maxPendingRequests(0))
        }
        return id
    }

    @Test func `the most recently used connection is used first`() throws {
        var plan = Self.plan()
        let first = try Self.open(Self.here, in: &plan)
        let second = try Self.open(Self.here, in: &plan)
        #expect(plan.release(first, at: Self.at(1)) == .keep)
        #expect(plan.release(second, at: Self.at(2)) == .keep)
        #expect(plan.idleCount == 2)
        #expect(plan.acquire(Self.here) == .reuse(second))
        #expect(plan.acquire(Self.here) == .reuse(first))
        #expect(plan.idleCount == 0)
    }

    @Test func `a host gets no more than its share, then requests wait, then they are rejected`()
        throws
    {
        var plan = Self.plan()
        let first = try Self.open(Self.here, in: &plan)
        _ = try Self.open(Self.here, in: &plan)
        guard case .wait(let one) = plan.acquire(Self.here),
            case .wait(let two) = plan.acquire(Self.here)
        else {
            Issue.record("no place in the queue")
            return
        }
        #expect(plan.acquire(Self.here) == .reject(.all))
        #expect(plan.release(first, at: Self.at(1)) == .assign(to: one))
        plan.cancelWait(two)
        #expect(plan.waitingCount == 0)
        #expect(plan.release(first, at: Self.at(2)) == .keep)
    }

    @Test func `a closed connection allows a new one`() throws {
        var plan = Self.plan(perHost: 1)
        let first = try Self.open(Self.here, in: &plan)
        guard case .wait(let waiter) = plan.acquire(Self.here) else {
            Issue.record("no place in the queue")
            return
        }
        let removal = plan.remove(first)
        let permit = try #require(removal)
        #expect(permit.waiter == waiter)
        #expect(plan.remove(first) == nil)
        #expect(plan.connectionCount == 1)
        #expect(plan.remove(permit.opens) == nil)
        #expect(plan.connectionCount == 0)
    }

    @Test func `an idle connection is closed for another host`() throws {
        var plan = Self.plan(total: 1)
        let first = try Self.open(Self.here, in: &plan)
        #expect(plan.release(first, at: Self.at(1)) == .keep)
        guard case .openReplacing(idle: first, let second) = plan.acquire(Self.there) else {
            Issue.record("the idle connection stays")
            return
        }
        #expect(plan.connectionCount(of: Self.here) == 0)
        guard case .wait(let waiter) = plan.acquire(Self.here) else {
            Issue.record("more connections than allowed")
            return
        }
        guard case .replace(waiter, let third) = plan.release(second, at: Self.at(2)) else {
            Issue.record("the waiting request gets nothing")
            return
        }
        #expect(plan.connectionCount(of: Self.here) == 1)
        #expect(plan.release(third, at: Self.at(3)) == .keep)
    }

    @Test func `a request for a new connection gets no idle one`() throws {
        var plan = Self.plan()
        let first = try Self.open(Self.here, in: &plan)
        let second = try Self.open(Self.here, in: &plan)
        #expect(plan.release(first, at: Self.at(1)) == .keep)
        guard
            case .openReplacing(idle: first, _) = plan.acquire(Self.here, needsNewConnection: true)
        else {
            Issue.record("no fresh connection")
            return
        }
        #expect(plan.release(second, at: Self.at(1)) == .keep)
    }

    @Test func `a request that waits for a new connection gets no idle one`() throws {
        var plan = Self.plan(perHost: 1)
        let first = try Self.open(Self.here, in: &plan)
        guard case .wait(let waiter) = plan.acquire(Self.here, needsNewConnection: true),
            case .wait(let other) = plan.acquire(Self.here)
        else {
            Issue.record("more connections than allowed")
            return
        }
        guard case .replace(waiter, let second) = plan.release(first, at: Self.at(1)) else {
            Issue.record("a connection that was used")
            return
        }
        #expect(plan.connectionCount == 1)
        #expect(plan.release(second, at: Self.at(2)) == .assign(to: other))
    }

    @Test func `the description of a wait contains origin, count and limit`() throws {
        var plan = Self.plan(perHost: 2, total: 3)
        _ = try Self.open(Self.here, in: &plan)
        _ = try Self.open(Self.here, in: &plan)
        _ = try Self.open(Self.there, in: &plan)
        let here = ClientError.ConnectionWait(
            origin: "http://here:80", openConnections: 2, limit: .maxConnectionsPerHost(2))
        #expect(plan.wait(for: Self.here) == here)
        let secure = RequestTarget.Host(name: "::1", port: 443, isSecure: true)
        let other = ClientError.ConnectionWait(
            origin: "https://[::1]:443", openConnections: 0, limit: .maxConnections(3))
        #expect(plan.wait(for: secure) == other)
    }

    @Test func `connections expire when they have been idle for too long`() throws {
        var plan = Self.plan()
        let first = try Self.open(Self.here, in: &plan)
        let second = try Self.open(Self.there, in: &plan)
        #expect(plan.nextExpiry == nil)
        #expect(plan.release(first, at: Self.at(10)) == .keep)
        #expect(plan.release(second, at: Self.at(20)) == .keep)
        #expect(plan.nextExpiry == Self.at(110))
        #expect(plan.expire(at: Self.at(109)) == [])
        #expect(plan.expire(at: Self.at(110)) == [first])
        #expect(plan.nextExpiry == Self.at(120))
        #expect(plan.takeAllIdle() == [second])
        #expect(plan.connectionCount == 0)
    }

    @Test(arguments: [UInt64](1...10))
    func `limits hold and no request waits unnecessarily, in any sequence of events`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var plan = Self.plan(perHost: 3, total: 5, waiting: 4)
        let hosts = (0..<4).map { RequestTarget.Host(name: "h\($0)", port: 80) }
        var busy: [PoolPlan.ConnectionID] = []
        var idle: Set<PoolPlan.ConnectionID> = []
        var now: UInt64 = 0
        var (places, fresh): (Set<PoolPlan.WaiterID>, Set<PoolPlan.WaiterID>) = ([], [])
        for _ in 0..<4_000 {
            now += UInt64.random(in: 0...20, using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0..<4:
                let host = hosts[Int.random(in: 0..<4, using: &generator)]
                let needsNewConnection = Bool.random(using: &generator)
                switch plan.acquire(host, needsNewConnection: needsNewConnection) {
                case .reuse(let id):
                    #expect(!needsNewConnection)
                    #expect(idle.remove(id) != nil)
                    busy.append(id)
                case .open(let id): busy.append(id)
                case .openReplacing(let victim, let id):
                    #expect(idle.remove(victim) != nil)
                    busy.append(id)
                case .wait(let waiter), .waitReplacing(_, let waiter):
                    #expect(places.insert(waiter).inserted)
                    if needsNewConnection { fresh.insert(waiter) }
                case .reject: break
                }
            case 4, 5:
                guard let id = busy.randomElement(using: &generator) else { continue }
                busy.removeAll { $0 == id }
                switch plan.release(id, at: Self.at(now)) {
                case .keep: idle.insert(id)
                case .assign(let waiter):
                    #expect(!fresh.contains(waiter))
                    busy.append(id)
                case .replace(_, let opened): busy.append(opened)
                }
            case 6:
                guard let id = busy.randomElement(using: &generator) else { continue }
                busy.removeAll { $0 == id }
                if let permit = plan.remove(id) { busy.append(permit.opens) }
            default:
                for id in plan.expire(at: Self.at(now)) { #expect(idle.remove(id) != nil) }
            }
            #expect(plan.connectionCount == busy.count + idle.count)
            #expect(plan.connectionCount <= 5)
            #expect(plan.waitingCount <= 4)
            #expect(plan.waitingCount == hosts.reduce(0) { $0 + plan.waitingCount(of: $1) })
            #expect(plan.idleCount == idle.count)
            #expect(hosts.allSatisfy { plan.connectionCount(of: $0) <= 3 })
            if plan.connectionCount == 0 { #expect(plan.waitingCount == 0) }
        }
    }

    // MARK: Waiting

    /// The position of a request that has to wait.
    private static func wait(
        _ host: RequestTarget.Host, in plan: inout PoolPlan
    ) throws -> PoolPlan.WaiterID {
        guard case .wait(let waiter) = plan.acquire(host) else {
            throw ClientError.tooManyPendingRequests(.maxPendingRequests(0))
        }
        return waiter
    }

    @Test func `requests to a slow origin leave room for those to others`() throws {
        var plan = Self.plan(perHost: 1, total: 8, waitingPerHost: 2, waiting: 8)
        _ = try Self.open(Self.here, in: &plan)
        let first = try Self.wait(Self.here, in: &plan)
        _ = try Self.wait(Self.here, in: &plan)
        #expect(plan.acquire(Self.here) == .reject(.origin))
        #expect(
            plan.pendingRequestLimit(of: .origin, for: Self.here)
                == .maxPendingRequestsPerHost(origin: "http://here:80", 2))
        _ = try Self.open(Self.there, in: &plan)
        _ = try Self.wait(Self.there, in: &plan)
        plan.cancelWait(first)
        plan.cancelWait(first)
        #expect(plan.waitingCount == 2)
        #expect(plan.waitingCount(of: Self.here) == 1)
        _ = try Self.wait(Self.here, in: &plan)
    }

    @Test func `in a full queue the longest queue's latest request is rejected`() throws {
        var plan = Self.plan(perHost: 1, total: 8, waiting: 3)
        let connection = try Self.open(Self.here, in: &plan)
        let other = try Self.open(Self.there, in: &plan)
        let waiters = try (0..<3).map { _ in try Self.wait(Self.here, in: &plan) }
        #expect(plan.acquire(Self.here) == .reject(.all))
        #expect(plan.pendingRequestLimit(of: .all, for: Self.here) == .maxPendingRequests(3))
        guard case .waitReplacing(waiters[2], let waiter) = plan.acquire(Self.there) else {
            Issue.record("the longest queue keeps all places")
            return
        }
        #expect(plan.waitingCount == 3)
        // Two waiting requests against one: none is replaced any more.
        #expect(plan.acquire(Self.there) == .reject(.all))
        #expect(plan.release(other, at: Self.at(1)) == .assign(to: waiter))
        #expect(plan.release(connection, at: Self.at(1)) == .assign(to: waiters[0]))
        #expect(plan.release(connection, at: Self.at(2)) == .assign(to: waiters[1]))
        #expect(plan.release(connection, at: Self.at(3)) == .keep)
    }

    @Test func `an origin without a connection gets one before a busy origin continues`() throws {
        var plan = Self.plan(perHost: 2, total: 2, waiting: 9)
        let connections = try (0..<2).map { _ in try Self.open(Self.here, in: &plan) }
        let own = try (0..<3).map { _ in try Self.wait(Self.here, in: &plan) }
        let others = try (0..<2).map { _ in try Self.wait(Self.there, in: &plan) }
        guard case .replace(others[0], let opened) = plan.release(connections[0], at: Self.at(1))
        else {
            Issue.record("the busy origin keeps all connections")
            return
        }
        // One connection each: both keep what they have.
        #expect(plan.release(connections[1], at: Self.at(2)) == .assign(to: own[0]))
        #expect(plan.release(opened, at: Self.at(3)) == .assign(to: others[1]))
        let removal = plan.remove(opened)
        let permit = try #require(removal)
        #expect(permit.waiter == own[1])
    }

    @Test func `more origins than connections are served in turn`() throws {
        var plan = Self.plan(perHost: 2, total: 1, waiting: 100)
        let hosts = (0..<4).map { RequestTarget.Host(name: "h\($0)", port: 80) }
        var connection = try Self.open(hosts[0], in: &plan)
        for _ in 0..<3 { for host in hosts { _ = try Self.wait(host, in: &plan) } }
        var served: [String] = []
        for time in 0..<12 {
            switch plan.release(connection, at: Self.at(UInt64(time))) {
            case .assign(let waiter): served.append(waiter.host.name)
            case .replace(let waiter, let opened):
                served.append(waiter.host.name)
                connection = opened
            case .keep: served.append("none")
            }
        }
        #expect(served == ["h1", "h2", "h3", "h0", "h1", "h2", "h3", "h0", "h1", "h2", "h3", "h0"])
        #expect(plan.waitingCount == 0)
    }
}

import Glibc
import Synchronization
import TestSupport
import Testing

@testable import SpoorNetworking

@Suite(.finishes(within: .seconds(120))) struct HostResolverTests {
    /// A resolver whose lookups block until `respond()` is called.
    private final class NameServer: Sendable {
        let asked = Mutex<[String]>([])
        private let responds = Atomic(false)

        func respond() { responds.store(true, ordering: .releasing) }

        func resolve(_ name: String) -> HostResolver.Resolution {
            asked.withLock { $0.append(name) }
            while name.hasPrefix("slow"), !responds.load(ordering: .acquiring) { usleep(200) }
            return .success([.loopback(port: 0)])
        }
    }

    private static func resolver(
        _ server: NameServer, awaited: Int, threads: Int, queued: Int
    ) -> HostResolver {
        HostResolver(maxAwaited: awaited, maxThreads: threads, maxQueued: queued) {
            server.resolve($0)
        }
    }

    /// Looks up a name in a separate task on a loop.
    private static func lookUp(
        _ name: String, by resolver: HostResolver, on loop: EventLoop,
        until deadline: MonotonicInstant = .never
    ) -> Task<[SocketAddress], any Error> {
        Task(executorPreference: loop) { () async throws in
            try await resolver.addresses(of: name, port: 7, on: loop, until: deadline)
        }
    }

    private static func until(_ condition: () -> Bool) async {
        while !condition() { await Task.yield() }
    }

    @Test(arguments: ["localhost", "LocalHost.", "api.localhost"])
    func `localhost needs no lookup`(name: String) {
        let addresses = HostResolver.addressesWithoutLookup(of: name, port: 80)
        #expect(addresses?.map(\.description) == ["127.0.0.1:80", "[::1]:80"])
    }

    @Test func `numbers need no lookup, other names do`() {
        #expect(
            HostResolver.addressesWithoutLookup(of: "::1", port: 80)?.map(\.description)
                == ["[::1]:80"])
        #expect(HostResolver.addressesWithoutLookup(of: "localhost.example", port: 80) == nil)
    }

    @Test func `a name that does not exist fails, off the loop`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        await #expect(throws: HostResolver.Failure.self) {
            try await Self.lookUp("no-such-host.invalid", by: .shared, on: loop).value
        }
        await group.shutdown()
    }

    @Test func `a deadline ends the wait for a name`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        let server = NameServer()
        let resolver = Self.resolver(server, awaited: 1, threads: 1, queued: 1)
        await #expect(throws: HostResolver.Failure.timedOut) {
            try await Self.lookUp("slow", by: resolver, on: loop, until: .now()).value
        }
        server.respond()
        await group.shutdown()
    }

    @Test
    func `all callers of a name share one lookup, on any loop, whatever the case of its letters`()
        async throws
    {
        let group = try EventLoopGroup(loopCount: 4)
        let server = NameServer()
        let resolver = Self.resolver(server, awaited: 4, threads: 4, queued: 4)
        let tasks = (0..<64).map {
            Self.lookUp($0 % 2 == 0 ? "slow.name" : "SLOW.Name", by: resolver, on: group.next())
        }
        await Self.until { resolver.counters.joined == 63 }
        server.respond()
        for task in tasks { #expect(try await task.value == [.loopback(port: 7)]) }
        #expect(server.asked.withLock { $0 } == ["slow.name"])
        #expect(resolver.counters.started == 1)
        #expect(resolver.counters.awaited == 0)
        await group.shutdown()
    }

    @Test func `abandoned lookups that hang do not block other lookups`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        let server = NameServer()
        let resolver = Self.resolver(server, awaited: 2, threads: 8, queued: 8)
        for number in 0..<6 {
            let task = Self.lookUp("slow\(number)", by: resolver, on: loop)
            await Self.until { resolver.counters.awaited == 1 }
            task.cancel()
            await #expect(throws: HostResolver.Failure.cancelled) { try await task.value }
        }
        #expect(resolver.counters.abandoned == 6)
        #expect(
            try await Self.lookUp("fast", by: resolver, on: loop).value == [.loopback(port: 7)])
        server.respond()
        await Self.until { resolver.counters.abandoned == 0 }
        await group.shutdown()
    }

    @Test func `names are queued when every thread hangs, and a full queue reports its limit`()
        async throws
    {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        let server = NameServer()
        let resolver = Self.resolver(server, awaited: 1, threads: 1, queued: 1)
        let hanging = Self.lookUp("slow", by: resolver, on: loop)
        await Self.until { resolver.counters.awaited == 1 }
        let queued = Self.lookUp("b", by: resolver, on: loop)
        await Self.until { resolver.counters.queued == 1 }
        await #expect(throws: HostResolver.Failure.tooManyQueued(max: 1)) {
            try await Self.lookUp("c", by: resolver, on: loop).value
        }
        #expect(resolver.counters.rejected == 1)
        queued.cancel()
        await #expect(throws: HostResolver.Failure.cancelled) { try await queued.value }
        let later = Self.lookUp("d", by: resolver, on: loop)
        await Self.until { resolver.counters.queued == 1 }
        server.respond()
        #expect(try await later.value == [.loopback(port: 7)])
        #expect(try await hanging.value == [.loopback(port: 7)])
        #expect(server.asked.withLock { $0 } == ["slow", "d"])
        await group.shutdown()
    }
}

import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import Synchronization
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct RestartTests {
    @Test(arguments: [1, 2])
    func `a port is handed over without downtime`(loopCount: Int) async throws {
        let first = Named(.loopback(port: 0).reusePort(), "first", loopCount: loopCount)
        let firstRun = first.start()
        let bound = try await first.server.localAddresses()[0]
        let second = Named(.socket(bound).reusePort(), "second", loopCount: loopCount)
        try await Self.handOver(from: first, firstRun, to: second, at: bound)
    }

    /// The indices, in order of their start, of those of three servers that stop, one after another.
    @Test(arguments: [[0, 1], [1, 2], [2, 0], [1, 0]])
    func `all but one of several servers that share a port stop without downtime`(order: [Int])
        async throws
    {
        let first = Named(.loopback(port: 0).reusePort(), "first", loopCount: 1)
        var runs = [first.start()]
        let bound = try await first.server.localAddresses()[0]
        var servers = [first]
        for _ in 0..<2 {
            let next = Named(.socket(bound).reusePort(), "second", loopCount: 1)
            runs.append(next.start())
            #expect(try await next.server.localAddresses() == [bound])
            servers.append(next)
        }
        let isOver = Switch()
        let clients = (0..<3).map { _ in Task { try await Self.roundTrip(to: bound, until: isOver) }
        }
        for index in order {
            try await servers[index].requests.waitForArrivals(10)
            servers[index].server.triggerGracefulShutdown()
            try await runs[index].value
        }
        let last = 3 - order[0] - order[1]
        try await servers[last].requests.waitForArrivals(servers[last].requests.arrivals + 20)
        isOver.value.store(true, ordering: .relaxed)
        for client in clients {
            #expect(try await client.value.isSubset(of: [" first", "second"]))
        }
        servers[last].server.triggerGracefulShutdown()
        try await runs[last].value
    }

    @Test func `the path of a Unix socket is handed over without downtime`() async throws {
        let path = "spoor-restart-\(UInt32.random(in: 0 ... .max)).socket"
        let first = Named(.unix(path: path).reusePort(), "first", loopCount: 1)
        let firstRun = first.start()
        let bound = try await first.server.localAddresses()[0]
        let second = Named(.unix(path: path).reusePort(), "second", loopCount: 1)
        try await Self.handOver(from: first, firstRun, to: second, at: bound)
    }

    /// Clients connect all the time, while one server starts and the other stops.
    private static func handOver(
        from first: Named, _ firstRun: Task<Void, any Error>, to second: Named,
        at address: SocketAddress
    ) async throws {
        let isOver = Switch()
        let clients = (0..<3).map { _ in Task { try await roundTrip(to: address, until: isOver) } }
        try await first.requests.waitForArrivals(100)
        let secondRun = second.start()
        #expect(try await second.server.localAddresses() == [address])
        first.server.triggerGracefulShutdown()
        try await firstRun.value
        try await second.requests.waitForArrivals(second.requests.arrivals + 100)
        isOver.value.store(true, ordering: .relaxed)
        for client in clients {
            let responses = try await client.value
            #expect(responses.isSubset(of: [" first", "second"]))
        }
        second.server.triggerGracefulShutdown()
        try await secondRun.value
    }

    /// Connects again and again; throws on each refused connection and each reset.
    private static func roundTrip(
        to address: SocketAddress, until isOver: Switch
    ) async throws -> Set<String> {
        var seen: Set<String> = []
        while !isOver.value.load(ordering: .relaxed) {
            let response = try await RawConnection.roundTrip(
                to: address, ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
            seen.insert(String(response.suffix(6)))
        }
        return seen
    }

    /// A server whose responses contain its name, and whose requests can be awaited.
    ///
    /// It keeps connections that wait for their request while it drains, so that the client of a busy machine is not
    /// late.
    private struct Named {
        let server: HTTPServer
        /// Open; records the arrival of each request.
        let requests = Gate(isOpen: true)

        init(_ address: BindAddress, _ name: String, loopCount: Int) {
            var limits = ServerLimits()
            limits.idleConnectionGracePeriod = .seconds(50)
            limits.gracefulShutdownTimeout = .seconds(55)
            limits.headTimeout = .seconds(50)
            server = HTTPServer(
                listening: address,
                handler: AsyncHandler { [requests] _ in
                    try await requests.wait()
                    return name == "first" ? " first" : name
                }, limits: limits, loopCount: loopCount)
        }

        func start() -> Task<Void, any Error> {
            Task { [server] in try await server.run() }
        }
    }

    @Test(arguments: [1, 2])
    func `a port in use is an error, unless both servers share it`(loopCount: Int) async throws {
        let first = Named(.loopback(port: 0), "first", loopCount: loopCount)
        let running = first.start()
        let bound = try await first.server.localAddresses()[0]
        let second = Named(.socket(bound), "second", loopCount: 2)
        await #expect(throws: ServerError.self) { try await second.server.run() }
        first.server.triggerGracefulShutdown()
        try await running.value
    }
}

/// A flag for the end of something.
private final class Switch: Sendable {
    let value = Atomic(false)
}

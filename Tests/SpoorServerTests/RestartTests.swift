import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct RestartTests {
    @Test(arguments: [1, 2])
    func `a port changes hands without a gap`(loopCount: Int) async throws {
        let first = Self.server(.loopback(port: 0).sharingPort(), "first", loopCount: loopCount)
        let firstRun = Task { try await first.run() }
        let bound = try await first.boundAddresses()[0]
        let second = Self.server(.socket(bound).sharingPort(), "second", loopCount: loopCount)
        try await Self.handOver(from: first, firstRun, to: second, at: bound)
    }

    /// Those of three that end, one after another; by their order they began.
    @Test(arguments: [[0, 1], [1, 2], [2, 0], [1, 0]])
    func `of several that share a port all but one end without a gap`(order: [Int]) async throws {
        let first = Self.server(.loopback(port: 0).sharingPort(), "first", loopCount: 1)
        var runs = [Task { try await first.run() }]
        let bound = try await first.boundAddresses()[0]
        var servers = [first]
        for _ in 0..<2 {
            let next = Self.server(.socket(bound).sharingPort(), "second", loopCount: 1)
            runs.append(Task { try await next.run() })
            _ = try await next.boundAddresses()
            servers.append(next)
        }
        let isOver = Switch()
        let clients = (0..<3).map { _ in Task { try await Self.talk(to: bound, until: isOver) } }
        for index in order {
            while await servers[index].counters.requests < 10 {
                try await Task.sleep(for: .milliseconds(5))
            }
            servers[index].beginShutdown()
            try await runs[index].value
        }
        let last = 3 - order[0] - order[1]
        let taken = await servers[last].counters.requests
        while await servers[last].counters.requests < taken + 20 {
            try await Task.sleep(for: .milliseconds(5))
        }
        isOver.value.store(true, ordering: .relaxed)
        for client in clients {
            #expect(try await client.value.isSubset(of: [" first", "second"]))
        }
        servers[last].beginShutdown()
        try await runs[last].value
    }

    @Test func `the path of a Unix socket changes hands without a gap`() async throws {
        let path = "spoor-restart-\(UInt32.random(in: 0 ... .max)).socket"
        let first = Self.server(.unix(path: path).sharingPort(), "first", loopCount: 1)
        let firstRun = Task { try await first.run() }
        let bound = try await first.boundAddresses()[0]
        let second = Self.server(.unix(path: path).sharingPort(), "second", loopCount: 1)
        try await Self.handOver(from: first, firstRun, to: second, at: bound)
    }

    /// Clients connect all the time, while one server begins and the other ends.
    private static func handOver(
        from first: HTTPServer, _ firstRun: Task<Void, any Error>, to second: HTTPServer,
        at address: SocketAddress
    ) async throws {
        let isOver = Switch()
        let clients = (0..<3).map { _ in Task { try await talk(to: address, until: isOver) } }
        while await first.counters.requests < 100 {
            try await Task.sleep(for: .milliseconds(5))
        }
        let secondRun = Task { try await second.run() }
        _ = try await second.boundAddresses()
        first.beginShutdown()
        try await firstRun.value
        let taken = await second.counters.requests
        while await second.counters.requests < taken + 100 {
            try await Task.sleep(for: .milliseconds(5))
        }
        isOver.value.store(true, ordering: .relaxed)
        for client in clients {
            let answers = try await client.value
            #expect(answers.isSubset(of: [" first", "second"]))
        }
        second.beginShutdown()
        try await secondRun.value
    }

    /// Connects again and again; each refusal and each reset is thrown here.
    private static func talk(
        to address: SocketAddress, until isOver: Switch
    ) async throws -> Set<String> {
        var seen: Set<String> = []
        while !isOver.value.load(ordering: .relaxed) {
            let answer = try await RawPeer.talk(
                to: address, ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
            seen.insert(String(answer.suffix(6)))
        }
        return seen
    }

    private static func server(
        _ address: ListenAddress, _ name: String, loopCount: Int
    ) -> HTTPServer {
        HTTPServer(
            listening: address, handler: Respond { _ in name == "first" ? " first" : name },
            loopCount: loopCount)
    }

    @Test(arguments: [1, 2])
    func `a port that is taken is refused, unless both share it`(loopCount: Int) async throws {
        let first = Self.server(.loopback(port: 0), "first", loopCount: loopCount)
        let running = Task { try await first.run() }
        let bound = try await first.boundAddresses()[0]
        let second = Self.server(.socket(bound), "second", loopCount: 2)
        await #expect(throws: ServerError.self) { try await second.run() }
        first.beginShutdown()
        try await running.value
    }
}

/// Something that is over at some time.
private final class Switch: Sendable {
    let value = Atomic(false)
}

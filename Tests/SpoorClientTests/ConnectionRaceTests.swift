import Glibc
import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorClient
@testable import SpoorNetworking

/// Hosts with several addresses, of which some do not answer (RFC 8305).
@Suite(.finishes(within: .seconds(120))) struct ConnectionRaceTests {
    /// An address that does not answer: its listener's backlog is full, so that the kernel drops further connection
    /// requests.
    private final class Blackhole {
        /// The number of the test's own sockets that wait for an answer: all but the one in the backlog.
        static let attemptCount = 3

        let address: SocketAddress
        private let descriptors: [Int32]

        init(at address: SocketAddress) throws {
            let listener = try FileDescriptor.streamSocket(for: address)
            try listener.bind(to: address)
            try listener.listen(backlog: 0)
            self.address = try listener.localAddress()
            var descriptors = [dup(listener.number)]
            for number in 0...Self.attemptCount {
                let filler = try FileDescriptor.streamSocket(for: self.address)
                _ = try filler.connect(to: self.address)
                descriptors.append(dup(filler.number))
                // Before the first one is in the backlog, the kernel would accept the SYN of another. The filler is
                // connected earlier: the kernel may process its acknowledgement on another thread.
                if number == 0 { try Self.waitUntilReady(listener.number, for: POLLIN) }
            }
            self.descriptors = descriptors
        }

        deinit { for number in descriptors { close(number) } }

        private static func waitUntilReady(_ descriptor: Int32, for event: Int32) throws {
            var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            let count = unsafe poll(&entry, 1, 10_000)
            try #require(count == 1 && entry.revents == Int16(event))
        }
    }

    /// Returns the number of local sockets that wait for an answer of 127.0.0.2 or a neighbour from a port.
    private static func attemptCount(to port: UInt16?) -> Int {
        // Not read by Foundation, which reads only the first part of a file without a size.
        let file = unsafe FileDescriptor(adopting: open("/proc/net/tcp", O_RDONLY | O_CLOEXEC))
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(file.number, &part, part.count)
            guard count > 0 else { break }
            bytes += part[..<count]
        }
        let table = String(decoding: bytes, as: UTF8.self)
        let hex = String(port ?? 0, radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: 4 - hex.count) + hex
        let attempts = table.split(separator: "\n").compactMap { line -> Substring? in
            let columns = line.split(separator: " ")
            // proc(5): the remote address, and the state, where 02 is SYN_SENT.
            guard columns.count > 3, columns[2].hasSuffix(suffix), columns[3] == "02",
                (2...9).contains(where: { columns[2].hasPrefix("0\($0)00007F") })
            else { return nil }
            return columns[1]
        }
        // A table that changes while it is read contains rows twice, or not at all.
        return Set(attempts).count
    }

    /// Returns when `count` sockets wait for a response; an abandoned socket waits for minutes.
    private static func waitForAttempts(_ count: Int, to port: UInt16?) async throws {
        while attemptCount(to: port) != count { try await Task.sleep(for: .milliseconds(5)) }
    }

    private static func withClient<Result>(
        of addresses: [SocketAddress], connectTimeout: Duration = .seconds(3600),
        attemptDelay: Duration = .milliseconds(10),
        // On a busy machine a test may take longer than the default.
        dnsCacheTTL: Duration = .seconds(3600),
        _ body: (HTTPClient, _ url: String) async throws -> Result
    ) async throws -> Result {
        let group = try EventLoopGroup(loopCount: 1)
        var limits = ClientLimits()
        limits.connectTimeout = connectTimeout
        limits.readTimeout = .seconds(3600)
        limits.requestTimeout = .seconds(3600)
        limits.dnsCacheTTL = dnsCacheTTL
        limits.connectionAttemptDelay = attemptDelay
        let resolver = HostResolver { _ in .success(addresses) }
        let client = HTTPClient(
            middleware: [], limits: limits, loops: group, route: nil, resolver: resolver)
        let port = addresses.first?.port ?? 0
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(client, "http://service.example:\(port)/"))
        } catch {
            result = .failure(error)
        }
        await client.shutdown()
        await group.shutdown()
        return try result.get()
    }

    private static func closing(_ peer: RawConnection) async throws {
        _ = try await peer.readRequest()
        try await peer.send(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
    }

    /// Returns addresses other than 127.0.0.1 on one port, that of a server.
    private static func dead(_ count: Int, besides server: ScriptedServer) throws -> [Blackhole] {
        let port = server.address.port ?? 0
        return try (0..<count).map {
            try Blackhole(at: #require(SocketAddress(host: "127.0.0.\($0 + 2)", port: port)))
        }
    }

    @Test(arguments: [1, 3])
    func `addresses that do not answer cost one delay each, and only the first connection`(
        deadCount: Int
    ) async throws {
        try await withScriptedServer(Self.closing) { server in
            let dead = try Self.dead(deadCount, besides: server)
            let addresses = dead.map(\.address) + [server.address]
            let before = dead.count * Blackhole.attemptCount
            try await Self.withClient(of: addresses) { client, url async throws in
                let first = try await client.execute(HTTPClientRequest(.get, url))
                #expect(first.text == "hello")
                for _ in 0..<5 {
                    let response = try await client.execute(HTTPClientRequest(.get, url))
                    #expect(response.text == "hello")
                }
                #expect(client.counters.connectionsOpened == 6)
                try await Self.waitForAttempts(before, to: server.address.port)
            }
            withExtendedLifetime(dead) {}
        }
    }

    @Test(arguments: [Duration.seconds(3600), .zero])
    func
        `an address that refuses the connection is skipped immediately, and tried last from then on`(
            dnsCacheTTL: Duration
        ) async throws
    {
        try await withScriptedServer(Self.closing) { server in
            let port = server.address.port ?? 0
            // No process listens there.
            let refusing = try #require(SocketAddress(host: "127.0.0.9", port: port))
            // The delay is longer than the test: only a refused connection starts the next attempt.
            try await Self.withClient(
                of: [refusing, server.address], attemptDelay: .seconds(3600),
                dnsCacheTTL: dnsCacheTTL
            ) { client, url async throws in
                #expect(try await client.execute(HTTPClientRequest(.get, url)).text == "hello")
                #expect(client.counters.connectionsFailed == 1)
                #expect(try await client.execute(HTTPClientRequest(.get, url)).text == "hello")
                // The address that answered is remembered, also when the host is resolved again.
                #expect(client.counters.connectionsFailed == 1)
            }
        }
    }

    @Test func `new connections are distributed over the addresses of a host`() async throws {
        var limits = ServerLimits()
        limits.maxRequestsPerConnection = 1
        try await withServer(handler: SyncHandler { _ in "first" }, limits: limits) { first, _ in
            let address = try #require(
                SocketAddress(host: "127.0.0.2", port: first.port ?? 0))
            try await withServer(
                at: .socket(address), handler: SyncHandler { _ in "second" }, limits: limits
            ) { second, _ in
                try await Self.withClient(of: [first, second]) { client, url async throws in
                    var texts: [String] = []
                    for _ in 0..<4 {
                        texts.append(try await client.execute(HTTPClientRequest(.get, url)).text)
                    }
                    #expect(texts == ["first", "second", "first", "second"])
                }
            }
        }
    }

    @Test func `the address that answers wins the race`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        try await withScriptedServer {
            try await $0.respondToAll(with: HTTPClientTests.hello)
        } _: { server in
            let dead = try Self.dead(1, besides: server)
            let alive = server.address
            let order = [dead[0].address, alive]
            let peer = try await Task(executorPreference: loop) { () async throws in
                let race = ConnectionRace(
                    to: order, on: loop, delay: .milliseconds(10), counting: ClientCounts())
                let stream = try await race.run(until: .never, timeout: .requestTimeout(.zero))
                defer { stream.close() }
                return stream.peer
            }.value
            #expect(peer == alive)
            withExtendedLifetime(dead) {}
        }
        await group.shutdown()
    }

    @Test func `when no address answers in time every attempt is closed`() async throws {
        try await withScriptedServer(Self.closing) { server in
            let dead = try Self.dead(3, besides: server)
            let before = dead.count * Blackhole.attemptCount
            try await Self.withClient(
                of: dead.map(\.address), connectTimeout: .milliseconds(100)
            ) { client, url async throws in
                let timeout = ClientError.timedOut(
                    .connect, .connectTimeout(.milliseconds(100)), origin: String(url.dropLast()))
                var attemptCount = 0
                // On a busy machine not all attempts may begin in time: then it tries again.
                while attemptCount < 3, !Task.isCancelled {
                    let countBefore = client.counters.connectionsFailed
                    await #expect(throws: timeout) {
                        try await client.execute(HTTPClientRequest(.get, url))
                    }
                    attemptCount = client.counters.connectionsFailed - countBefore
                }
                #expect(attemptCount == 3)
                #expect(client.counters.connectionsOpened == 0)
                try await Self.waitForAttempts(before, to: server.address.port)
            }
            withExtendedLifetime(dead) {}
        }
    }

    @Test(arguments: [1, 3])
    func `a cancelled request closes every attempt immediately`(deadCount: Int) async throws {
        try await withScriptedServer(Self.closing) { server in
            let dead = try Self.dead(deadCount, besides: server)
            let before = dead.count * Blackhole.attemptCount
            try await Self.withClient(of: dead.map(\.address)) { client, url async throws in
                let sending = Task { try await client.execute(HTTPClientRequest(.get, url)) }
                try await Self.waitForAttempts(before + deadCount, to: server.address.port)
                sending.cancel()
                await #expect(throws: ClientError.cancelled) { try await sending.value }
                try await Self.waitForAttempts(before, to: server.address.port)
            }
            withExtendedLifetime(dead) {}
        }
    }
}

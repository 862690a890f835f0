import Glibc
import HTTPTypes
import SpoorHTTP
import SpoorTesting
import Synchronization
import TestSupport
import Testing

@testable import SpoorClient
@testable import SpoorNetworking

/// Requests that time out while they wait for a connection, or because they have waited for it.
@Suite(.finishes(within: .seconds(60))) struct QueueTimeoutTests {
    private static func at(_ nanoseconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: nanoseconds)
    }

    @Test func `a timeout is due to the queue if most of the time passed there`() {
        let wait = ClientError.ConnectionWait(
            origin: "http://a:80", openConnections: 1, limit: .maxConnectionsPerHost(1))
        for (leased, now, isWait) in [
            (100, 110, true), (100, 199, true), (100, 200, false), (0, 100, false), (0, 0, false),
        ] as [(UInt64, UInt64, Bool)] {
            let phase = ClientExchangeDriver.phase(
                .connect, requested: Self.at(0), leased: Self.at(leased), timedOut: Self.at(now),
                wait)
            #expect(phase == (isWait ? .connectionWait(wait) : .connect))
        }
    }

    @Test func `the error of a request that received its connection too late contains the queue`()
        async throws
    {
        // The first name resolution returns, the second one takes longer than the remaining time of the request.
        let lookup = SlowLookup()
        let resolver = HostResolver { _ in
            lookup.run()
            return .success([.loopback(port: 0)])
        }
        let responding = Gate()
        let server = try ScriptedServer { peer in
            guard try await peer.readRequest() != nil else { return }
            try await responding.wait()
            try await peer.send(HTTPClientTests.hello)
        }
        var limits = ClientLimits.withLongTimeouts
        limits.maxConnectionsPerHost = 1
        limits.maxConnectionAge = .zero
        limits.dnsCacheTTL = .zero
        let loops = try EventLoopGroup(loopCount: 1)
        let client = HTTPClient(
            middleware: [], limits: limits, loops: loops, route: nil, resolver: resolver)
        let port = server.address.port ?? 0
        let url = "http://service.example:\(port)/"
        let first = Task { try await client.execute(HTTPClientRequest(.get, url)) }
        await client.shared.counts.wait { $0.connectionsOpened == 1 }
        let second = Task {
            try await client.execute(HTTPClientRequest(.get, url, timeout: .seconds(2)))
        }
        await client.shared.counts.wait { $0.waits == 1 }
        try await loops.next().sleep(for: .milliseconds(1_500))
        responding.open()
        let wait = ClientError.ConnectionWait(
            origin: "http://service.example:\(port)", openConnections: 1,
            limit: .maxConnectionsPerHost(1))
        await #expect(
            throws: ClientError.timedOut(
                .connectionWait(wait), .requestTimeoutOverride(.seconds(2)))
        ) {
            try await second.value
        }
        #expect(try await first.value.text == "hello")
        lookup.end()
        await client.shutdown()
        await loops.shutdown()
        try await server.stop()
    }

    /// A name resolution that blocks its thread, except the first time.
    private final class SlowLookup: Sendable {
        private let count = Atomic(0)
        private let hasEnded = Atomic(false)

        func run() {
            guard count.add(1, ordering: .relaxed).newValue > 1 else { return }
            while !hasEnded.load(ordering: .acquiring) { usleep(1_000) }
        }

        func end() {
            hasEnded.store(true, ordering: .releasing)
        }
    }

    @Test(arguments: [Duration.zero, .seconds(-1), .seconds(Int64.min)])
    func `a request whose timeout has already expired is not sent`(timeout: Duration) async throws {
        try await withScriptedServer({ try await $0.respondToAll(with: HTTPClientTests.hello) }) {
            server in
            try await HTTPClientTests.withClient(of: server) { client async throws in
                let url = server.url()
                let expired = ClientError.timedOut(
                    .send, .requestTimeoutOverride(timeout), origin: "http://\(server.address)")
                // Without a connection, and with an idle one.
                for connectionCount in 0...1 {
                    for _ in 0..<50 {
                        await #expect(throws: expired) {
                            try await client.execute(
                                HTTPClientRequest(.post, url, body: .text("x"), timeout: timeout))
                        }
                    }
                    #expect(client.counters.connectionsOpened == connectionCount)
                    #expect(try await client.execute(HTTPClientRequest(.get, url)).text == "hello")
                }
                #expect(server.requests.map { $0.prefix(3) } == ["GET", "GET"])
            }
        }
    }

    @Test func `a request that is sent again for lack of a connection waits for a fresh one`()
        async throws
    {
        let dying = Gate()
        let responding = Gate()
        let server = try ScriptedServer { peer in
            _ = try await peer.readRequest()
            if peer.number == 2 { try await responding.wait() }
            try await peer.send(HTTPClientTests.hello)
            // The first connection is closed during its second request; so would the second one be.
            _ = try await peer.readRequest()
            if peer.number == 1 { try await dying.wait() }
        }
        var limits = ClientLimits()
        limits.maxConnectionsPerHost = 1
        try await HTTPClientTests.withClient(of: server, limits: limits) { client async throws in
            let url = server.url()
            _ = try await client.execute(HTTPClientRequest(.get, url))
            let resent = Task { try await client.execute(HTTPClientRequest(.get, url)) }
            await client.shared.counts.wait { $0.connectionsReused == 1 }
            let other = Task { try await client.execute(HTTPClientRequest(.post, url)) }
            await client.shared.counts.wait { $0.waits == 1 }
            dying.open()
            await client.shared.counts.wait { $0.waits == 2 }
            responding.open()
            #expect(try await other.value.text == "hello")
            #expect(try await resent.value.text == "hello")
            #expect(client.counters.resends == 1)
            #expect(server.connectionCount == 3)
        }
    }
}

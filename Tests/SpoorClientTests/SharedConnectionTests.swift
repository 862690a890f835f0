import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorTLS
import SpoorTesting
import Synchronization
import TestSupport
import Testing

@testable import SpoorClient
@testable import SpoorNetworking

/// Tasks that run on no event loop, and the state that the loops of a client share.
@Suite(.finishes(within: .seconds(120))) struct SharedConnectionTests {
    private static func withClient<Result>(
        loops count: Int, limits: ClientLimits = ClientLimits(),
        tls: TLSClientConfiguration = TLSClientConfiguration(), resolver: HostResolver = .shared,
        _ body: (HTTPClient, EventLoopGroup) async throws -> Result
    ) async throws -> Result {
        let group = try EventLoopGroup(loopCount: count)
        var limits = limits
        for timeout in [
            \ClientLimits.idleTimeout, \.connectTimeout, \.readTimeout, \.requestTimeout,
            \.dnsCacheTTL,
        ] {
            limits[keyPath: timeout] = .seconds(3600)
        }
        let client = HTTPClient(
            middleware: [], limits: limits, tls: tls, loops: group, route: nil, resolver: resolver)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(client, group))
        } catch {
            result = .failure(error)
        }
        await client.shutdown()
        await group.shutdown()
        return try result.get()
    }

    @Test func `requests one after the other use one connection, however many loops there are`()
        async throws
    {
        try await withScriptedServer {
            try await $0.respondToAll(with: HTTPClientTests.hello)
        } _: { server in
            try await Self.withClient(loops: 16) { client, _ async throws in
                for _ in 0..<32 {
                    let response = try await client.execute(HTTPClientRequest(.get, server.url()))
                    #expect(response.text == "hello")
                }
                try await client.withResponse(to: HTTPClientRequest(.get, server.url())) {
                    let body = try await $0.collect(upTo: 5)
                    #expect(body.count == 5)
                }
                #expect(client.counters.connectionsOpened == 1)
                #expect(client.counters.connectionsReused == 32)
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `a loop that stops closes its idle connections, also of a client that continues`()
        async throws
    {
        let closed = Gate()
        try await withScriptedServer { peer in
            _ = try await peer.readRequest()
            try await peer.send(HTTPClientTests.hello)
            _ = try await peer.readRequest()
            closed.open()
        } _: { server in
            try await Self.withClient(loops: 1) { client, _ async throws in
                let stopping = try EventLoopGroup(loopCount: 1)
                let url = server.url()
                let response = try await Task(executorPreference: stopping.next()) {
                    try await client.execute(HTTPClientRequest(.get, url))
                }.value
                #expect(response.text == "hello")
                await stopping.shutdown()
                try await closed.wait()
            }
        }
    }

    @Test func `the loops of a client resume each other's TLS sessions`() async throws {
        let authority = try TestCertificateAuthority()
        let address = BindAddress.loopback(port: 0).tls(
            TLSServerConfiguration(identities: [try authority.serverIdentity()]))
        let isResumed = SyncHandler { exchange in "\(exchange.connection.tls?.isResumed ?? false)" }
        let tls = TLSClientConfiguration(trustRoots: authority.trustRoots)
        try await withServer(at: address, handler: isResumed) { bound, _ in
            try await Self.withClient(loops: 8, tls: tls) { client, loops async throws in
                let url = "https://\(bound)/"
                var responses: [String?] = []
                for _ in 0..<8 {
                    responses.append(try await client.execute(HTTPClientRequest(.get, url)).text)
                }
                #expect(client.counters.connectionsOpened == 1)
                // Tasks that run on a loop use its own connections.
                for loop in loops.loops {
                    responses.append(
                        try await Task(executorPreference: loop) { () async throws in
                            try await client.execute(HTTPClientRequest(.get, url)).text
                        }.value)
                }
                #expect(client.counters.connectionsOpened == 8)
                #expect(responses.count { $0 == "false" } == 9)
                #expect(responses.suffix(8).count { $0 == "true" } == 7)
            }
        }
    }

    @Test func `requests at the same time spread over the loops`() async throws {
        let arrived = Atomic(0)
        let others = Gate()
        try await withScriptedServer { peer in
            while try await peer.readRequest() != nil {
                // Each response waits until every request has been sent, so that each needs a separate connection.
                if arrived.add(1, ordering: .relaxed).newValue % 8 == 0 {
                    others.admit(7)
                } else {
                    try await others.wait()
                }
                try await peer.send(HTTPClientTests.hello)
            }
        } _: { server in
            try await Self.withClient(loops: 4) { client, _ async throws in
                let url = server.url()
                let host = try RequestTarget(url).host
                for _ in 0..<2 {
                    try await withThrowingTaskGroup(of: String?.self) { tasks in
                        for _ in 0..<8 {
                            tasks.addTask {
                                try await client.execute(HTTPClientRequest(.get, url)).text
                            }
                        }
                        for try await text in tasks { #expect(text == "hello") }
                    }
                    let reservations = (0..<8).map { _ in
                        client.shared.idleConnections.reserve(host)
                    }
                    for name in 1...4 {
                        #expect(reservations.count { $0?.loop.description == "loop-\(name)" } == 2)
                    }
                }
                #expect(client.counters.connectionsOpened == 8)
                #expect(client.counters.connectionsReused == 8)
            }
        }
    }

    @Test func `a connection that is closed when its request arrives is replaced`() async throws {
        try await withScriptedServer { peer in
            guard try await peer.readRequest() != nil else { return }
            try await peer.send(HTTPClientTests.hello)
        } _: { server in
            try await Self.withClient(loops: 4) { client, _ async throws in
                for _ in 0..<20 {
                    let response = try await client.execute(HTTPClientRequest(.get, server.url()))
                    #expect(response.text == "hello")
                }
                #expect(client.counters.connectionsOpened == 20)
            }
        }
    }

    @Test func `a reservation counts until it is used or dropped, and never twice`() async throws {
        let group = try EventLoopGroup(loopCount: 2)
        let host = RequestTarget.Host(name: "a", port: 1)
        let connections = IdleConnections()
        #expect(connections.reserve(host) == nil)
        let first = connections.addCounter(for: host, on: group.loops[0])
        let second = connections.addCounter(for: host, on: group.loops[1])
        first.add(1)
        second.add(2)
        let one = try #require(connections.reserve(host))
        #expect(one.loop === group.loops[1])
        var two = connections.reserve(host)
        #expect(two?.loop === group.loops[0])
        let three = connections.reserve(host)
        #expect(three?.loop === group.loops[1])
        #expect(connections.reserve(host) == nil)
        two = nil
        #expect(first.available == 1)
        one.release()
        one.release()
        #expect(second.available == 1)
        connections.remove(second, for: host)
        connections.remove(first, for: host)
        #expect(connections.reserve(host) == nil)
        await group.shutdown()
    }

    @Test func `first requests to one name cause one name resolution, on any event loop`()
        async throws
    {
        let asked = Atomic(0)
        let resolver = HostResolver { _ in
            asked.add(1, ordering: .relaxed)
            return .success([.loopback(port: 0)])
        }
        try await withScriptedServer {
            try await $0.respondToAll(with: HTTPClientTests.hello)
        } _: { server in
            try await Self.withClient(loops: 4, resolver: resolver) { client, loops async throws in
                let url = "http://service.example:\(server.address.port ?? 0)/"
                for loop in loops.loops {
                    let text = try await Task(executorPreference: loop) { () async throws in
                        try await client.execute(HTTPClientRequest(.get, url)).text
                    }.value
                    #expect(text == "hello")
                }
                #expect(client.counters.connectionsOpened == 4)
                #expect(asked.load(ordering: .relaxed) == 1)
            }
        }
    }

    @Test
    func `a name resolution is shared until its result is cached, and the cached result is used`()
        async throws
    {
        let loops = try EventLoopGroup(loopCount: 1)
        let loop = loops.next()
        let kept = Mutex<[SocketAddress]?>(nil)
        let running = Atomic(0)
        let seen = Atomic(0)
        let resolver = HostResolver { _ in .success([.loopback(port: 0)]) }
        let cache = HostResolver.Cache {
            kept.withLock(\.self)
        } keep: { found in
            // The second caller arrives now, while the name resolution still runs for the first.
            running.store(resolver.counters.awaited, ordering: .relaxed)
            kept.withLock { $0 = found }
            seen.add(1, ordering: .relaxed)
        }
        for _ in 0..<3 {
            let addresses = try await Task(executorPreference: loop) { () async throws in
                try await resolver.addresses(
                    of: "service.example", port: 7, on: loop, until: .never, cache: cache)
            }.value
            #expect(addresses == [.loopback(port: 7)])
        }
        #expect(running.load(ordering: .relaxed) == 1)
        #expect(seen.load(ordering: .relaxed) == 1)
        #expect(resolver.counters.started == 1)
        await loops.shutdown()
    }

    @Test func `requests that wait for a slow origin do not block others`() async throws {
        let stream = Gate()
        try await withScriptedServer { peer in
            _ = try await peer.readRequest()
            try await stream.wait()
        } _: { slow in
            try await withScriptedServer {
                try await $0.respondToAll(with: HTTPClientTests.hello)
            } _: { fast in
                var limits = ClientLimits()
                limits.maxConnectionsPerHost = 1
                limits.maxPendingRequestsPerHost = 8
                try await Self.withClient(loops: 1, limits: limits) { client, _ async throws in
                    let url = slow.url()
                    let waiting = (0..<9).map { _ in
                        Task { try await client.execute(HTTPClientRequest(.get, url)) }
                    }
                    await client.shared.counts.wait { $0.waits >= 8 }
                    let origin = "http://\(slow.address)"
                    await #expect(
                        throws: ClientError.tooManyPendingRequests(
                            .maxPendingRequestsPerHost(origin: origin, 8))
                    ) {
                        try await client.execute(HTTPClientRequest(.get, url))
                    }
                    #expect(client.counters.rejections == 1)
                    for _ in 0..<9 {
                        let response = try await client.execute(HTTPClientRequest(.get, fast.url()))
                        #expect(response.text == "hello")
                    }
                    for task in waiting { task.cancel() }
                    for task in waiting {
                        await #expect(throws: ClientError.cancelled) { try await task.value }
                    }
                }
                stream.open()
            }
        }
    }
}

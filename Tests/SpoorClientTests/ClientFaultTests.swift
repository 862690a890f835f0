import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorClient
@testable import SpoorNetworking

@Suite(.finishes(within: .seconds(60))) struct ClientFaultTests {
    private static let hello = HTTPClientTests.hello

    /// A server that closes its first connection after one response, when the next request has arrived.
    private static func dyingServer() throws -> ScriptedServer {
        try ScriptedServer { connection async throws in
            guard connection.number == 1 else {
                return try await connection.respondToAll(with: Self.hello)
            }
            _ = try await connection.readRequest()
            try await connection.send(Self.hello)
            _ = try await connection.readRequest()
        }
    }

    @Test(arguments: [HTTPRequest.Method.get, .put, .delete])
    func `a request is sent once more when its idle connection was closed`(
        method: HTTPRequest.Method
    ) async throws {
        let server = try Self.dyingServer()
        try await HTTPClientTests.withClient(of: server) { client async throws in
            let request = HTTPClientRequest(method, server.url(), body: .text("x"))
            #expect(try await client.execute(request).text == "hello")
            #expect(try await client.execute(request).text == "hello")
            #expect(client.counters.resends == 1)
            #expect(server.connectionCount == 2)
        }
    }

    @Test func `a non-idempotent request is not repeated, unless the caller allows it`()
        async throws
    {
        var vouching = ClientLimits()
        vouching.retriesNonIdempotentRequests = true
        for (limits, headers, resends) in [
            (ClientLimits(), Headers(), 0), (vouching, Headers(), 1),
            (ClientLimits(), ["Idempotency-Key": "7"], 1),
        ] {
            let server = try Self.dyingServer()
            try await HTTPClientTests.withClient(of: server, limits: limits) {
                client async throws in
                let request = HTTPClientRequest(
                    .post, server.url(), headers: headers, body: .text("x"))
                #expect(try await client.execute(request).text == "hello")
                let second = try? await client.execute(request)
                #expect((second != nil) == (resends == 1))
                #expect(client.counters.resends == resends)
            }
        }
    }

    @Test func `nothing is sent again on a fresh connection, nor after a byte of the response`()
        async throws
    {
        let server = try ScriptedServer { connection async throws in
            _ = try await connection.readRequest()
            guard connection.number == 2 else { return }
            try await connection.send(Self.hello)
            _ = try await connection.readRequest()
            try await connection.send("H")
        }
        try await HTTPClientTests.withClient(of: server) { client async throws in
            let request = HTTPClientRequest(.get, server.url())
            let closed = ClientError.connectionClosed(
                .responseHead, origin: "http://\(server.address)")
            await #expect(throws: closed) {
                try await client.execute(request)
            }
            #expect(try await client.execute(request).text == "hello")
            await #expect(throws: closed) {
                try await client.execute(request)
            }
            #expect(client.counters.resends == 0)
            #expect(server.connectionCount == 2)
        }
    }

    @Test func `an idle connection that the server closes is released immediately`() async throws {
        let closing = Gate()
        let server = try ScriptedServer { connection async throws in
            _ = try await connection.readRequest()
            try await connection.send(Self.hello)
            try await closing.wait()
        }
        try await HTTPClientTests.withClient(of: server) { client async throws in
            #expect(try await client.execute(HTTPClientRequest(.get, server.url())).text == "hello")
            closing.admit()
            await client.shared.counts.wait { $0.connectionsClosedWhileIdle > 0 }
            #expect(try await client.execute(HTTPClientRequest(.get, server.url())).text == "hello")
            closing.admit()
            #expect(client.counters.resends == 0)
            #expect(server.connectionCount == 2)
        }
    }

    @Test func `an idle connection expires`() async throws {
        let server = try ScriptedServer(respondingWith: Self.hello)
        var limits = ClientLimits()
        limits.idleTimeout = .milliseconds(5)
        try await HTTPClientTests.withClient(of: server, limits: limits) { client async throws in
            _ = try await client.execute(HTTPClientRequest(.get, server.url()))
            await client.shared.counts.wait { $0.connectionsExpired > 0 }
            _ = try await client.execute(HTTPClientRequest(.get, server.url()))
            #expect(server.connectionCount == 2)
        }
    }

    @Test func `an old connection is replaced although it is still usable`() async throws {
        let server = try ScriptedServer(respondingWith: Self.hello)
        var limits = ClientLimits()
        limits.maxConnectionAge = .zero
        try await HTTPClientTests.withClient(of: server, limits: limits) { client async throws in
            for _ in 0..<3 { _ = try await client.execute(HTTPClientRequest(.get, server.url())) }
            #expect(server.connectionCount == 3)
            #expect(client.counters.connectionsRetired == 3)
            #expect(client.counters.connectionsReused == 0)
        }
    }

    @Test func `timeouts name the phase`() async throws {
        let server = try ScriptedServer { connection async throws in
            let request = try await connection.readRequest() ?? ""
            if request.hasPrefix("GET /body") {
                try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe")
            }
            _ = try await connection.readRequest()
        }
        var limits = ClientLimits()
        limits.readTimeout = .milliseconds(50)
        try await HTTPClientTests.withClient(of: server, limits: limits) { client async throws in
            let limit = ClientError.Timeout.readTimeout(limits.readTimeout)
            let origin = "http://\(server.address)"
            let noHead = ClientError.timedOut(.responseHead, limit, origin: origin)
            await #expect(throws: noHead) {
                try await client.execute(HTTPClientRequest(.get, server.url("/head")))
            }
            // On a busy machine the head may arrive too late as well: then the request is repeated.
            var error: ClientError?
            repeat {
                error = await #expect(throws: ClientError.self) {
                    try await client.execute(HTTPClientRequest(.get, server.url("/body")))
                }
            } while error == noHead
            #expect(
                error?.description == "\(origin): timed out while receiving the response body "
                    + "(2 of 5 bytes arrived): ClientLimits.readTimeout (0.05 seconds) expired")
            await #expect {
                try await client.execute(
                    HTTPClientRequest(.get, server.url("/head"), timeout: .milliseconds(5)))
            } throws: { error in
                if case .timedOut? = error as? ClientError { true } else { false }
            }
        }
    }

    @Test func `the limit that expired is named, the client's as well as the request's`()
        async throws
    {
        let server = try ScriptedServer { connection async throws in
            while try await connection.readRequest() != nil {}
        }
        var limits = ClientLimits()
        limits.requestTimeout = .milliseconds(30)
        try await HTTPClientTests.withClient(of: server, limits: limits) { client async throws in
            let byClient = await #expect(throws: ClientError.self) {
                try await client.execute(HTTPClientRequest(.get, server.url()))
            }
            guard case .timedOut(_, .requestTimeout(.milliseconds(30)), _)? = byClient else {
                Issue.record("\(String(describing: byClient))")
                return
            }
            let byRequest = await #expect(throws: ClientError.self) {
                try await client.execute(
                    HTTPClientRequest(.get, server.url(), timeout: .milliseconds(20)))
            }
            guard case .timedOut(_, .requestTimeoutOverride(.milliseconds(20)), _)? = byRequest
            else {
                Issue.record("\(String(describing: byRequest))")
                return
            }
        }
    }

    @Test func `a request waits for a connection no longer than its timeout`() async throws {
        let server = try ScriptedServer { connection async throws in
            _ = try await connection.readRequest()
            _ = try await connection.readRequest()
        }
        var limits = ClientLimits()
        limits.maxConnectionsPerHost = 1
        limits.maxPendingRequests = 1
        try await HTTPClientTests.withClient(of: server, limits: limits) { client async throws in
            let url = server.url()
            let first = Task { try await client.execute(HTTPClientRequest(.get, url)) }
            await client.shared.counts.wait { $0.connectionsOpened > 0 }
            let limit = ClientError.Timeout.requestTimeoutOverride(.milliseconds(5))
            let wait = ClientError.ConnectionWait(
                origin: "http://\(server.address)", openConnections: 1,
                limit: .maxConnectionsPerHost(1))
            await #expect(throws: ClientError.timedOut(.connectionWait(wait), limit)) {
                try await client.execute(HTTPClientRequest(.get, url, timeout: .milliseconds(5)))
            }
            first.cancel()
            await #expect(throws: ClientError.cancelled) { try await first.value }
        }
    }

    @Test func `cancellation ends the exchange and closes the connection`() async throws {
        let (events, eventsContinuation) = AsyncStream.makeStream(of: String.self)
        let server = try ScriptedServer { connection async throws in
            eventsContinuation.yield(try await connection.readRequest() == nil ? "ended" : "asked")
            eventsContinuation.yield(try await connection.readRequest() == nil ? "ended" : "asked")
        }
        try await HTTPClientTests.withClient(of: server) { client async throws in
            let url = server.url()
            let sending = Task { try await client.execute(HTTPClientRequest(.get, url)) }
            var event = events.makeAsyncIterator()
            #expect(await event.next() == "asked")
            sending.cancel()
            await #expect(throws: ClientError.cancelled) { try await sending.value }
            #expect(await event.next() == "ended")
        }
    }

    @Test func `reports a closed port, an unknown host and an invalid request`() async throws {
        // Bound but not listening, so that no other process gets the port meanwhile.
        let silent = try FileDescriptor.streamSocket(for: .loopback(port: 0))
        try silent.bind(to: .loopback(port: 0))
        let url = "http://\(try silent.localAddress())/"
        let group = try EventLoopGroup(loopCount: 1)
        let client = HTTPClient(loops: group)
        await #expect {
            try await client.execute(HTTPClientRequest(.get, url))
        } throws: { error in
            if case .connect? = error as? ClientError { true } else { false }
        }
        await #expect {
            try await client.execute(HTTPClientRequest(.get, "http://no-such-host.invalid/"))
        } throws: { error in
            // A name server that does not answer makes it a timeout.
            switch error as? ClientError {
            case .resolve?, .timedOut(.resolve, _, _)?: true
            default: false
            }
        }
        await #expect(throws: ClientError.schemeUnsupported("ftp")) {
            try await client.execute(HTTPClientRequest(.get, "ftp://127.0.0.1/"))
        }
        #expect(client.counters.connectionsFailed > 0)
        await client.shutdown()
        await #expect(throws: ClientError.shutDown) {
            try await client.execute(HTTPClientRequest(.get, url))
        }
        await group.shutdown()
    }

    @Test func `a header that would split the head is not sent`() async throws {
        let server = try ScriptedServer(respondingWith: Self.hello)
        try await HTTPClientTests.withClient(of: server) { client async throws in
            let headers: Headers = [.accept: "a\r\nX: y"]
            await #expect {
                try await client.execute(HTTPClientRequest(.get, server.url(), headers: headers))
            } throws: { error in
                if case .requestInvalid? = error as? ClientError { true } else { false }
            }
            #expect(try await client.execute(HTTPClientRequest(.get, server.url())).text == "hello")
        }
    }

    @Test func `an unread body closes the connection without affecting the next request`()
        async throws
    {
        let server = try ScriptedServer(respondingWith: Self.hello)
        try await HTTPClientTests.withClient(of: server) { client async throws in
            for _ in 0..<2 {
                let status = try await client.withResponse(
                    to: HTTPClientRequest(.get, server.url())
                ) { $0.status }
                #expect(status == .ok)
            }
            #expect(server.connectionCount == 2)
        }
    }
}

@Suite(.finishes(within: .seconds(60))) struct ClientMiddlewareTests {
    /// Records what an exchange looks like before and after the rest of the chain.
    private struct RecordingMiddleware: ClientMiddleware {
        private static let link = HTTPField.Name("X-Link") ?? .accept

        let name: String
        let events: AsyncStream<String>.Continuation

        func intercept(_ exchange: ClientExchange, next: ClientNext) async throws {
            events.yield("\(name): \(exchange.status.map { "\($0.code)" } ?? "-")")
            exchange.request.headers.append(Self.link, name)
            do {
                try await next(exchange)
                events.yield("\(name): \(exchange.status?.code ?? 0) \(exchange.bodyBytesReceived)")
            } catch {
                events.yield("\(name): failed")
                throw error
            }
        }
    }

    private struct NotCallingNext: ClientMiddleware {
        func intercept(_ exchange: ClientExchange, next: ClientNext) async throws {}
    }

    @Test func `middlewares see the exchange from before the head until after the body`()
        async throws
    {
        let seen = AsyncStream.makeStream(of: String.self)
        let server = try ScriptedServer { connection async throws in
            while let request = try await connection.readRequest() {
                seen.continuation.yield(request)
                try await connection.send(HTTPClientTests.hello)
            }
        }
        let events = AsyncStream.makeStream(of: String.self)
        let group = try EventLoopGroup(loopCount: 1)
        let client = HTTPClient(
            middleware: [
                RecordingMiddleware(name: "outer", events: events.continuation),
                RecordingMiddleware(name: "inner", events: events.continuation),
            ], loops: group)
        #expect(try await client.execute(HTTPClientRequest(.get, server.url())).text == "hello")
        for await request in seen.stream {
            #expect(request.contains("X-Link: outer\r\nX-Link: inner\r\n"))
            break
        }
        try await server.stop()
        await #expect(throws: ClientError.self) {
            try await client.execute(HTTPClientRequest(.get, server.url()))
        }
        events.continuation.finish()
        let lines = await events.stream.reduce(into: []) { $0.append($1) }
        #expect(
            lines == [
                "outer: -", "inner: -", "inner: 200 5", "outer: 200 5", "outer: -", "inner: -",
                "inner: failed", "outer: failed",
            ])
        await client.shutdown()
        await group.shutdown()
    }

    @Test func `a middleware that does not call next leads to an error`() async throws {
        let client = HTTPClient(middleware: [NotCallingNext()])
        await #expect(throws: ClientError.noResponse) {
            try await client.execute(HTTPClientRequest(.get, "http://127.0.0.1:1/"))
        }
    }
}

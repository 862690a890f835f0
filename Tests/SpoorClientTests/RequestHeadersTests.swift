import HTTPTypes
import SpoorHTTP
import SpoorNetworking
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorClient

/// Headers and bodies that a caller sets: they are sent, or the request is rejected.
@Suite(.finishes(within: .seconds(120))) struct RequestHeadersTests {
    private static let hello = HTTPClientTests.hello
    private static let host: HeaderName = "Host"

    @Test func `a Host is sent as given, and the connection goes to the host of the URL`()
        async throws
    {
        let server = try ScriptedServer(respondingWith: Self.hello)
        try await HTTPClientTests.withClient(of: server) { client async throws in
            for name in ["a.example", "b.example:81"] {
                let headers: Headers = [.accept: "x", Self.host: name]
                _ = try await client.execute(
                    HTTPClientRequest(.get, server.url(), headers: headers))
                #expect(
                    server.requests.last
                        == "GET / HTTP/1.1\r\nHost: \(name)\r\nUser-Agent: Spoor\r\nAccept: x\r\n\r\n"
                )
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `Connection: close is sent and respected`() async throws {
        let server = try ScriptedServer(respondingWith: Self.hello)
        try await HTTPClientTests.withClient(of: server) { client async throws in
            for count in 1...2 {
                let request = HTTPClientRequest(.get, server.url(), headers: [.connection: "close"])
                #expect(try await client.execute(request).text == "hello")
                #expect(server.requests.last?.contains("\r\nConnection: close\r\n") == true)
                #expect(server.connectionCount == count)
            }
        }
    }

    @Test(
        arguments: [
            [.contentLength: "5"], [.contentLength: "x"], [.transferEncoding: "chunked"],
            [.connection: "x-hop"], [.connection: "upgrade", .upgrade: "websocket"],
            [.upgrade: "websocket"], [host: "a b"], [.expect: "100-continue"],
        ] as [Headers])
    func `an invalid request opens no connection`(headers: Headers) async throws {
        let server = try ScriptedServer(respondingWith: Self.hello)
        try await HTTPClientTests.withClient(of: server) { client async throws in
            await #expect {
                try await client.execute(HTTPClientRequest(.get, server.url(), headers: headers))
            } throws: {
                if case .requestInvalid? = $0 as? ClientError { true } else { false }
            }
            #expect(client.counters.connectionsOpened == 0)
        }
    }

    @Test(arguments: [-1, -5, Int.min])
    func `a negative length of a body is rejected`(length: Int) async throws {
        let server = try ScriptedServer(respondingWith: Self.hello)
        try await HTTPClientTests.withClient(of: server) { client async throws in
            await #expect {
                try await client.withResponse(
                    to: HTTPClientRequest(.post, server.url()), bodyLength: length
                ) { _ in
                } _: {
                    $0.status
                }
            } throws: {
                if case .requestInvalid? = $0 as? ClientError { true } else { false }
            }
            #expect(client.counters.connectionsOpened == 0)
        }
    }

    @Test func `a request has one body`() async throws {
        let server = try ScriptedServer(respondingWith: Self.hello)
        try await HTTPClientTests.withClient(of: server) { client async throws in
            await #expect {
                try await client.withResponse(
                    to: HTTPClientRequest(.post, server.url(), body: .text("a"))
                ) {
                    try await $0.write("b")
                } _: {
                    $0.status
                }
            } throws: {
                if case .requestInvalid? = $0 as? ClientError { true } else { false }
            }
        }
    }

    @Test func `User-Agent can be set for all requests, for one, and left out`() async throws {
        for (userAgent, own, expected) in [
            ("orders/1.2", nil, "\r\nUser-Agent: orders/1.2\r\n"),
            ("orders/1.2", "mine", "\r\nUser-Agent: mine\r\n"), (nil, nil, nil),
        ] as [(String?, String?, String?)] {
            let server = try ScriptedServer(respondingWith: Self.hello)
            let loops = try EventLoopGroup(loopCount: 1)
            let client = HTTPClient(userAgent: userAgent, loops: loops)
            var request = HTTPClientRequest(.get, server.url())
            if let own { request.headers[.userAgent] = own }
            _ = try await client.execute(request)
            let head = try #require(server.requests.first)
            if let expected {
                #expect(head.contains(expected))
            }
            #expect(head.contains("User-Agent") == (expected != nil))
            await client.shutdown()
            await loops.shutdown()
            try await server.stop()
        }
    }

    // MARK: Expect

    /// Sends a request with `Expect` and the body "abc", in one of two ways.
    private static func send(
        to server: ScriptedServer, with client: HTTPClient, isStreamed: Bool
    ) async throws -> String {
        var request = HTTPClientRequest(
            .post, server.url(), headers: [.expect: "100-continue"],
            body: isStreamed ? .none : .text("abc"))
        guard isStreamed else { return try await client.execute(request).text }
        request.method = .put
        return try await client.withResponse(to: request, bodyLength: 3) {
            try await $0.write("abc")
        } _: {
            String(decoding: try await $0.collect(upTo: 100), as: UTF8.self)
        }
    }

    @Test(arguments: [false, true])
    func `a body with Expect waits for 100 Continue`(isStreamed: Bool) async throws {
        let server = try ScriptedServer { peer async throws in
            while true {
                guard try await peer.read(until: "\r\n\r\n").hasSuffix("\r\n\r\n") else { return }
                try await peer.send("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
                guard try await peer.read(count: 3) == Array("abc".utf8) else { return }
                try await peer.send(Self.hello)
            }
        }
        var limits = ClientLimits()
        limits.continueTimeout = .seconds(3600)
        try await HTTPClientTests.withClient(of: server, limits: limits) { client async throws in
            for _ in 0..<2 {
                let text = try await Self.send(to: server, with: client, isStreamed: isStreamed)
                #expect(text == "hello")
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test(arguments: [false, true])
    func `a body without 100 Continue is sent after a timeout, and not after a final response`(
        isStreamed: Bool
    ) async throws {
        let unresponsive = try ScriptedServer(respondingWith: Self.hello)
        var limits = ClientLimits()
        limits.continueTimeout = .milliseconds(50)
        try await HTTPClientTests.withClient(of: unresponsive, limits: limits) {
            client async throws in
            let text = try await Self.send(to: unresponsive, with: client, isStreamed: isStreamed)
            #expect(text == "hello")
            #expect(unresponsive.requests.first?.hasSuffix("\r\n\r\nabc") == true)
        }
        let (rests, rest) = AsyncStream.makeStream(of: [UInt8].self)
        let refusing = try ScriptedServer { peer async throws in
            _ = try await peer.read(until: "\r\n\r\n")
            try await peer.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno")
            rest.yield(try await peer.read())
        }
        limits.continueTimeout = .seconds(3600)
        try await HTTPClientTests.withClient(of: refusing, limits: limits) { client async throws in
            let text = try await Self.send(to: refusing, with: client, isStreamed: isStreamed)
            #expect(text == "no")
            // The connection is closed, and nothing was sent over it.
            var iterator = rests.makeAsyncIterator()
            #expect(await iterator.next() == [])
        }
    }
}

import HTTPTypes
import SpoorHTTP
import SpoorNetworking
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorClient

@Suite(.finishes(within: .seconds(60))) struct HTTPClientTests {
    static let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Name: value\r\n\r\nhello"

    /// Runs `body` with a client, and stops both client and server.
    @discardableResult
    static func withClient<Result>(
        of server: ScriptedServer, limits: ClientLimits = ClientLimits(),
        _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        let group = try EventLoopGroup(loopCount: 1)
        var limits = limits
        // A temporarily slow machine must not cause a timeout that the test does not intend.
        for timeout in [
            \ClientLimits.idleTimeout, \.connectTimeout, \.readTimeout, \.requestTimeout,
        ] where limits[keyPath: timeout] == ClientLimits()[keyPath: timeout] {
            limits[keyPath: timeout] = .seconds(3600)
        }
        let client = HTTPClient(limits: limits, loops: group)
        let result: Result
        do {
            result = try await body(client)
        } catch {
            await client.shutdown()
            await group.shutdown()
            try await server.stop()
            throw error
        }
        await client.shutdown()
        await group.shutdown()
        try await server.stop()
        return result
    }

    @Test func `sends a request and receives its response`() async throws {
        let seen = AsyncStream.makeStream(of: String.self)
        let server = try ScriptedServer { connection async throws in
            while let request = try await connection.readRequest() {
                seen.continuation.yield(request)
                try await connection.send(Self.hello)
            }
        }
        let url = server.url("/a?b=c")
        let host = url.dropFirst(7).prefix { $0 != "/" }
        let response = try await Self.withClient(of: server) { client async throws in
            let request = HTTPClientRequest(
                .post, url, headers: [.contentType: "text/plain"], body: .text("äöü"))
            return try await client.execute(request)
        }
        #expect(response.status == .ok)
        #expect(response.headers["X-Name"] == "value")
        #expect(response.text == "hello")
        for await request in seen.stream {
            #expect(
                request
                    == "POST /a?b=c HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: Spoor\r\nContent-Type: text/plain\r\n"
                    + "Content-Length: 6\r\n\r\näöü")
            break
        }
    }

    @Test func `one connection serves request after request`() async throws {
        let server = try ScriptedServer(respondingWith: Self.hello)
        try await Self.withClient(of: server) { client async throws in
            for _ in 0..<20 {
                #expect(
                    try await client.execute(HTTPClientRequest(.get, server.url())).text == "hello")
            }
            #expect(server.connectionCount == 1)
            #expect(client.counters.connectionsOpened == 1)
            #expect(client.counters.connectionsReused == 19)
            #expect(client.counters.requests == 20)
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n",
    ])
    func `a connection that must not be kept is closed`(response: String) async throws {
        let server = try ScriptedServer(respondingWith: response)
        try await Self.withClient(of: server) { client async throws in
            for _ in 0..<2 {
                #expect(
                    try await client.execute(HTTPClientRequest(.get, server.url())).text == "hello")
            }
            #expect(server.connectionCount == 2)
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", HTTPRequest.Method.head, 200),
        ("HTTP/1.1 204 No Content\r\n\r\n", .get, 204),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", .get, 304),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .get, 200),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204\r\n\r\n",
            .get, 204
        ),
    ])
    func `responses without a body leave the connection usable`(
        sent: String, method: HTTPRequest.Method, code: Int
    ) async throws {
        let server = try ScriptedServer(respondingWith: sent)
        try await Self.withClient(of: server) { client async throws in
            for _ in 0..<3 {
                let response = try await client.execute(HTTPClientRequest(method, server.url()))
                #expect(response.status.code == code)
                #expect(response.body == [])
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `a chunked body arrives completely, with its trailers, however it is split`()
        async throws
    {
        let sent =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-Sum: 11\r\n\r\n"
        let server = try ScriptedServer { connection async throws in
            while try await connection.readRequest() != nil {
                for byte in sent.utf8 {
                    try await connection.send([byte])
                    await Task.yield()
                }
            }
        }
        try await Self.withClient(of: server) { client async throws in
            for _ in 0..<2 {
                try await client.withResponse(to: HTTPClientRequest(.get, server.url())) {
                    response async throws in
                    var pieces: [UInt8] = []
                    while let piece = try await response.next() { pieces += piece }
                    #expect(pieces == Array("hello world".utf8))
                    #expect(try await response.next() == nil)
                    #expect(await response.trailers()["X-Sum"] == "11")
                }
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `a body without a length ends with its connection`() async throws {
        let server = try ScriptedServer { connection async throws in
            _ = try await connection.readRequest()
            try await connection.send("HTTP/1.1 200 OK\r\n\r\nuntil ")
            try await connection.send("the end")
        }
        try await Self.withClient(of: server) { client async throws in
            let response = try await client.execute(HTTPClientRequest(.get, server.url()))
            #expect(response.text == "until the end")
        }
    }

    @Test func `a large body arrives completely, as fast as it is read`() async throws {
        let body = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 % 251) }
        let server = try ScriptedServer { connection async throws in
            while try await connection.readRequest() != nil {
                try await connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
                try await connection.send(body)
            }
        }
        try await Self.withClient(of: server) { client async throws in
            #expect(try await client.execute(HTTPClientRequest(.get, server.url())).body == body)
            try await client.withResponse(to: HTTPClientRequest(.get, server.url())) {
                response async throws in
                #expect(try await response.collect(upTo: body.count) == body)
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `trailers follow a body of unknown length`() async throws {
        let server = try ScriptedServer { connection async throws in
            while let request = try await connection.readRequest() {
                let text = request.hasSuffix("3\r\none\r\n0\r\nX-Sum: 42\r\n\r\n") ? "yes" : "no"
                try await connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
            }
        }
        try await Self.withClient(of: server) { client async throws in
            let sum = HTTPField.Name("X-Sum")!
            let text = try await client.withResponse(to: HTTPClientRequest(.put, server.url())) {
                try await $0.write("one")
                try await $0.setTrailers(Headers([sum: "42"]))
            } _: {
                String(decoding: try await $0.collect(upTo: 100), as: UTF8.self)
            }
            #expect(text == "yes")
            for (length, name) in [(3, sum), (nil, .contentLength)] as [(Int?, HTTPField.Name)] {
                await #expect {
                    try await client.withResponse(
                        to: HTTPClientRequest(.put, server.url()), bodyLength: length
                    ) {
                        try await $0.write("one")
                        try await $0.setTrailers(Headers([name: "42"]))
                    } _: {
                        $0.status
                    }
                } throws: {
                    if case .requestInvalid? = $0 as? ClientError { true } else { false }
                }
            }
        }
    }

    @Test func `a body is written piece by piece, chunked or with a length`() async throws {
        let server = try ScriptedServer { connection async throws in
            while let request = try await connection.readRequest() {
                let framing = request.contains("Transfer-Encoding: chunked") ? "chunked" : "length"
                let text =
                    "\(framing) \(request.hasSuffix("3\r\ntwo\r\n0\r\n\r\n") || request.hasSuffix("onetwo"))"
                try await connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
            }
        }
        try await Self.withClient(of: server) { client async throws in
            for (length, expected) in [(nil, "chunked true"), (6, "length true")]
                as [(Int?, String)]
            {
                let text = try await client.withResponse(
                    to: HTTPClientRequest(.put, server.url()), bodyLength: length
                ) { writer in
                    try await writer.write("one")
                    try await writer.write("two")
                } _: { response in
                    String(decoding: try await response.collect(upTo: 100), as: UTF8.self)
                }
                #expect(text == expected)
            }
            #expect(server.connectionCount == 1)
            let mismatch = ClientError.bodyLengthMismatch(
                written: 3, announced: 2, origin: "http://\(server.address)")
            await #expect(throws: mismatch) {
                try await client.withResponse(
                    to: HTTPClientRequest(.put, server.url()), bodyLength: 2
                ) {
                    try await $0.write("one")
                } _: {
                    $0.status
                }
            }
        }
    }

    @Test func `a response that arrives before the body was read is received`()
        async throws
    {
        let server = try ScriptedServer { connection async throws in
            _ = try await connection.read()
            try await connection.send(
                "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            // Continue to read, so that no reset discards the response.
            while try await !connection.read().isEmpty {}
        }
        try await Self.withClient(of: server) { client async throws in
            let request = HTTPClientRequest(
                .post, server.url(), body: .bytes([UInt8](repeating: 1, count: 1 << 20)))
            #expect(try await client.execute(request).status.code == 413)
        }
    }

    @Test func `a task on a loop sends on that loop`() async throws {
        let server = try ScriptedServer(respondingWith: Self.hello)
        try await Self.withClient(of: server) { client async throws in
            let loop = EventLoopGroup.shared.next()
            let url = server.url()
            let stayed = try await Task(executorPreference: loop) { () async throws in
                try await client.withResponse(to: HTTPClientRequest(.get, url)) {
                    response async throws in
                    guard loop.isCurrent else { return false }
                    _ = try await response.collect(upTo: 5)
                    return loop.isCurrent
                }
            }.value
            #expect(stayed)
        }
    }

    @MainActor @Test func `a task of an actor may send and stream`() async throws {
        let server = try ScriptedServer(respondingWith: Self.hello)
        try await Self.withClient(of: server) { client async throws in
            #expect(try await client.execute(HTTPClientRequest(.get, server.url())).text == "hello")
            var count = 0
            try await client.withResponse(to: HTTPClientRequest(.get, server.url())) {
                response async throws in
                MainActor.assertIsolated()
                while let piece = try await response.next() { count += piece.count }
                MainActor.assertIsolated()
            }
            #expect(count == 5)
        }
    }

    @Test func `concurrent requests share the allowed connections`() async throws {
        let server = try ScriptedServer(respondingWith: Self.hello)
        var limits = ClientLimits()
        limits.maxConnectionsPerHost = 3
        try await Self.withClient(of: server, limits: limits) { client async throws in
            let url = server.url()
            let count = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 0..<200 {
                    tasks.addTask {
                        try await client.execute(HTTPClientRequest(.get, url)).body.count
                    }
                }
                return try await tasks.reduce(0, +)
            }
            #expect(count == 1_000)
            #expect(server.connectionCount <= 3)
        }
    }
}

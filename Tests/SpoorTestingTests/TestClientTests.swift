import HTTPTypes
import SpoorClient
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import Synchronization
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct TestClientTests {
    /// Runs `body` with a client of the tested service.
    static func withClient(
        over mode: TestMode, limits: ServerLimits = ServerLimits(),
        _ body: (TestClient) async throws -> Void
    ) async throws {
        try await withTestClient(
            over: mode, middleware: TestedService.middleware, handler: TestedService.routes(),
            limits: limits, body)
    }

    @Test(arguments: TestMode.allCases)
    func `whole messages go through the chain and back`(over mode: TestMode) async throws {
        try await Self.withClient(over: mode) { client async throws in
            let hello = try await client.get("/hello/you")
            #expect(hello.status == .ok)
            #expect(hello.text == "hello you")
            #expect(hello["SERVER"] == "stamped")
            #expect(hello["Content-Length"] == "9")

            let head = try await client.head("/hello/you")
            #expect(head.status == .ok)
            #expect(head.body.isEmpty)
            #expect(head["Content-Length"] == "9")

            let headers = Headers.named(["content-type": "text/odd"])
            let echo = try await client.post("/echo", headers: headers, body: .text("äöü"))
            #expect(echo.text == "äöü")
            #expect(echo.headers[.contentType] == "text/odd")

            #expect(try await client.delete("/hello/you").status == .noContent)
            #expect(try await client.put("/length", body: .bytes([1, 2, 3])).text.contains(" 3 "))
        }
    }

    @Test(arguments: TestMode.allCases)
    func `rejections and errors are responses`(over mode: TestMode) async throws {
        var limits = ServerLimits()
        limits.http1.maxBodyBytes = 10
        try await Self.withClient(over: mode, limits: limits) { client async throws in
            #expect(try await client.get("/none").status == .notFound)
            let wrongMethod = try await client.put("/hello/you", body: .none)
            #expect(wrongMethod.status == .methodNotAllowed)
            #expect(wrongMethod["Allow"]?.contains("GET") == true)
            let rejected = try await client.get("/refused")
            #expect(rejected.status == .conflict)
            #expect(rejected.text.hasSuffix(#""detail":"not now"}"#))
            #expect(try await client.get("/failing").status == .internalServerError)
            let large = try await client.put(
                "/length", body: .bytes([UInt8](repeating: 1, count: 11)))
            #expect(large.status == .contentTooLarge)
        }
    }

    @Test(arguments: TestMode.allCases)
    func `consecutive requests use one connection`(over mode: TestMode) async throws {
        try await Self.withClient(over: mode) { client async throws in
            for name in ["a", "b", "c"] {
                #expect(try await client.get("/hello/\(name)").text == "hello \(name)")
            }
            #expect(client.client.counters.connectionsOpened == 1)
            #expect(client.client.counters.connectionsReused == 2)
        }
    }

    @Test(arguments: TestMode.allCases)
    func `bodies are written in pieces, and trailers follow the response`(
        over mode: TestMode
    ) async throws {
        try await Self.withClient(over: mode) { client async throws in
            for (length, expected) in [(nil, "unknown 6 -"), (6, "bytes(6) 6 -")]
                as [(Int?, String)]
            {
                let text = try await client.withResponse(.put, "/length", bodyLength: length) {
                    try await $0.write("one")
                    try await $0.write("two")
                } _: {
                    try await TestResponse(collecting: $0).text
                }
                #expect(text == expected)
            }
            let response = try await client.get("/trailers")
            #expect(response.text == "body")
            #expect(response.trailers == Headers([TestedService.sum: "sum"]))
        }
    }

    @Test(arguments: TestMode.allCases)
    func `a response is read while its handler is still running`(over mode: TestMode) async throws {
        let gate = Gate()
        var routes = Router()
        routes.stream(.get, "/slow") { exchange in
            try await exchange.response.write("first")
            try await exchange.response.flush()
            try await gate.wait()
            try await exchange.response.write("second")
        }
        try await withTestClient(over: mode, handler: routes) { client async throws in
            try await client.withResponse(.get, "/slow") { response async throws in
                #expect(try await response.next() == Array("first".utf8))
                gate.open()
                #expect(try await response.collect(upTo: 100) == Array("second".utf8))
            }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `a handler waits for a client that does not read, and ends when it disconnects`(
        over mode: TestMode
    ) async throws {
        let (left, leaving) = AsyncStream.makeStream(of: Int.self)
        var routes = Router()
        let piece = [UInt8](repeating: 0x61, count: 1 << 16)
        routes.stream(.get, "/endless") { exchange in
            var count = 0
            defer { leaving.yield(count) }
            while true {
                try await exchange.response.write(piece)
                count += 1
            }
        }
        try await withTestClient(over: mode, handler: routes) { client async throws in
            let first = try await client.withResponse(.get, "/endless") { try await $0.next() }
            #expect(first?.isEmpty == false)
            for await count in left {
                // More than the kernel buffers for a connection.
                #expect(count < 1024)
                break
            }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `cancelling a request disconnects the client`(over mode: TestMode) async throws {
        let entered = Gate()
        let gate = Gate()
        var routes = TestedService.routes()
        routes.get("/slow") { _ in
            entered.open()
            try await gate.wait()
            return "slow"
        }
        try await withTestClient(over: mode, handler: routes) { client async throws in
            let slow = Task { try await client.get("/slow") }
            try await entered.wait()
            slow.cancel()
            await #expect(throws: ClientError.cancelled) { try await slow.value }
            gate.open()
            #expect(try await client.get("/hello/again").text == "hello again")
        }
    }

    @Test(arguments: TestMode.allCases)
    func `a test that fails does not wait for requests in progress`(over mode: TestMode)
        async throws
    {
        let entered = Gate()
        var routes = Router()
        routes.get("/never") { _ in
            entered.open()
            try await Gate().wait()
            return "never"
        }
        await #expect(throws: TestedService.Failure.self) {
            try await withTestClient(over: mode, handler: routes) { client async throws in
                async let _ = client.get("/never")
                try await entered.wait()
                throw TestedService.Failure()
            }
        }
    }

    @MainActor @Test(arguments: TestMode.allCases)
    func `an actor's test stays on its actor`(over mode: TestMode) async throws {
        try await withTestClient(over: mode, handler: TestedService.routes()) {
            client async throws in
            MainActor.assertIsolated()
            #expect(try await client.get("/hello/you").text == "hello you")
            try await client.withRawConnection { peer async throws in
                MainActor.assertIsolated()
                try await peer.send("GET /hello/raw HTTP/1.0\r\n\r\n")
                #expect(try await peer.readToEnd().hasSuffix("hello raw"))
            }
            MainActor.assertIsolated()
        }
    }
}

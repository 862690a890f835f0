import Glibc
import HTTPTypes
import Logging
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import Synchronization
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct BadHandlerTests {
    private struct Mishap: Error {}

    /// Handlers that make mistakes.
    private static func routes(hung: Gate) -> Router {
        var routes = Router()
        routes.get("/good") { _ in "good" }
        routes.get("/throws") { _ -> String in throw Mishap() }
        routes.stream(.get, "/throws-late") { exchange in
            try await exchange.response.write("begun")
            try await exchange.response.flush()
            throw Mishap()
        }
        routes.stream(.get, "/hangs") { exchange in
            hung.open()
            try? await Gate().wait()
        }
        routes.stream(.get, "/writes-after-end") { exchange in
            try await exchange.response.finish()
            try await exchange.response.write("too late")
        }
        routes.stream(.get, "/writes-nothing") { exchange in }
        routes.get("/bad-field") { exchange in
            exchange.response.headers[.location] = "a\r\nSet-Cookie: b"
            return "never"
        }
        routes.stream(.get, "/writes-too-much") { exchange in
            try await exchange.response.start(bodyLength: 1)
            try await exchange.response.write("too much")
        }
        routes.stream(.get, "/writes-too-little") { exchange in
            try await exchange.response.start(bodyLength: 10)
        }
        return routes
    }

    @Test(arguments: ["-5", "5x", "", "99999999999999999999", "nil"])
    func `an invalid announced length leads to a 500, and is logged`(length: String) async throws {
        let log = LogRecorder()
        let handler = StreamingHandler { exchange in
            if length == "nil" { try await exchange.response.start(bodyLength: -5) }
            exchange.response.headers[.contentLength] = length
            try await exchange.response.write("hello")
        }
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: handler, loopCount: 1, logger: log.logger)
        let running = Task { try await server.run() }
        let response = try await RawConnection.roundTrip(
            to: try await server.localAddresses()[0],
            ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
        #expect(response.hasPrefix("HTTP/1.1 500 "))
        #expect(!response.contains("hello"))
        let line = try #require(log.lines.first { $0.metadata["error"] != nil })
        #expect(line.level == .error)
        #expect(line.metadata["error"]?.contains("announced a length") == true)
        server.triggerGracefulShutdown()
        try await running.value
    }

    @Test func `work that a blocking pool rejects leads to a 503 with Retry-After`()
        async throws
    {
        let pool = BlockingPool(maxThreads: 1, maxQueuedJobs: 1)
        let isOpen = Atomic(false)
        for _ in 0..<2 {
            let rejection = pool.submit {
                while !isOpen.load(ordering: .acquiring) { usleep(100) }
            }
            #expect(rejection == nil)
        }
        let handler = AsyncHandler { _ in try await pool.run { "done" } }
        try await withServer(handler: handler) { bound, _ in
            let response = try await RawConnection.roundTrip(
                to: bound, ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
            #expect(response.hasPrefix("HTTP/1.1 503 "))
            #expect(response.contains("Retry-After: 1\r\n"))
        }
        isOpen.store(true, ordering: .releasing)
    }

    @Test(arguments: [
        "throws", "throws-late", "writes-after-end", "writes-nothing", "bad-field",
        "writes-too-much",
        "writes-too-little",
    ])
    func `a faulty handler affects no other request`(path: String) async throws {
        let hung = Gate()
        try await withServer(handler: Self.routes(hung: hung)) { bound, server in
            try await RawConnection.connected(to: bound) { other in
                try await Self.expectGood(other)
                let response = try await RawConnection.roundTrip(
                    to: bound, ["GET /\(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
                // If nothing has been sent when it is too late for a response, the connection only ends.
                #expect(response.isEmpty || response.hasPrefix("HTTP/1.1 "))
                #expect(!response.contains("Set-Cookie"))
                try await Self.expectGood(other)
            }
        }
    }

    @Test func `a handler that hangs blocks its own connection only, until the timeout`()
        async throws
    {
        let hung = Gate()
        var limits = ServerLimits()
        limits.gracefulShutdownTimeout = .milliseconds(20)
        try await withServer(handler: Self.routes(hung: hung), limits: limits) { bound, server in
            try await RawConnection.connected(to: bound) { other in
                async let never = RawConnection.roundTrip(
                    to: bound, ["GET /hangs HTTP/1.1\r\nHost: a\r\n\r\n"])
                try await hung.wait()
                for _ in 0..<10 { try await Self.expectGood(other) }
                server.triggerGracefulShutdown()
                // A handler that returns when it is cancelled may still send a response; no request follows.
                let response = (try? await never) ?? ""
                #expect(response.isEmpty || response.contains("Connection: close"))
            }
        }
    }

    /// Handlers that end with an interim status, in each way in which a status can be set.
    private static let interimHandlers: [@Sendable (HTTPResponse.Status) -> any Handler] = [
        { status in
            SyncHandler { _ in
                Response(status: status, headers: [.retryAfter: "5"], text: "x")
            }
        },
        { status in SyncHandler { _ -> Response in throw HTTPError(status) } },
        { status in StreamingHandler { exchange in exchange.response.status = status } },
        { status in
            StreamingHandler { exchange in
                exchange.response.status = status
                try await exchange.response.write("x")
            }
        },
        { status in
            StreamingHandler { exchange in
                exchange.response.status = status
                try await exchange.response.start(bodyLength: 1)
            }
        },
    ]

    @Test(arguments: [100, 101, 103, 199], interimHandlers.indices)
    func `a response with an interim status is not sent, and the error states why`(
        code: Int, index: Int
    ) async throws {
        let lines = LogRecorder()
        let handler = Self.interimHandlers[index](.init(code: code))
        let middleware: [any Middleware] = [AccessLog(logger: lines.logger)]
        try await withServer(middleware: middleware, handler: handler) { bound, _ in
            let received = try await RawConnection.roundTrip(
                to: bound,
                [
                    "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\nUpgrade: echo\r\n\r\n"
                ])
            #expect(received.hasPrefix("HTTP/1.1 500 "))
            #expect(received.hasSuffix(#""title":"Internal Server Error","status":500}"#))
            #expect(!received.contains("Retry-After: "))
        }
        #expect(lines.lines.count == 1)
        #expect(lines.lines.first?.metadata["status"] == "500")
        let error = lines.lines.first?.metadata["error"]
        #expect(error?.contains("its status \(code) is below 200") == true)
        #expect(error?.contains("sendInterim") == true)
    }

    @Test(arguments: [
        "GET /half HTTP/1.1\r\nHost: a\r\n\r\n", "GET /throws-late HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
    ])
    func `a request that ends the connection does not affect complete responses before it`(
        last: String
    ) async throws {
        var routes = Router()
        routes.get("/c") { _ in "complete" }
        routes.stream(.get, "/half") { exchange in
            try await exchange.response.start(bodyLength: 10)
            try await exchange.response.write("12345")
            try await exchange.response.flush()
        }
        routes.stream(.get, "/throws-late") { exchange in
            try await exchange.response.write("12345")
            try await exchange.response.flush()
            throw CancellationError()
        }
        routes.stream(.post, "/echo") { exchange in
            while let piece = try await exchange.body.next() {
                try await exchange.response.write(piece)
            }
        }
        try await withServer(handler: routes) { bound, _ in
            let good = "GET /c HTTP/1.1\r\nHost: a\r\n\r\n"
            let received = try await RawConnection.roundTrip(to: bound, [good + good + last])
            #expect(
                received.split(separator: "complete", omittingEmptySubsequences: false).count == 3,
                "\(received)")
        }
    }

    @Test func `the server logs errors that became a 500 or aborted a response`()
        async throws
    {
        let log = LogRecorder()
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: Self.routes(hung: Gate()), loopCount: 1,
            logger: log.logger)
        let running = Task { try await server.run() }
        let bound = try await server.localAddresses()[0]
        for path in ["good", "throws", "writes-nothing", "throws-late", "nowhere"] {
            _ = try await RawConnection.roundTrip(
                to: bound, ["GET /\(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
        }
        server.triggerGracefulShutdown()
        try await running.value
        let errors = log.lines.filter { $0.level == .error }
        #expect(
            errors.map(\.message) == [
                "error answered with 500", "error answered with 500",
                "response aborted by error",
            ])
        #expect(
            errors.map { $0.metadata["route"] } == ["/throws", "/writes-nothing", "/throws-late"])
        #expect(errors.map { $0.metadata["method"] } == ["GET", "GET", "GET"])
        #expect(errors.first?.metadata["error"] == "Mishap()")
        #expect(
            errors.dropFirst().first?.metadata["error.type"] == "SpoorMiddleware.NoResponseError")
    }

    private static func expectGood(_ peer: RawConnection) async throws {
        try await peer.send("GET /good HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await peer.read(until: "good").hasSuffix("good"))
    }
}

import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

/// Errors after a handler has begun to write: as long as no byte has left the server, the error determines the
/// response.
@Suite(.finishes(within: .seconds(60))) struct DiscardedResponseTests {
    private struct Mishap: Error {}

    private static func routes() -> Router {
        var routes = Router()
        routes.get("/good") { _ in "good" }
        routes.stream(.get, "/forbidden") { exchange in
            exchange.response.status = .created
            exchange.response.headers[.contentType] = "text/csv"
            exchange.response.headers[.vary] = "Cookie"
            try await exchange.response.write("secret")
            throw HTTPError(.forbidden)
        }
        routes.stream(.get, "/mishap") { exchange in
            try await exchange.response.write("secret")
            throw Mishap()
        }
        routes.get("/returned") { exchange in
            try await exchange.response.write("secret")
            return Response(text: "second")
        }
        routes.stream(.get, "/short") { exchange in
            try await exchange.response.start(bodyLength: 10)
            try await exchange.response.write("secret")
        }
        routes.stream(.get, "/long") { exchange in
            try await exchange.response.start(bodyLength: 6)
            try await exchange.response.write("secret")
            try await exchange.response.write("!")
        }
        routes.stream(.get, "/flushed") { exchange in
            try await exchange.response.write("public")
            try await exchange.response.flush()
            try await exchange.response.write("secret")
            throw HTTPError(.forbidden)
        }
        routes.stream(.post, "/echo") { exchange in
            while let piece = try await exchange.body.next() {
                try await exchange.response.write(piece)
            }
        }
        return routes
    }

    private static func request(_ path: String, version: String = "1.1") -> String {
        "GET \(path) HTTP/\(version)\r\nHost: a\r\nAccept: text/plain\r\n\r\n"
    }

    @Test(
        arguments: TestMode.allCases,
        [
            ("forbidden", 403, "403 Forbidden\n"), ("mishap", 500, "500 Internal Server Error\n"),
            ("returned", 500, "500 Internal Server Error\n"),
            ("short", 500, "500 Internal Server Error\n"),
            ("long", 500, "500 Internal Server Error\n"),
        ])
    func `an error replaces what was written, on a connection that is kept`(
        mode: TestMode, fault: (path: String, status: Int, text: String)
    ) async throws {
        try await withTestClient(over: mode, handler: Self.routes()) { client in
            let text = try await client.withRawConnection { peer in
                try await peer.send(Self.request("/" + fault.path))
                let head = try await peer.read(until: "\r\n\r\n")
                let body = try await peer.read(count: fault.text.utf8.count)
                try await peer.send(Self.request("/good"))
                let next = try await peer.read(until: "good")
                return head + String(decoding: body, as: UTF8.self) + "|" + next
            }
            #expect(text.hasPrefix("HTTP/1.1 \(fault.status) "))
            #expect(text.contains("Content-Length: \(fault.text.utf8.count)\r\n"))
            #expect(text.contains("\r\n\r\n\(fault.text)|HTTP/1.1 200 OK\r\n"))
            for trace in ["secret", "second", "csv", "chunked", "Connection: close"] {
                #expect(!text.contains(trace), "\(text)")
            }
            #expect(text.contains("Vary: Cookie") == (fault.path == "forbidden"))
            let response = try await client.get("/" + fault.path, headers: [.accept: "text/plain"])
            #expect(response.status.code == fault.status && response.text == fault.text)
        }
    }

    @Test(arguments: TestMode.allCases)
    func `an error replaces no response of which bytes have been sent`(mode: TestMode) async throws
    {
        try await withTestClient(over: mode, handler: Self.routes()) { client in
            await #expect(throws: (any Error).self) { try await client.get("/flushed") }
        }
        try await withServer(handler: Self.routes()) { bound, _ in
            let received = try await RawConnection.roundTrip(to: bound, [Self.request("/flushed")])
            #expect(received.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(received.contains("public") && !received.contains("403"))
            #expect(!received.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func `an error replaces what was written, also for HEAD and HTTP/1.0`()
        async throws
    {
        try await withServer(handler: Self.routes()) { bound, _ in
            let head = try await RawConnection.roundTrip(
                to: bound,
                [
                    "HEAD /forbidden HTTP/1.1\r\nHost: a\r\nAccept: text/plain\r\nConnection: close\r\n\r\n"
                ])
            #expect(head.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
            #expect(head.contains("Content-Length: 14\r\n") && head.hasSuffix("\r\n\r\n"))
            let old = try await RawConnection.roundTrip(
                to: bound, [Self.request("/forbidden", version: "1.0")])
            #expect(old.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
            #expect(old.hasSuffix("\r\n\r\n403 Forbidden\n") && !old.contains("secret"))
        }
    }

    @Test func `an error replaces one of several pipelined responses`() async throws {
        let pipelined = ["/good", "/forbidden", "/good", "/short", "/good"].map {
            Self.request($0)
        }
        try await withServer(handler: Self.routes()) { bound, _ in
            for pieces in [[pipelined.joined()], pipelined.joined().map { String($0) }] {
                let received = try await RawConnection.roundTrip(
                    to: bound,
                    pieces + ["GET /good HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
                let statuses = received.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
                #expect(statuses == ["200", "403", "200", "500", "200", "200"], "\(received)")
                #expect(!received.contains("secret"))
            }
        }
    }

    @Test func `a body above its limit leads to a 413, although the response has begun`()
        async throws
    {
        var limits = ServerLimits()
        limits.http1.maxBodyBytes = 4
        try await withTestClient(handler: Self.routes(), limits: limits) { client in
            let received = try await client.roundTrip([
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"
            ])
            #expect(received.hasPrefix("HTTP/1.1 413 "))
            #expect(!received.contains("abc"))
        }
    }

    // MARK: Middlewares

    /// Creates its own response to any error.
    private struct Apologising: Middleware {
        let writes: Bool

        func intercept(_ exchange: Exchange, next: Next) async throws {
            do {
                try await next(exchange)
            } catch {
                guard !exchange.response.isHeadSent else { throw error }
                exchange.response.status = .init(code: 418)
                guard writes else { return try await exchange.response.send("sorry".response()) }
                try await exchange.response.write("sor")
                try await exchange.response.write("ry")
            }
        }
    }

    @Test(arguments: [true, false])
    func `a middleware can respond to an error after the handler has written`(
        writes: Bool
    ) async throws {
        try await withTestClient(
            middleware: [Apologising(writes: writes)], handler: Self.routes()
        ) { client in
            for path in ["/forbidden", "/mishap", "/short"] {
                let response = try await client.get(path)
                #expect(response.status.code == 418)
                #expect(response.text == "sorry")
            }
        }
    }

    private struct Failing: Middleware {
        let writesBefore: Bool

        func intercept(_ exchange: Exchange, next: Next) async throws {
            if writesBefore {
                try await exchange.response.write("secret")
            } else {
                try await next(exchange)
            }
            throw HTTPError(.forbidden)
        }
    }

    @Test
    func
        `the response of a middleware that writes and throws is replaced, one that throws after next is not`()
        async throws
    {
        try await withTestClient(
            middleware: [Failing(writesBefore: true)], handler: Self.routes()
        ) { client in
            let response = try await client.get("/good", headers: [.accept: "text/plain"])
            #expect(response.status == .forbidden && response.text == "403 Forbidden\n")
        }
        try await withTestClient(
            middleware: [Failing(writesBefore: false)], handler: Self.routes()
        ) { client in
            let received = try await client.roundTrip([
                Self.request("/good") + Self.request("/good")
            ])
            #expect(received.hasPrefix("HTTP/1.1 200 OK\r\n") && received.hasSuffix("good"))
            #expect(received.split(separator: "HTTP/1.1 ").count == 1)
        }
    }

    @Test func `a handler that times out after it has written leads to a 503`() async throws {
        var routes = Router()
        routes.stream(.get, "/slow") { exchange in
            try await exchange.response.write("secret")
            try await Gate().wait()
        }
        try await withTestClient(
            middleware: [RequestTimeout(.milliseconds(20))], handler: routes
        ) { client in
            let response = try await client.get("/slow", headers: [.accept: "text/plain"])
            #expect(response.status == .serviceUnavailable)
            #expect(response.text == "503 Service Unavailable\n")
        }
    }

    @Test(arguments: [10, 100_000])
    func `a response that is returned after the timeout has no effect on the 503`(count: Int)
        async throws
    {
        let handler = AsyncHandler { exchange in
            exchange.response.headers[.vary] = "Origin"
            // Ends with the cancellation, which this handler ignores.
            try? await Gate().wait()
            return Response(
                status: .created,
                headers: [.setCookie: "late=1", .location: "/late", .vary: "Cookie"],
                bytes: [UInt8](repeating: 120, count: count))
        }
        try await withTestClient(
            middleware: [RequestTimeout(.milliseconds(20))], handler: handler
        ) { client in
            let response = try await client.get("/", headers: [.accept: "text/plain"])
            #expect(response.status == .serviceUnavailable)
            #expect(response["Vary"] == "Origin, Accept")
            #expect(response["Set-Cookie"] == nil)
            #expect(response["Location"] == nil)
            #expect(response.text == "503 Service Unavailable\n")
        }
    }

    // MARK: Logs

    @Test func `a replaced response is logged as an ordinary error`() async throws {
        let log = LogRecorder()
        let server = HTTPServer(
            listening: .loopback(port: 0), middleware: [AccessLog(logger: log.logger)],
            handler: Self.routes(), loopCount: 1, logger: log.logger)
        let running = Task { try await server.run() }
        let bound = try await server.localAddresses()[0]
        for path in ["forbidden", "mishap", "returned", "flushed"] {
            _ = try await RawConnection.roundTrip(
                to: bound,
                [
                    "GET /\(path) HTTP/1.1\r\nHost: a\r\nAccept: text/plain\r\nConnection: close\r\n\r\n"
                ])
        }
        server.triggerGracefulShutdown()
        try await running.value
        let requests = log.lines.filter { $0.message == "request" }
        #expect(requests.map { $0.metadata["status"] } == ["403", "500", "500", "200"])
        #expect(
            requests.map { $0.metadata["outcome"] }
                == ["completed", "completed", "completed", "aborted"])
        #expect(requests.first?.metadata["bytes"] == "14")
        #expect(requests.map(\.level) == [.info, .error, .error, .error])
        let errors = log.lines.filter { $0.level == .error && $0.message != "request" }
        #expect(
            errors.map(\.message) == [
                "error answered with 500", "error answered with 500",
                "response aborted by error",
            ])
        #expect(errors.map { $0.metadata["route"] } == ["/mishap", "/returned", "/flushed"])
        #expect(log.lines.filter { $0.message == "connection aborted" }.count == 1)
    }
}

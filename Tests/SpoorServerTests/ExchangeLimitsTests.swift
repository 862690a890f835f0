import HTTPTypes
import SpoorTesting
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct ExchangeLimitsTests {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func post(_ target: String, _ count: Int, headers: String = "") -> String {
        "POST \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(count)\r\n"
            + "\(headers)\r\n"
    }

    private static func echoes() -> Router {
        var routes = Router()
        let echo: @Sendable @concurrent (Exchange) async throws -> [UInt8] = { exchange in
            try await exchange.body.collect(upTo: 1 << 20)
        }
        routes.post("/usual", echo)
        routes.group([BodyLimit(maxBytes: 3)]) { $0.post("/small", echo) }
        routes.group([BodyLimit(maxBytes: 100)]) { routes in
            routes.post("/large", echo)
            routes.group([BodyLimit(maxBytes: 100, needsLength: true)]) { $0.post("/known", echo) }
        }
        return routes
    }

    @Test(arguments: [
        "X-Sum: 1\r\nbad line\r\n\r\n", "X-Sum: 1\r\nX-Other: 2\r\n", "X-Sum: 1\r\n\r\n",
    ])
    func `a handler may read trailers regardless of the result of the body`(section: String)
        async throws
    {
        var routes = Router()
        routes.post("/look") { exchange in
            do { while try await exchange.body.next() != nil {} } catch {}
            let sum = exchange.body.trailers["x-sum"] ?? "none"
            return "\(exchange.body.trailers.description.isEmpty) \(sum)"
        }
        let isWhole = section == "X-Sum: 1\r\n\r\n"
        try await withServer(handler: routes) { bound, _ in
            let response = try await RawConnection.roundTrip(
                to: bound,
                [
                    "POST /look HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n" + section
                ], closesOutput: true)
            #expect(response.hasSuffix(isWhole ? "false 1" : "true none"))
        }
    }

    @Test func `an early response to a body above the route's limit contains close, and arrives`()
        async throws
    {
        var routes = Router()
        routes.group([BodyLimit(maxBytes: 1000)]) { $0.post("/unread") { _ in "unread" } }
        try await withServer(handler: routes) { bound, _ in
            for count in [2000, 200_000] {
                let received = try await RawConnection.roundTrip(
                    to: bound,
                    [
                        "POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n"
                            + String(repeating: "x", count: count)
                    ])
                #expect(received.contains("Connection: close\r\n"))
                #expect(received.hasSuffix("unread"))
            }
        }
    }

    @Test func `an early response to a malformed body arrives`() async throws {
        var routes = Router()
        routes.post("/unread") { _ in "unread" }
        try await withServer(handler: routes) { bound, _ in
            let received = try await RawConnection.roundTrip(
                to: bound,
                [
                    "POST /unread HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"
                        + String(repeating: "x", count: 400_000)
                ])
            #expect(received.hasSuffix("unread"))
        }
    }

    @Test(arguments: [
        ("/usual", 10, 200), ("/usual", 11, 413), ("/small", 3, 200), ("/small", 4, 413),
        ("/large", 100, 200), ("/large", 101, 413),
    ])
    func `a route may lower and raise the limit for bodies`(
        target: String, count: Int, status: Int
    ) async throws {
        var limits = ServerLimits()
        limits.http1.maxBodyBytes = 10
        let body = String(repeating: "x", count: count)
        let chunked =
            "POST \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n\(String(count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
        try await withServer(handler: Self.echoes(), limits: limits) { bound, _ in
            for request in [Self.post(target, count) + body, chunked] {
                let response = try await RawConnection.roundTrip(to: bound, [request])
                #expect(response.hasPrefix("HTTP/1.1 \(status) "))
            }
        }
    }

    @Test func `a client that announces too large a body receives no 100 Continue`() async throws {
        try await withServer(handler: Self.echoes()) { bound, _ in
            let response = try await RawConnection.roundTrip(
                to: bound, [Self.post("/small", 4, headers: "Expect: 100-continue\r\n")])
            #expect(response.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func `a route that requires the length rejects requests without it`()
        async throws
    {
        let request =
            "POST /known HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        try await withServer(handler: Self.echoes()) { bound, _ in
            let response = try await RawConnection.roundTrip(to: bound, [request])
            #expect(response.hasPrefix("HTTP/1.1 411 "))
        }
    }

    @Test func `the last response of a connection contains close`() async throws {
        var limits = ServerLimits()
        limits.maxRequestsPerConnection = 3
        try await withServer(handler: SyncHandler { _ in "x" }, limits: limits) { bound, _ in
            let received = try await RawConnection.connected(to: bound) { peer in
                try await peer.send(Self.get)
                let first = try await peer.read(until: "\r\n\r\nx")
                #expect(!first.contains("Connection: close"))
                try await peer.send(Self.get + Self.get + Self.get)
                return try await peer.readToEnd()
            }
            #expect(received.matches(of: "HTTP/1.1 200") == 2)
            #expect(received.matches(of: "Connection: close") == 1)
        }
    }

    @Test(arguments: [1, 3, 1000])
    func `pipelined requests are all answered, however few responses are batched`(count: Int)
        async throws
    {
        var limits = ServerLimits()
        limits.maxPipelinedResponses = count
        try await withServer(handler: SyncHandler { _ in "x" }, limits: limits) { bound, _ in
            let last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let received = try await RawConnection.roundTrip(
                to: bound, [String(repeating: Self.get, count: 99) + last])
            #expect(received.matches(of: "HTTP/1.1 200") == 100)
        }
    }

    @Test func `a handler that takes too long is cancelled, and the peer receives a 503`()
        async throws
    {
        let handler = AsyncHandler { _ in
            try await Gate().wait()
            return "late"
        }
        let middleware = [RequestTimeout(.milliseconds(20))]
        try await withServer(middleware: middleware, handler: handler) { bound, _ in
            let response = try await RawConnection.roundTrip(to: bound, [Self.get + Self.get])
            #expect(response.hasPrefix("HTTP/1.1 503 "))
            #expect(response.contains("Connection: close\r\n"))
            #expect(response.matches(of: "HTTP/1.1") == 1)
        }
    }

    @Test func `a slow body is ended by the timeout of its handler`() async throws {
        let middleware = [RequestTimeout(.milliseconds(20), status: .gatewayTimeout)]
        try await withServer(middleware: middleware, handler: Self.echoes()) { bound, _ in
            let response = try await RawConnection.roundTrip(
                to: bound, [Self.post("/usual", 10) + "abc"])
            #expect(response.hasPrefix("HTTP/1.1 504 "))
        }
    }

    @Test func `a response that takes too long is aborted`() async throws {
        let handler = StreamingHandler { exchange in
            while true {
                try await exchange.response.write("piece;")
                await Task.yield()
            }
        }
        let middleware = [RequestTimeout(.milliseconds(20))]
        try await withServer(middleware: middleware, handler: handler) { bound, _ in
            let received = try? await RawConnection.roundTrip(to: bound, [Self.get])
            #expect(received?.hasSuffix("0\r\n\r\n") != true)
        }
    }

    @Test func `a stream that begins after its timeout is answered like one that never began`()
        async throws
    {
        let handler = StreamingHandler { exchange in
            // Ends with the cancellation, which this handler ignores.
            try? await Gate().wait()
            try await exchange.response.write("late")
        }
        let middleware = [RequestTimeout(.milliseconds(20))]
        try await withServer(middleware: middleware, handler: handler) { bound, _ in
            let response = try await RawConnection.roundTrip(to: bound, [Self.get])
            #expect(response.hasPrefix("HTTP/1.1 503 "))
        }
    }

    @Test func `each request has its own timeout`() async throws {
        let middleware = [RequestTimeout(.seconds(3600))]
        try await withServer(middleware: middleware, handler: SyncHandler { _ in "x" }) {
            bound, _ in
            let last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let response = try await RawConnection.roundTrip(to: bound, [Self.get + last])
            #expect(response.matches(of: "HTTP/1.1 200") == 2)
        }
    }

    @Test func `a slow body is rejected for its rate, not for a pause`() async throws {
        var limits = ServerLimits()
        // No peer is this fast, so the sum of all waits is limited to that of one.
        limits.bodyTimeout = .milliseconds(100)
        limits.minBodyBytesPerSecond = .max
        limits.lingerTimeout = .milliseconds(100)
        try await withServer(handler: Self.echoes(), limits: limits) { bound, _ in
            let response = try await RawConnection.connected(to: bound) { peer in
                async let response = peer.readToEnd()
                try await peer.send(Self.post("/usual", 1_000_000))
                // Never pauses; ends when the server has closed.
                while (try? await peer.send("x")) != nil {}
                return try await response
            }
            #expect(response.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func `early hints are sent before the response, but not to HTTP/1.0 clients`()
        async throws
    {
        let handler = AsyncHandler { exchange in
            var hints = Headers()
            if let link = HTTPField.Name("Link") { hints[link] = "</a.css>; rel=preload" }
            try await exchange.response.sendInterim(.init(code: 103), headers: hints)
            await #expect(throws: ResponseStateError.statusNotInterim) {
                try await exchange.response.sendInterim(.ok)
            }
            return "x"
        }
        try await withServer(handler: handler) { bound, _ in
            let received = try await RawConnection.roundTrip(
                to: bound, ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
            #expect(received.hasPrefix("HTTP/1.1 103 "))
            #expect(received.contains("Link: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n"))
            let old = try await RawConnection.roundTrip(to: bound, ["GET / HTTP/1.0\r\n\r\n"])
            #expect(old.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `trailers of chunked bodies are received and sent`() async throws {
        let handler = StreamingHandler { exchange in
            let body = try await exchange.body.collect(upTo: 100)
            exchange.response.headers[.trailer] = "X-Sum"
            try await exchange.response.write(body)
            var trailers = Headers()
            if let sum = HTTPField.Name("X-Sum") {
                trailers[sum] = exchange.body.trailers[sum]
            }
            try await exchange.response.finish(trailers: trailers)
        }
        let body = "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 42\r\n\r\n"
        try await withServer(handler: handler) { bound, _ in
            let response = try await RawConnection.roundTrip(
                to: bound, ["POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + body])
            #expect(response.contains("Trailer: X-Sum\r\n"))
            #expect(response.hasSuffix("3\r\nabc\r\n0\r\nX-Sum: 42\r\n\r\n"))
        }
    }
}

extension String {
    /// Returns the number of occurrences of a text.
    fileprivate func matches(of text: String) -> Int {
        split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}

import HTTPTypes
import SpoorTesting
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import Synchronization
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct HTTPServerTests {
    static func routes() -> Router {
        var routes = Router()
        routes.get("/") { _ in "root" }
        routes.get("/hello/{name}") { exchange in "hello \(exchange.parameters["name"] ?? "-")" }
        routes.post("/echo") { exchange in try await exchange.body.collect(upTo: 1 << 26) }
        routes.stream(.get, "/stream/{count}") { exchange in
            let count = Int(exchange.parameters["count"] ?? "") ?? 0
            for index in 0..<count { try await exchange.response.write("\(index);") }
        }
        routes.stream(.get, "/broken") { exchange in
            try await exchange.response.write("half")
            try await exchange.response.flush()
            throw HTTPError(.internalServerError)
        }
        routes.stream(.post, "/unread") { exchange in exchange.response.status = .accepted }
        return routes
    }

    static func request(_ target: String, closes: Bool = true, method: String = "GET") -> String {
        "\(method) \(target) HTTP/1.1\r\nHost: test\r\n"
            + (closes ? "Connection: close\r\n\r\n" : "\r\n")
    }

    @Test(arguments: [
        BindAddress.loopback(port: 0), .host("::1", port: 0), .any(port: 0),
        .unix(path: "spoor-test-\(UInt32.random(in: 0 ... .max)).socket"),
    ])
    func `answers on IPv4, IPv6 and Unix sockets`(address: BindAddress) async throws {
        try await withServer(at: address, handler: Self.routes()) { bound, _ in
            let response = try await RawConnection.roundTrip(
                to: bound, [Self.request("/hello/you")])
            #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(response.hasSuffix("\r\n\r\nhello you"))
            #expect(response.contains("\r\nDate: "))
            #expect(response.contains("\r\nContent-Length: 9\r\n"))
            #expect(response.contains("\r\nConnection: close\r\n"))
        }
    }

    @Test func `answers pipelined requests in order, whole or byte by byte`() async throws {
        let requests =
            Self.request("/hello/a", closes: false) + Self.request("/stream/3", closes: false)
            + Self.request("/hello/c")
        try await withServer(handler: Self.routes()) { bound, _ in
            let whole = try await RawConnection.roundTrip(to: bound, [requests])
            let bytewise = try await RawConnection.roundTrip(to: bound, requests.map { String($0) })
            for response in [whole, bytewise] {
                #expect(response.components(of: "HTTP/1.1 200 OK").count == 4)
                let order = ["hello a", "2\r\n0;\r\n", "0\r\n\r\n", "hello c"]
                    .compactMap { response.range(of: $0)?.lowerBound }
                #expect(order.count == 4)
                #expect(order == order.sorted())
            }
        }
    }

    @Test func `a response does not wait for the slow handler of the next request`() async throws {
        let gate = Gate()
        var routes = Self.routes()
        routes.get("/slow") { _ in
            try await gate.wait()
            return "slow"
        }
        try await withServer(handler: routes) { bound, _ in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send(
                    Self.request("/hello/a", closes: false) + Self.request("/slow"))
                #expect(try await peer.read(until: "hello a").hasSuffix("hello a"))
                gate.open()
                #expect(try await peer.readToEnd().hasSuffix("slow"))
            }
        }
    }

    @Test(arguments: [1, 1000, 100_000, 3_000_000])
    func `echoes bodies of any size in both framings`(count: Int) async throws {
        let body = String(repeating: "x", count: count)
        let fixed =
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n" + body
        let chunked =
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            + "\(String(count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
        try await withServer(handler: Self.routes()) { bound, _ in
            let response = try await RawConnection.roundTrip(to: bound, [fixed, chunked])
            #expect(response.components(of: "HTTP/1.1 200 OK").count == 3)
            #expect(response.components(of: "x").count == 2 * count + 1)
        }
    }

    @Test func `a slow reader suspends the handler, and loses nothing`() async throws {
        let written = Atomic(0)
        let counter = Shared(written)
        var routes = Router()
        let piece = [UInt8](repeating: 0x61, count: 1 << 16)
        routes.stream(.get, "/big") { exchange in
            for _ in 0..<512 {
                try await exchange.response.write(piece)
                counter.value.add(1, ordering: .relaxed)
            }
        }
        try await withServer(handler: routes) { bound, _ in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send(Self.request("/big"))
                var total = try await peer.read().count
                // 32 MiB do not fit into the sockets' buffers: the handler has not finished.
                #expect(counter.value.load(ordering: .relaxed) < 512)
                while true {
                    let more = try await peer.read().count
                    if more == 0 { break }
                    total += more
                }
                #expect(total > 512 << 16)
            }
        }
    }

    @Test func `a half-closed peer still receives its response`() async throws {
        try await withServer(handler: Self.routes()) { bound, _ in
            let received = try await RawConnection.roundTrip(
                to: bound, [Self.request("/hello/you", closes: false)], closesOutput: true)
            #expect(received.hasSuffix("hello you"))
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", 400),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            400
        ),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        ("BREW / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 501),
        ("GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404),
        ("DELETE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405),
        ("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        ("GET / HTTP/1.1\r\nHost: a\r\nx: \(String(repeating: "a", count: 40_000))\r\n\r\n", 431),
    ])
    func `rejects invalid requests with the right status`(bytes: String, status: Int) async throws {
        try await withServer(handler: Self.routes()) { bound, _ in
            let response = try await RawConnection.roundTrip(to: bound, [bytes])
            #expect(response.hasPrefix("HTTP/1.1 \(status) "))
        }
    }

    @Test func `a body above the limit is rejected while it is read`() async throws {
        var limits = ServerLimits()
        limits.http1.maxBodyBytes = 10
        let chunked =
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n"
        try await withServer(handler: Self.routes(), limits: limits) { bound, _ in
            let response = try await RawConnection.roundTrip(
                to: bound, [chunked + String(repeating: "x", count: 32)])
            #expect(response.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func `an unread body is discarded and the connection kept`() async throws {
        let body = String(repeating: "x", count: 100_000)
        let unread = "POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + body
        try await withServer(handler: Self.routes()) { bound, _ in
            let response = try await RawConnection.roundTrip(
                to: bound, [unread, Self.request("/hello/you")])
            #expect(response.hasPrefix("HTTP/1.1 202 "))
            #expect(response.hasSuffix("hello you"))
        }
    }

    @Test func `100 Continue is sent only when the body is read`() async throws {
        let head =
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n"
            + "Connection: close\r\n\r\n"
        try await withServer(handler: Self.routes()) { bound, _ in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send(head)
                #expect(try await peer.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
                try await peer.send("abc")
                #expect(try await peer.readToEnd().hasSuffix("abc"))
            }
            let unwanted = head.replacing("/echo", with: "/unread")
            let response = try await RawConnection.roundTrip(to: bound, [unwanted])
            #expect(response.hasPrefix("HTTP/1.1 202 "))
        }
    }

    @Test func `an aborted response has no end`() async throws {
        try await withServer(handler: Self.routes()) { bound, _ in
            let received = try await RawConnection.roundTrip(to: bound, [Self.request("/broken")])
            #expect(received.contains("4\r\nhalf\r\n"))
            #expect(!received.contains("0\r\n\r\n"))
        }
    }

    @Test func `a peer that stops sending within a head receives a 408`() async throws {
        var limits = ServerLimits()
        limits.headTimeout = .milliseconds(30)
        try await withServer(handler: Self.routes(), limits: limits) { bound, _ in
            // If the machine is so busy that the first byte arrives too late, the peer is silent, and gets no
            // response, or a reset: it tries again.
            var response = ""
            while response.isEmpty, !Task.isCancelled {
                response = (try? await RawConnection.roundTrip(to: bound, ["GET / HT"])) ?? ""
            }
            #expect(response.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func `a connection without any byte is closed without a response`() async throws {
        var limits = ServerLimits()
        limits.headTimeout = .milliseconds(30)
        try await withServer(handler: Self.routes(), limits: limits) { bound, _ in
            let received = try await RawConnection.roundTrip(to: bound, [])
            #expect(received.isEmpty)
        }
    }

    @Test func `an idle connection is closed without a response`() async throws {
        var limits = ServerLimits()
        limits.idleTimeout = .milliseconds(30)
        try await withServer(handler: Self.routes(), limits: limits) { bound, _ in
            let kept = try await RawConnection.roundTrip(
                to: bound, [Self.request("/hello/a", closes: false)])
            #expect(kept.hasSuffix("hello a"))
        }
    }

    @Test func `a response that ends the connection is not lost because of later requests`()
        async throws
    {
        var routes = Self.routes()
        routes.get("/last") { exchange in
            exchange.response.headers[.connection] = "close"
            return String(repeating: "x", count: 200_000)
        }
        let many = String(repeating: Self.request("/hello/you", closes: false), count: 2000)
        try await withServer(handler: routes) { bound, _ in
            let received = try await RawConnection.roundTrip(
                to: bound, [Self.request("/last", closes: false), many])
            #expect(received.hasSuffix(String(repeating: "x", count: 200_000)))
        }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "no request\r\n\r\n"])
    func `a peer that never stops sending does not block others of the event loop`(flood: String)
        async throws
    {
        let pieces = Array(String(repeating: flood, count: 1000).utf8)
        try await withServer(handler: SyncHandler { _ in Response(status: .noContent) }) {
            bound, _ in
            let flooding = Task {
                try await RawConnection.connected(to: bound) { peer in
                    async let end = peer.readToEnd()
                    while !Task.isCancelled { try await peer.send(pieces) }
                    try await peer.closeOutput()
                    _ = try await end
                }
            }
            for _ in 0..<20 {
                let response = try await RawConnection.roundTrip(to: bound, [Self.request("/")])
                #expect(response.hasPrefix("HTTP/1.1 204 "))
            }
            flooding.cancel()
            _ = await flooding.result
        }
    }

    @Test func `a handler that runs on another executor returns to its event loop`() async throws {
        var routes = Router()
        routes.stream(.post, "/away") { exchange in
            try await withTaskExecutorPreference(globalConcurrentExecutor) {
                let body = try await exchange.body.collect(upTo: 100)
                try await exchange.response.write(body)
                try await exchange.response.flush()
                try await exchange.response.write("!")
            }
        }
        routes.stream(.get, "/whole") { exchange in
            try await withTaskExecutorPreference(globalConcurrentExecutor) {
                try await exchange.response.send(Response(text: "whole"))
            }
        }
        try await withServer(handler: routes) { bound, _ in
            let response = try await RawConnection.roundTrip(
                to: bound,
                [
                    "POST /away HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                        + "Connection: close\r\n\r\nabc"
                ])
            #expect(response.hasSuffix("3\r\nabc\r\n1\r\n!\r\n0\r\n\r\n"))
            let whole = try await RawConnection.roundTrip(to: bound, [Self.request("/whole")])
            #expect(whole.hasSuffix("whole"))
        }
    }

    @Test func `a server runs once, and throws the error that prevents listening`() async throws {
        try await withServer(handler: Self.routes()) { bound, server in
            await #expect(throws: ServerError.alreadyRunning) { try await server.run() }
            let second = HTTPServer(listening: .socket(bound), handler: Self.routes(), loopCount: 1)
            await #expect(throws: ServerError.self) { try await second.run() }
            await #expect(throws: ServerError.self) { try await second.localAddresses() }
        }
    }
}

/// Passes an atomic to closures.
private final class Shared: Sendable {
    let value: Atomic<Int>

    init(_ value: consuming Atomic<Int>) {
        self.value = value
    }
}

extension String {
    /// The parts between the occurrences of a text.
    fileprivate func components(of separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }

    fileprivate func range(of text: String) -> Range<Index>? {
        firstRange(of: text)
    }
}

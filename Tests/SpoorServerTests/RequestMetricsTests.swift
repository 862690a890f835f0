import CoreMetrics
import HTTPTypes
import MetricsTestKit
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct RequestMetricsTests {
    private struct Broken: Error {}

    private let metrics = TestMetrics()
    private let lines = LogRecorder()

    private func timer(_ route: String, _ status: String, _ outcome: String) throws -> TestTimer {
        try metrics.expectTimer(
            "http.server.request.duration",
            [
                ("http.request.method", "GET"), ("http.route", route),
                ("http.response.status_code", status), ("outcome", outcome),
            ])
    }

    private static func request(_ path: String) -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    }

    private func routes(entered: Gate, left: Gate) -> Router {
        var routes = Router()
        routes.get("/whole") { _ in "x" }
        routes.stream(.get, "/broken") { exchange in
            try await exchange.response.write("begun")
            try await exchange.response.flush()
            throw Broken()
        }
        routes.get("/awaited") { _ in
            entered.open()
            try await Gate().wait()
            return "late"
        }
        routes.stream(.get, "/events") { exchange in
            defer { left.open() }
            try await exchange.response.send(ServerSentEvent("hello"))
            try await Gate().wait()
        }
        return routes
    }

    @Test func `the outcome of an exchange is a dimension of its duration`() async throws {
        let entered = Gate()
        let left = Gate()
        let middleware: [any Middleware] = [
            AccessLog(logger: lines.logger), RequestMetrics(metrics: metrics), ErrorMiddleware(),
        ]
        try await withServer(middleware: middleware, handler: routes(entered: entered, left: left))
        { bound, _ in
            _ = try await RawConnection.roundTrip(to: bound, [Self.request("/whole")])
            _ = try await RawConnection.roundTrip(to: bound, [Self.request("/broken")])
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send(Self.request("/awaited"))
                try await entered.wait()
            }
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send(Self.request("/events"))
                _ = try await peer.read(until: "data: hello\n\n")
            }
            // A shutdown that begins before the server notices the close would end the stream.
            try await left.wait()
        }
        #expect(try timer("/whole", "200", "completed").values.count == 1)
        #expect(try timer("/broken", "200", "aborted").values.count == 1)
        #expect(try timer("/awaited", "499", "client_disconnected").values.count == 1)
        #expect(try timer("/events", "200", "client_disconnected").values.count == 1)
        let awaited = try #require(lines.lines.first { $0.metadata["path"] == "/awaited" })
        #expect(awaited.metadata["status"] == "499")
        #expect(awaited.metadata["bytes"] == "0")
        let events = try #require(lines.lines.first { $0.metadata["path"] == "/events" })
        #expect(events.metadata["bytes"] == "\("data: hello\n\n".utf8.count)")
    }

    @Test func `bytes of events and of upgraded streams are logged`() async throws {
        var routes = Router()
        routes.stream(.get, "/events") { exchange in
            try await exchange.response.startEventStream()
            for _ in 0..<3 { try await exchange.response.send(ServerSentEvent("hello")) }
        }
        routes.stream(.get, "/chat") { exchange in
            let stream = try await exchange.upgrade(to: "chat")
            while let bytes = try await stream.read() { try await stream.write(bytes + bytes) }
        }
        let middleware = [AccessLog(logger: lines.logger)]
        try await withServer(middleware: middleware, handler: routes) { bound, _ in
            _ = try await RawConnection.roundTrip(to: bound, [Self.request("/events")])
            let upgrade =
                "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n"
            let response = try await RawConnection.roundTrip(
                to: bound, [upgrade + "ping"], closesOutput: true)
            #expect(response.hasSuffix("pingping"))
        }
        let events = try #require(lines.lines.first { $0.metadata["path"] == "/events" })
        #expect(events.metadata["bytes"] == "\(3 * "data: hello\n\n".utf8.count)")
        let chat = try #require(lines.lines.first { $0.metadata["path"] == "/chat" })
        #expect(chat.metadata["bytes"] == "8")
        #expect(chat.metadata["bytes_received"] == "4")
    }

    @Test func `the counters of every blocking pool are published with its name`() async throws {
        let name = "pool of RequestMetricsTests"
        let pool = BlockingPool(name: name, maxThreads: 1, maxQueuedJobs: 1)
        let server = HTTPServer(
            listening: .loopback(port: 0),
            handler: AsyncHandler { _ in try await pool.run { "x" } }, loopCount: 2,
            logger: lines.logger, metrics: metrics)
        let running = Task { try await server.run() }
        let bound = try await server.localAddresses()[0]
        for _ in 0..<3 { _ = try await RawConnection.roundTrip(to: bound, [Self.request("/")]) }
        server.triggerGracefulShutdown()
        try await running.value
        let completed = try metrics.expectCounter(
            "spoor.blocking_pool.completed", [("pool", name)])
        #expect(completed.totalValue == 3)
        let threads = try metrics.expectMeter("spoor.blocking_pool.threads", [("pool", name)])
        #expect(threads.lastValue == 1)
        let work = try metrics.expectMeter(
            "spoor.blocking_pool.work", [("pool", name), ("state", "running")])
        #expect(work.lastValue == 0)
    }
}

import Logging
import OutsideMiddleware
import Spoor
import SpoorTesting
import Synchronization
import Testing

@Suite struct OutsideMiddlewareTests {
    private static func routes() -> Router {
        var routes = Router()
        routes.get("/v2/{name}") { exchange in "\(exchange.request.path)\n" }
        routes.post("/v2/echo") { exchange in
            try await exchange.body.collect(upTo: 1 << 20)
        }
        routes.stream(.get, "/v2/stream") { exchange in
            for _ in 0..<3 { try await exchange.response.write("piece ") }
        }
        routes.get("/v2/error") { _ -> Response in throw HTTPError(.conflict) }
        return routes
    }

    @Test(arguments: TestMode.allCases)
    func `an unchanged representation is not sent again`(mode: TestMode) async throws {
        try await withTestClient(
            over: mode, middleware: [EntityTags()], handler: Self.routes()
        ) { client in
            let first = try await client.get("/v2/a")
            let tag = try #require(first["ETag"])
            #expect(first.text == "/v2/a\n")
            #expect(try await client.get("/v2/b")["ETag"] != tag)
            for known in [tag, "W/" + tag, "\"x\", \(tag)", "*"] {
                let second = try await client.get("/v2/a", headers: [.ifNoneMatch: known])
                #expect(second.status == .notModified)
                #expect(second["ETag"] == tag)
                #expect(second.body.isEmpty)
            }
            let changed = try await client.get("/v2/a", headers: [.ifNoneMatch: "\"x\""])
            #expect(changed.status == .ok)
            #expect(try await client.head("/v2/a")["ETag"] == tag)
            #expect(try await client.get("/v2/stream")["ETag"] == nil)
            #expect(try await client.get("/v2/error")["ETag"] == nil)
        }
    }

    @Test(arguments: [
        ("/v1/a", 200, "/v2/a\n"), ("/v1/a?b=c", 200, "/v2/a\n"), ("/v2/a", 200, "/v2/a\n"),
        ("/v1", 404, ""), ("/v1a/a", 404, ""), ("/v1/%2e", 200, "/v2/%2e\n"),
    ])
    func `the handler sees the new path`(
        path: String, status: Int, text: String
    ) async throws {
        try await withTestClient(
            middleware: [PathRewriter("/v1", to: "/v2")], handler: Self.routes()
        ) { client in
            let response = try await client.get(path)
            #expect(response.status.code == status)
            if status == 200 { #expect(response.text == text) }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `the beginnings of bodies are logged`(mode: TestMode) async throws {
        let lines = Lines()
        var logger = Logger(label: "bodies") { _ in lines.handler }
        logger.logLevel = .debug
        let large = String(repeating: "x", count: 100_000)
        try await withTestClient(
            over: mode,
            middleware: [BodyLogger(logger: logger, maxBytes: 5), PathRewriter("/v1", to: "/v2")],
            handler: Self.routes()
        ) { client in
            let echo = try await client.post("/v1/echo", body: .text(large))
            #expect(echo.text == large)
            let stream = try await client.get("/v1/stream")
            #expect(stream.text == "piece piece piece ")
            let error = try await client.get("/v1/error")
            #expect(error.status == .conflict)
        }
        let all = lines.all
        try #require(all.count == 3)
        #expect(all[0]["path"] == "/v1/echo")
        #expect(all[0]["request"] == "xxxxx")
        #expect(all[0]["request.bytes"] == "100000")
        #expect(all[0]["response"] == "xxxxx")
        #expect(all[0]["response.bytes"] == "100000")
        #expect(all[1]["response"] == "piece")
        #expect(all[1]["response.bytes"] == "18")
        #expect(all[2]["status"] == "409")
    }
}

/// The metadata of the lines that a logger has logged.
private final class Lines: Sendable {
    private let stored = Mutex<[[String: String]]>([])

    var all: [[String: String]] { stored.withLock { $0 } }

    var handler: any LogHandler { Handler(lines: self) }

    private struct Handler: LogHandler {
        let lines: Lines
        var logLevel = Logger.Level.debug
        var metadata: Logger.Metadata = [:]

        init(lines: Lines) { self.lines = lines }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = (event.metadata ?? [:]).mapValues { "\($0)" }
            lines.stored.withLock { $0.append(line) }
        }
    }
}

import HTTPTypes
import Logging
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import SpoorText
import Synchronization
import TestSupport
import Testing

/// What clients receive of the headers and the status that middlewares, handlers and errors set for one response.
@Suite(.finishes(within: .seconds(60))) struct ResponseHeadersTests {
    private struct Defaults: Middleware {
        func intercept(_ exchange: Exchange, next: Next) async throws {
            exchange.response.headers.append(.setCookie, "sid=1; Path=/")
            exchange.response.headers[.vary] = "Origin"
            exchange.response.headers[.cacheControl] = "no-store"
            exchange.response.headers[.wwwAuthenticate] = "Basic realm=\"a, b\""
            exchange.response.headers[.server] = "outer"
            try await next(exchange)
        }
    }

    private static let own: Headers = [
        .setCookie: "theme=dark", .vary: "Accept-Encoding, origin", .wwwAuthenticate: "Bearer",
        .server: "inner",
    ]

    private static func routes() -> Router {
        var routes = Router()
        routes.get("/returns") { _ in Response(headers: own, text: "a") }
        routes.get("/throws") { exchange -> String in
            exchange.response.headers[.eTag] = "\"of what will not be sent\""
            throw HTTPError(.unauthorized, headers: own)
        }
        routes.get("/fails") { _ -> String in throw CancellationError() }
        routes.get("/created") { exchange in
            exchange.response.status = .created
            return Response(text: "made")
        }
        routes.get("/upgrade") { exchange -> String in
            _ = try await exchange.upgrade(to: "echo", headers: own)
            return "never"
        }
        return routes
    }

    private func expectCombined(_ response: TestResponse, isError: Bool = false) {
        #expect(response.headers.values(of: .setCookie) == ["sid=1; Path=/", "theme=dark"])
        #expect(
            response.headers.values(of: .vary) == [
                isError ? "Origin, Accept-Encoding, Accept" : "Origin, Accept-Encoding"
            ])
        #expect(
            response.headers.values(of: .wwwAuthenticate) == ["Basic realm=\"a, b\"", "Bearer"])
        #expect(response.headers.values(of: .server) == ["inner"])
        #expect(response.headers.values(of: .cacheControl) == ["no-store"])
    }

    @Test(arguments: [true, false])
    func `headers that a handler returns or throws are combined with those of middlewares`(
        hasErrorResponses: Bool
    ) async throws {
        try await withTestClient(
            middleware: hasErrorResponses ? [Defaults(), ErrorMiddleware()] : [Defaults()],
            handler: Self.routes()
        ) { client in
            expectCombined(try await client.get("/returns"))
            let thrown = try await client.get("/throws")
            expectCombined(thrown, isError: true)
            #expect(thrown.status == .unauthorized && thrown["etag"] == nil)
            let unauthorized = try await client.get("/upgrade")
            #expect(unauthorized.status == .upgradeRequired)
            #expect(unauthorized.headers.values(of: .setCookie) == ["sid=1; Path=/"])
            for path in ["/fails", "/nowhere", "/throws"] {
                #expect(try await client.get(path)["cache-control"] == "no-store")
            }
            let rejected = try await client.execute(.put, "/returns")
            #expect(rejected.status == .methodNotAllowed)
            #expect(
                rejected["allow"] == "GET, HEAD, OPTIONS" && rejected["vary"] == "Origin, Accept")
            #expect(try await client.get("/created").status == .created)
        }
    }

    @Test func `an upgrade sends the cookies of middleware and handler`() async throws {
        try await withServer(middleware: [Defaults()], handler: Self.routes()) { bound, _ in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send(
                    "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
                )
                let head = try await peer.read(until: "\r\n\r\n")
                #expect(head.hasPrefix("HTTP/1.1 101 "))
                #expect(head.contains("Set-Cookie: sid=1; Path=/\r\n"))
                #expect(head.contains("Set-Cookie: theme=dark\r\n"))
                #expect(head.contains("Upgrade: echo\r\n"))
            }
        }
    }

    @Test func `bytes that are not UTF-8 pass through client and server unchanged`() async throws {
        let opaque = Array("inline; filename=\"r".utf8) + [0xE9] + Array("sum".utf8) + [0xE9, 0x22]
        var routes = Router()
        routes.get("/{name}") { exchange in
            var headers = Headers()
            headers.append(
                .contentDisposition,
                bytes: exchange.request.headers[bytes: .contentDisposition] ?? [])
            return Response(
                headers: headers,
                bytes: (exchange.parameters.bytes("name") ?? [])
                    + (exchange.request.queryItems[bytes: "q"] ?? []))
        }
        try await withTestClient(handler: routes) { client in
            var headers = Headers()
            headers.append(.contentDisposition, bytes: opaque)
            let response = try await client.get("/r%E9sum%E9?q=%FF+%00", headers: headers)
            #expect(response.headers[bytes: .contentDisposition] == opaque)
            #expect(response.body == [0x72, 0xE9, 0x73, 0x75, 0x6D, 0xE9, 0xFF, 0x20, 0x00])
        }
    }

    // MARK: The log

    private struct Late: Middleware {
        func intercept(_ exchange: Exchange, next: Next) async throws {
            try await next(exchange)
            exchange.response.headers[.server] = "too late"
            exchange.response.status = .accepted
        }
    }

    private struct Lines: LogHandler {
        let lines: LineBox
        var logLevel: Logger.Level
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = (event.metadata ?? [:]).sorted { $0.key < $1.key }
                .filter { $0.key != "peer" }.map { "\($0.key)=\($0.value)" }
            lines.mutex.withLock {
                $0.append("\(event.level) \(metadata.joined(separator: " "))")
            }
        }
    }

    private final class LineBox: Sendable {
        let mutex = Mutex<[String]>([])
        func about(_ key: String) -> [String] {
            mutex.withLock { $0.filter { $0.contains(" \(key)=") } }
        }
    }

    @Test(arguments: [Logger.Level.debug, .info])
    func `a change after the head is logged at debug level with its name`(
        level: Logger.Level
    ) async throws {
        let lines = LineBox()
        let server = HTTPServer(
            listening: .loopback(port: 0), middleware: [Late()], handler: Self.routes(),
            loopCount: 1,
            logger: Logger(label: "test") { _ in Lines(lines: lines, logLevel: level) })
        let running = Task { try await server.run() }
        let address = try await server.localAddresses()[0]
        let response = try await RawConnection.roundTrip(
            to: address, ["GET /created?secret HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
        #expect(response.hasPrefix("HTTP/1.1 201 ") && !response.contains("too late"))
        server.triggerGracefulShutdown()
        try await running.value
        let expected = [
            ["debug header=Server method=GET path=/created route=/created"],
            ["debug method=GET path=/created route=/created sent=201 status=202"],
        ]
        #expect(lines.about("header") == (level == .debug ? expected[0] : []))
        #expect(lines.about("sent") == (level == .debug ? expected[1] : []))
    }
}

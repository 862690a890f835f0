import FoundationEssentials
import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorTLS
import SpoorTesting
import TestSupport
import Testing

/// Other clients and proxies against the server: keep-alive connections, both framings, large bodies, trailers, errors; no request
/// may fail.
@Suite(.serialized, .timeLimit(.minutes(10))) struct HTTPInteropTests {
    /// The protocol of the connection.
    enum Scheme: String, CaseIterable { case http, https }

    private func play(_ client: ForeignHTTPClient, over scheme: Scheme = .http) async throws {
        let folder = FileManager.default.temporaryDirectory.path
        let path = folder + "/spoor-interop-\(UInt32.random(in: 0 ... .max))"
        var address = BindAddress.loopback(port: 0)
        if scheme == .https {
            let authority = try InMemoryCertificateAuthority()
            let identity = try authority.issue(.localhost).identity
            address = address.tls(TLSServerConfiguration(identities: [identity]))
            try Data(authority.certificatePEM).write(to: URL(filePath: path + ".pem"))
        }
        defer { try? FileManager.default.removeItem(atPath: path + ".pem") }
        try await withServer(at: address, handler: Self.routes(), loopCount: 2) { bound, _ in
            try await withServer(at: .unix(path: path + ".socket"), handler: Self.routes()) {
                _, _ in
                try await client.play(
                    against: "\(scheme)://\(bound)", socket: path + ".socket",
                    trusting: scheme == .https ? path + ".pem" : nil)
            }
        }
    }

    @Test(
        .enabled(if: ForeignHTTPClient.curl.isExpected, ForeignHTTPClient.curl.absence),
        arguments: Scheme.allCases)
    func curl(scheme: Scheme) async throws { try await play(.curl, over: scheme) }

    @Test(
        .enabled(if: ForeignHTTPClient.requests.isExpected, ForeignHTTPClient.requests.absence),
        arguments: Scheme.allCases)
    func `Python's requests`(scheme: Scheme) async throws {
        try await play(.requests, over: scheme)
    }

    @Test(
        .enabled(if: ForeignHTTPClient.aiohttp.isExpected, ForeignHTTPClient.aiohttp.absence),
        arguments: Scheme.allCases)
    func `Python's aiohttp`(scheme: Scheme) async throws { try await play(.aiohttp, over: scheme) }

    @Test(
        .enabled(if: ForeignHTTPClient.websockets.isExpected, ForeignHTTPClient.websockets.absence))
    func `Python's websockets`() async throws { try await play(.websockets) }

    @Test(
        .enabled(if: ForeignHTTPClient.node.isExpected, ForeignHTTPClient.node.absence),
        arguments: Scheme.allCases)
    func `Node's http`(scheme: Scheme) async throws { try await play(.node, over: scheme) }

    @Test(.enabled(if: ForeignHTTPClient.nginx.isExpected, ForeignHTTPClient.nginx.absence))
    func `nginx in front`() async throws { try await play(.nginx) }

    @Test(.enabled(if: ForeignHTTPClient.wrk.isExpected, ForeignHTTPClient.wrk.absence))
    func wrk() async throws { try await play(.wrk) }

    @Test(.enabled(if: ForeignHTTPClient.h2load.isExpected, ForeignHTTPClient.h2load.absence))
    func h2load() async throws { try await play(.h2load) }

    @Test(.enabled(if: ForeignHTTPClient.ab.isExpected, ForeignHTTPClient.ab.absence))
    func ab() async throws { try await play(.ab) }

    // MARK: The routes

    private static func routes() -> Router {
        var routes = Router()
        routes.get("/") { _ in "Hello, world!\n" }
        routes.get("/peer") { exchange in exchange.connection.peer.description }
        routes.get("/fault") { _ -> String in throw Fault() }
        routes.get("/status/{code}") { exchange in
            HTTPResponse.Status(code: number(exchange.parameters["code"]))
        }
        routes.post("/unread") { _ in HTTPResponse.Status.accepted }
        addBodies(to: &routes)
        addStreams(to: &routes)
        addWebSocket(to: &routes)
        return routes
    }

    private static func addBodies(to routes: inout Router) {
        routes.stream(.get, "/bytes/{count}") { exchange in
            let count = number(exchange.parameters["count"])
            try await exchange.response.start(bodyLength: count)
            var left = count
            while left > 0 {
                let piece = [UInt8](repeating: UInt8(ascii: "x"), count: min(left, 64 << 10))
                try await exchange.response.write(piece)
                left -= piece.count
            }
        }
        routes.post("/echo") { exchange in try await exchange.body.collect(upTo: 64 << 20) }
        // Responds while it receives the request: a client that does not read while it sends would wait forever.
        routes.stream(.post, "/pipe") { exchange in
            while let piece = try await exchange.body.next() {
                try await exchange.response.write(piece)
            }
        }
        routes.stream(.post, "/trailers") { exchange in
            let body = try await exchange.body.collect(upTo: 64 << 20)
            try await exchange.response.write(body)
            var trailers = exchange.body.trailers
            trailers[try #require(HTTPField.Name("X-Count"))] = "\(body.count)"
            try await exchange.response.finish(trailers: trailers)
        }
    }

    private static func addStreams(to routes: inout Router) {
        routes.stream(.get, "/stream") { exchange in
            let query = exchange.request.query ?? ""
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: number("size", in: query))
            for _ in 0..<number("chunks", in: query) {
                try await exchange.response.write(piece)
                try await exchange.response.flush()
            }
        }
        routes.stream(.get, "/broken") { exchange in
            try await exchange.response.write("half of it")
            try await exchange.response.flush()
            throw Fault()
        }
    }

    /// Echoes each message, and responds to a ping with a pong.
    private static func addWebSocket(to routes: inout Router) {
        routes.stream(.get, "/websocket") { exchange in
            let key = try #require(HTTPField.Name("Sec-WebSocket-Key"))
            let accept = try #require(HTTPField.Name("Sec-WebSocket-Accept"))
            let digest = WebSocketFrames.accept(exchange.request.headers[key] ?? "")
            let stream = try await exchange.upgrade(
                to: "websocket", headers: Headers([accept: digest]))
            var frames = WebSocketFrames()
            while let bytes = try await stream.read() {
                frames.append(bytes)
                while let frame = frames.next() {
                    let opcode: UInt8 = frame.opcode == 9 ? 10 : frame.opcode
                    let response = WebSocketFrames.Frame(opcode: opcode, payload: frame.payload)
                    try await stream.write(response.bytes())
                    if opcode == 8 { return }
                }
            }
        }
    }

    private struct Fault: Error {}
}

private func number(_ text: (some StringProtocol)?) -> Int {
    text.flatMap { Int(String($0)) } ?? 0
}

private func number(_ key: String, in query: String) -> Int {
    let pair = query.split(separator: "&").first { $0.hasPrefix(key + "=") }
    return number(pair?.dropFirst(key.count + 1))
}

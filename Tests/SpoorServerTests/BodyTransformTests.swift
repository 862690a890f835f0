import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

/// Turns letters into upper case; the length stays the same.
private struct Uppercase: BodyTransform {
    mutating func transform(_ input: Span<UInt8>, into output: inout BodyOutput) -> Int {
        for index in input.indices {
            let byte = input[index]
            output.append(byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte)
        }
        return input.count
    }

    func outputCount(forInputCount count: Int?) -> Int? { count }
}

/// Adds a sum of the bytes as a trailer and a mark at the end.
private struct Summing: BodyTransform {
    private var sum = 0

    mutating func transform(_ input: Span<UInt8>, into output: inout BodyOutput) -> Int {
        for index in input.indices { sum += Int(input[index]) }
        output.append(input)
        return input.count
    }

    mutating func finish(into output: inout BodyOutput, trailers: inout Headers) -> Bool {
        output.append(contentsOf: "|".utf8)
        trailers[.eTag] = "\(sum)"
        return true
    }
}

/// Throws at the first byte.
private struct Failing: BodyTransform {
    mutating func transform(_ input: Span<UInt8>, into output: inout BodyOutput) throws -> Int {
        throw HTTPError(.badRequest)
    }
}

/// Transforms the bodies of responses.
private struct Transforming<Transform: BodyTransform & Sendable>: SyncMiddleware {
    let transform: Transform
    let observedSteps: ExchangeSteps = .responseWillBeSent

    func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
        guard exchange.response.status == .ok else { return }
        body.transform(with: transform)
    }
}

@Suite(.finishes(within: .seconds(60))) struct BodyTransformTests {
    private static let large = String(repeating: "abcdefgh", count: 40_000)

    private static func routes() -> Router {
        var routes = Router()
        routes.get("/complete") { _ in "abc" }
        routes.get("/large") { _ in large }
        routes.get("/status") { _ in HTTPResponse.Status.noContent }
        routes.stream(.get, "/stream") { exchange in
            try await exchange.response.write("ab")
            try await exchange.response.flush()
            try await exchange.response.write("c")
        }
        routes.stream(.get, "/announced") { exchange in
            try await exchange.response.start(bodyLength: 3)
            try await exchange.response.write("a")
            try await exchange.response.write(Array("bc".utf8))
        }
        routes.stream(.get, "/short") { exchange in
            try await exchange.response.start(bodyLength: 3)
            try await exchange.response.write("a")
        }
        routes.stream(.get, "/trailers") { exchange in
            try await exchange.response.write("abc")
            try await exchange.response.finish(trailers: [.lastModified: "x"])
        }
        routes.stream(.get, "/error") { _ in throw HTTPError(.forbidden) }
        routes.stream(.get, "/file") { exchange in
            try await exchange.response.send(fileAt: #filePath)
        }
        routes.stream(.head, "/head") { exchange in
            try await exchange.response.start(bodyLength: 3)
        }
        routes.post("/peek") { exchange in
            let first = try await exchange.body.next() ?? []
            exchange.body.transform(with: Uppercase())
            let rest = try await exchange.body.collect(upTo: 100)
            return first + rest
        }
        routes.post("/echo") { exchange in
            exchange.body.transform(with: Uppercase())
            let length = exchange.body.length
            let text = String(
                decoding: try await exchange.body.collect(upTo: 1_000_000), as: UTF8.self)
            return Response(
                headers: [
                    "X-Length": "\(length)", "X-Trailer": exchange.body.trailers[.eTag] ?? "-",
                ]
                .asHeaders, text: text)
        }
        return routes
    }

    @Test(arguments: TestMode.allCases)
    func `the body of every kind of response is transformed`(mode: TestMode) async throws {
        try await withTestClient(
            over: mode, middleware: [Transforming(transform: Uppercase())],
            handler: Self.routes()
        ) { client in
            for path in ["/complete", "/stream", "/announced"] {
                #expect(try await client.get(path).text == "ABC")
            }
            #expect(try await client.get("/complete")["Content-Length"] == "3")
            #expect(try await client.get("/announced")["Content-Length"] == "3")
            #expect(try await client.get("/stream")["Content-Length"] == nil)
            #expect(try await client.get("/large").text == Self.large.uppercased())
            let head = try await client.head("/complete")
            #expect(head["Content-Length"] == "3")
            #expect(head.body.isEmpty)
            #expect(try await client.get("/status").status == .noContent)
            #expect(try await client.get("/error").status == .forbidden)
        }
    }

    @Test(arguments: TestMode.allCases)
    func `a transform may change the length and add trailers`(mode: TestMode) async throws {
        // The outer one comes last.
        let middleware: [any Middleware] = [
            Transforming(transform: Summing()), Transforming(transform: Uppercase()),
        ]
        try await withTestClient(over: mode, middleware: middleware, handler: Self.routes()) {
            client in
            let complete = try await client.get("/complete")
            #expect(complete.text == "ABC|")
            #expect(complete["Content-Length"] == "4")
            for path in ["/stream", "/announced", "/trailers"] {
                let response = try await client.get(path)
                #expect(response.text == "ABC|")
                #expect(response["Content-Length"] == nil)
                #expect(response.trailers[.eTag] == "198")
            }
            #expect(try await client.get("/trailers").trailers[.lastModified] == "x")
            #expect(try await client.get("/large").text == Self.large.uppercased() + "|")
        }
    }

    // P004
    @Test(arguments: TestMode.allCases)
    func `the body of a request is transformed, with its trailers`(mode: TestMode) async throws {
        try await withTestClient(over: mode, handler: Self.routes()) { client in
            let response = try await client.post("/echo", body: .text("abc"))
            #expect(response.text == "ABC")
            #expect(response["X-Length"] == "bytes(3)")
            #expect(try await client.post("/echo", body: .none).text.isEmpty)
            let large = try await client.post("/echo", body: .text(Self.large))
            #expect(large.text == Self.large.uppercased())
            let text = try await client.roundTrip(
                [
                    "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
                    "2\r\nbc\r\n0\r\nETag: y\r\n\r\n",
                ])
            #expect(text.contains("X-Trailer: y"))
            #expect(text.hasSuffix("\r\n\r\nABC"))
        }
    }

    @Test func `an error of a transform replaces the response, and aborts one that was sent`()
        async throws
    {
        struct Selective: SyncMiddleware {
            func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
                if exchange.response.status == .ok { body.transform(with: Failing()) }
            }
        }
        try await withTestClient(middleware: [Selective()], handler: Self.routes()) { client in
            for path in ["/complete", "/stream"] {
                let response = try await client.get(path)
                #expect(response.status == .badRequest)
            }
            let empty = try await client.get("/status")
            #expect(empty.status == .noContent)
        }
    }

    @Test(arguments: TestMode.allCases)
    func `a body that HEAD omits need not be written`(mode: TestMode) async throws {
        try await withTestClient(
            over: mode, middleware: [Transforming(transform: Uppercase())],
            handler: Self.routes()
        ) { client in
            #expect(try await client.head("/head")["Content-Length"] == "3")
            let size = try await client.get("/file").body.count
            #expect(size > 100)
            let head = try await client.head("/file")
            #expect(head.status == .ok)
            #expect(head["Content-Length"] == "\(size)")
        }
    }

    @Test func `bytes that were read before a transform was added are not transformed`()
        async throws
    {
        try await withTestClient(over: .loopback, handler: Self.routes()) { client in
            for (head, first, rest) in [
                ("Content-Length: 6", "abc", "def"),
                ("Transfer-Encoding: chunked", "3\r\nabc\r\n", "3\r\ndef\r\n0\r\n\r\n"),
            ] {
                let text = try await client.roundTrip(
                    [
                        "POST /peek HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(head)\r\n\r\n\(first)",
                        rest,
                    ])
                #expect(text.hasPrefix("HTTP/1.1 200 OK"))
                #expect(text.lowercased().hasSuffix("abcdef"))
            }
        }
    }

    /// Makes every response impossible to send.
    fileprivate enum InvalidatingObserver: SyncMiddleware, CaseIterable {
        case transform, header, status

        func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
            switch self {
            case .transform: body.transform(with: Failing())
            case .header: exchange.response.headers[.server] = "a\nb"
            case .status: exchange.response.status = HTTPResponse.Status(code: 102)
            }
        }
    }

    @Test(arguments: InvalidatingObserver.allCases)
    fileprivate func `an observer that makes every response invalid does not abort the connection`(
        observer: InvalidatingObserver
    ) async throws {
        try await withTestClient(middleware: [observer], handler: Self.routes()) { client in
            for path in ["/complete", "/large", "/stream", "/nothing", "/error"] {
                let response = try await client.get(path)
                let expected: HTTPResponse.Status =
                    observer == .transform ? .badRequest : .internalServerError
                #expect(response.status == expected)
                #expect(response["Server"] == nil)
            }
        }
    }

    @Test func `an observer cannot change the status of an upgrade`() async throws {
        struct Changing: SyncMiddleware {
            func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
                exchange.response.status = .created
                exchange.response.headers[.upgrade] = nil
                exchange.response.headers[.server] = "x"
                body.replace(with: .text("other"))
                body.transform(with: Failing())
            }
        }
        var routes = Router()
        routes.stream(.get, "/upgrade") { exchange in
            let stream = try await exchange.upgrade(to: "echo")
            while let bytes = try await stream.read() { try await stream.write(bytes) }
        }
        try await withTestClient(middleware: [Changing()], handler: routes) { client in
            let text = try await client.roundTrip(
                [
                    "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nabc"
                ], closesOutput: true)
            #expect(text.hasPrefix("HTTP/1.1 101 "))
            #expect(text.contains("Upgrade: echo\r\n"))
            #expect(text.contains("Server: x\r\n"))
            #expect(text.hasSuffix("\r\n\r\nabc"))
        }
    }

    @Test func `a body that is not as long as announced is an error, transformed or not`()
        async throws
    {
        try await withTestClient(
            middleware: [Transforming(transform: Summing())], handler: Self.routes()
        ) { client in
            let response = try await client.get("/short")
            #expect(response.status == .internalServerError)
        }
    }

    @Test func `a body may be replaced, complete or streamed`() async throws {
        struct Replacing: SyncMiddleware {
            func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
                body.replace(with: .text("other"))
                body.transform(with: Uppercase())
            }
        }
        try await withTestClient(middleware: [Replacing()], handler: Self.routes()) { client in
            for path in ["/complete", "/stream", "/announced", "/large"] {
                let response = try await client.get(path)
                #expect(response.text == "OTHER")
                #expect(response["Content-Length"] == "5")
            }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `the head may be changed at the last moment`(mode: TestMode) async throws {
        struct NotModified: SyncMiddleware {
            func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
                guard exchange.response.status == .ok else { return }
                exchange.response.status = .notModified
                exchange.response.headers[.eTag] = "\"1\""
            }
        }
        try await withTestClient(over: mode, middleware: [NotModified()], handler: Self.routes()) {
            client in
            for path in ["/complete", "/large"] {
                let response = try await client.get(path)
                #expect(response.status == .notModified)
                #expect(response.body.isEmpty)
                #expect(response["ETag"] == "\"1\"")
            }
            #expect(try await client.get("/error").status == .forbidden)
        }
    }
}

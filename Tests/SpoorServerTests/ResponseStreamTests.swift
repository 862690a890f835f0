import HTTPTypes
import SpoorClient
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

/// Responses whose bodies are sequences or files.
@Suite(.finishes(within: .seconds(60))) struct ResponseStreamTests {
    private struct Failure: Error {}

    private static func routes() -> Router {
        var routes = Router()
        routes.get("/texts") { _ in
            Response.stream(sequence(["one ", "two ", "three"]), headers: ["X-A": "1"])
        }
        routes.get("/pieces") { _ in
            Response.stream(
                sequence([[1, 2], [], [3]] as [[UInt8]]), status: .accepted,
                contentType: "application/x-numbers", flushesEachPiece: false)
        }
        routes.get("/bytes") { _ in
            Response.stream(sequence(Array(repeating: 7 as UInt8, count: 40_000)))
        }
        routes.get("/announced") { _ in
            Response.stream(sequence(["abc"]), headers: [.contentLength: "3"])
        }
        routes.get("/nothing") { _ in Response.stream(sequence([] as [String])) }
        routes.get("/none") { _ in Response.stream(sequence(["x"]), status: .noContent) }
        routes.get("/fails") { _ in
            Response.stream(
                AsyncThrowingStream<String, any Error> { $0.finish(throwing: HTTPError(.conflict)) }
            )
        }
        routes.get("/breaks") { _ in
            Response.stream(
                AsyncThrowingStream<String, any Error> { stream in
                    stream.yield("begin")
                    stream.finish(throwing: Failure())
                })
        }
        return routes
    }

    private static func sequence<Element: Sendable>(_ elements: [Element]) -> AsyncStream<Element> {
        AsyncStream { stream in
            for element in elements { stream.yield(element) }
            stream.finish()
        }
    }

    @Test(arguments: TestMode.allCases)
    func `the elements of a sequence are the body`(mode: TestMode) async throws {
        try await withTestClient(over: mode, handler: Self.routes()) { client async throws in
            let texts = try await client.get("/texts")
            #expect(texts.text == "one two three" && texts["X-A"] == "1")
            #expect(texts["Content-Type"] == "text/plain; charset=utf-8")
            #expect(texts["Content-Length"] == nil)
            let pieces = try await client.get("/pieces")
            #expect(pieces.body == [1, 2, 3] && pieces.status == .accepted)
            #expect(pieces["Content-Type"] == "application/x-numbers")
            let bytes = try await client.get("/bytes")
            #expect(bytes.body == Array(repeating: 7, count: 40_000))
            let announced = try await client.get("/announced")
            #expect(announced.text == "abc" && announced["Content-Length"] == "3")
            #expect(try await client.get("/nothing").body.isEmpty)
            let none = try await client.get("/none")
            #expect(none.status == .noContent && none.body.isEmpty)
            let head = try await client.head("/announced")
            #expect(head["Content-Length"] == "3" && head.body.isEmpty)
        }
    }

    @Test(arguments: TestMode.allCases)
    func `an error of a sequence replaces or aborts the response`(mode: TestMode) async throws {
        try await withTestClient(over: mode, handler: Self.routes()) { client async throws in
            #expect(try await client.get("/fails").status == .conflict)
            await #expect(throws: (any Error).self) { try await client.get("/breaks") }
            #expect(try await client.get("/texts").status == .ok)
        }
    }

    @Test(arguments: TestMode.allCases)
    func `the first bytes of a sequence arrive before its end`(mode: TestMode) async throws {
        let received = Gate()
        let count = Count()
        let bytes = AsyncThrowingStream(unfolding: { () -> UInt8? in
            count.add(1)
            if count.value > 16 << 10 { try await received.wait() }
            return count.value > 20_000 ? nil : 7
        })
        let handler = SyncHandler { _ in Response.stream(bytes) }
        try await withTestClient(over: mode, handler: handler) { client async throws in
            try await client.withResponse(.get, "/") { response in
                var body: [UInt8] = []
                while body.count < 16 << 10, let piece = try await response.next() {
                    body += piece
                }
                received.open()
                while let piece = try await response.next() { body += piece }
                #expect(body == Array(repeating: 7, count: 20_000))
            }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `a body that is set replaces the sequence`(mode: TestMode) async throws {
        let handler = SyncHandler { _ in
            var response = Response.stream(Self.sequence(["x"]))
            response.body = .text("set")
            return response
        }
        try await withTestClient(over: mode, handler: handler) { client async throws in
            #expect(try await client.get("/").text == "set")
        }
    }

    @Test func `a client that does not read suspends the sequence`() async throws {
        let made = Count()
        let piece = [UInt8](repeating: 1, count: 1 << 16)
        let pieces = AsyncStream(unfolding: { () -> [UInt8]? in
            made.add(1)
            return made.value > 1024 ? nil : piece
        })
        try await withServer(handler: SyncHandler { _ in Response.stream(pieces) }) {
            bound, server in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send("GET / HTTP/1.0\r\n\r\n")
                #expect(await made.settled { _ = await server.counters } < 1024)
                var received = 0
                while true {
                    let count = try await peer.read().count
                    if count == 0 { break }
                    received += count
                }
                #expect(received > 1024 * piece.count)
            }
        }
    }

    @Test(arguments: ["/texts", "/pieces", "/bytes"])
    func `a sequence that a cancellation has ended does not make a complete response`(
        path: String
    ) async throws {
        let (texts, feed) = AsyncStream.makeStream(of: String.self)
        let (pieces, pieceFeed) = AsyncStream.makeStream(of: [UInt8].self)
        let (bytes, byteFeed) = AsyncStream.makeStream(of: UInt8.self)
        feed.yield("a")
        pieceFeed.yield([0x61])
        for _ in 0..<80 << 10 { byteFeed.yield(0x61) }
        var routes = Router()
        routes.get("/texts") { _ in Response.stream(texts) }
        routes.get("/pieces") { _ in Response.stream(pieces) }
        routes.get("/bytes") { _ in Response.stream(bytes) }
        try await withServer(handler: routes) { bound, _ in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await peer.read(until: "a\r\n")
                // The handler is cancelled, because the client may have disconnected.
                try await peer.closeOutput()
                let rest = (try? await peer.readToEnd()) ?? ""
                #expect(!rest.hasSuffix("0\r\n\r\n"))
            }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `a file is a response`(mode: TestMode) async throws {
        let handler = SyncHandler { _ in
            Response.file(at: "Package.swift", contentType: "text/x-swift")
                .attachment(named: "Pakét.swift")
        }
        try await withTestClient(over: mode, handler: handler) { client async throws in
            let whole = try await client.get("/")
            #expect(whole.text.contains("swift-tools-version"))
            #expect(whole["Content-Type"] == "text/x-swift")
            #expect(
                whole["Content-Disposition"]
                    == "attachment; filename=\"Pak_t.swift\"; filename*=UTF-8''Pak%C3%A9t.swift")
            let part = try await client.get("/", headers: [.range: "bytes=3-7"])
            #expect(part.status == .partialContent && part.text == "swift")
            let tag = try #require(whole["ETag"])
            let same = try await client.get("/", headers: [.ifNoneMatch: "\"x,*\", W/\(tag)"])
            #expect(same.status == .notModified)
            let head = try await client.head("/")
            #expect(head["Content-Length"] == "\(whole.body.count)")
        }
    }

    @Test func `a file that does not exist is not found`() async throws {
        let handler = SyncHandler { _ in Response.file(at: "/nowhere/x") }
        try await withTestClient(handler: handler) { client async throws in
            #expect(try await client.get("/").status == .notFound)
        }
    }
}

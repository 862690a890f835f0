import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

/// A response that never waits, because its client reads as fast as it is written, leaves the event loop to others.
@Suite(.finishes(within: .seconds(60))) struct TurnTests {
    /// A sequence whose next element is always available, and that ignores cancellation.
    private struct Endless<Element: Sendable>: AsyncSequence, AsyncIteratorProtocol, Sendable {
        let element: Element

        func makeAsyncIterator() -> Endless { self }
        func next() async throws -> Element? { element }
    }

    private static func routes() -> Router {
        var routes = Router()
        routes.get("/pieces") { _ in Response.stream(Endless(element: [0x61] as [UInt8])) }
        routes.get("/nothing") { _ in Response.stream(Endless(element: [] as [UInt8])) }
        routes.get("/events") { _ in Response.events(Endless(element: ServerSentEvent("a"))) }
        routes.stream(.get, "/writes") { exchange in
            while true {
                try await exchange.response.write("a")
                try await exchange.response.flush()
            }
        }
        routes.stream(.get, "/sends") { exchange in
            while true { try await exchange.response.send(ServerSentEvent("a")) }
        }
        routes.get("/hello") { _ in "hello" }
        return routes
    }

    @Test(arguments: ["/pieces", "/nothing", "/events", "/writes", "/sends"])
    func `an endless response does not occupy the event loop, nor the shutdown`(
        path: String
    ) async throws {
        var limits = ServerLimits()
        limits.gracefulShutdownTimeout = .milliseconds(50)
        try await withServer(handler: Self.routes(), limits: limits) { bound, _ in
            try await RawConnection.connected(to: bound) { reader in
                try await reader.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await !reader.read().isEmpty)
                let reading = Task {
                    while try await !reader.read().isEmpty { try Task.checkCancellation() }
                }
                for _ in 0..<20 {
                    let hello = try await RawConnection.roundTrip(
                        to: bound, ["GET /hello HTTP/1.0\r\n\r\n"])
                    #expect(hello.hasSuffix("hello"))
                }
                reading.cancel()
                _ = try? await reading.value
            }
        }
    }

    @Test func `a timeout ends a response that never waits`() async throws {
        var routes = Router()
        routes.group([RequestTimeout(.milliseconds(20))]) { routes in
            routes.get { _ in Response.stream(Endless(element: [0x61] as [UInt8])) }
        }
        try await withServer(handler: routes) { bound, _ in
            try await RawConnection.connected(to: bound) { reader in
                try await reader.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                let body = (try? await reader.readToEnd()) ?? ""
                #expect(!body.hasSuffix("0\r\n\r\n"))
            }
        }
    }
}

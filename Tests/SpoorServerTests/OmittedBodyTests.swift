import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

/// Sets a status at the last moment, as a middleware for `ETag` does with 304.
private struct LateStatus: SyncMiddleware {
    let status: HTTPResponse.Status
    let observedSteps: ExchangeSteps = .responseWillBeSent

    func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
        guard exchange.response.status == .ok else { return }
        exchange.response.status = status
    }
}

/// Bodies that are written in pieces, whose status an observer changes to one without a body.
@Suite(.finishes(within: .seconds(60))) struct OmittedBodyTests {
    private static func routes(_ status: HTTPResponse.Status) -> Router {
        var routes = Router()
        routes.group([LateStatus(status: status)]) { routes in
            routes.get("/stream") { _ in
                Response.stream(sequence(["a", "b", "c"]), headers: [.eTag: "\"1\""])
            }
            routes.get("/bytes") { _ in
                Response.stream(
                    sequence(Array(repeating: 7 as UInt8, count: 40_000)), headers: [.eTag: "\"1\""]
                )
            }
            routes.get("/events") { _ in
                Response.events(
                    sequence([ServerSentEvent("a"), ServerSentEvent("b")]),
                    headers: [.eTag: "\"1\""])
            }
            routes.get("/file") { _ in
                Response.file(at: #filePath, headers: ["X-Tag": "\"1\""])
            }
            routes.stream(.get, "/writes") { exchange in
                exchange.response.headers[.eTag] = "\"1\""
                try await exchange.response.start(bodyLength: 4)
                try await exchange.response.write("ab")
                try await exchange.response.write([0x63, 0x64])
                #expect(exchange.response.bodyBytesSent == 0)
            }
        }
        routes.stream(.get, "/mistake") { exchange in
            exchange.response.status = .notModified
            try await exchange.response.write("ab")
        }
        return routes
    }

    private static func sequence<Element: Sendable>(_ elements: [Element]) -> AsyncStream<Element> {
        AsyncStream { stream in
            for element in elements { stream.yield(element) }
            stream.finish()
        }
    }

    @Test(
        arguments: TestMode.allCases,
        [HTTPResponse.Status.notModified, .noContent, .resetContent])
    func `what the handler writes is discarded`(
        mode: TestMode, status: HTTPResponse.Status
    ) async throws {
        try await withTestClient(over: mode, handler: Self.routes(status)) { client async throws in
            for path in ["/stream", "/bytes", "/events", "/file", "/writes"] {
                let response = try await client.get(path)
                #expect(response.status == status && response.body.isEmpty, "\(path)")
                #expect(response["ETag"] != nil, "\(path)")
            }
            #expect(try await client.get("/mistake").status == .internalServerError)
        }
    }
}

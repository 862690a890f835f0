import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorTesting
import SpoorText
import TestSupport
import Testing

/// Sets a header of each response, before the rest of the chain runs.
private struct Stamp: Middleware {
    func intercept(_ exchange: Exchange, next: Next) async throws {
        exchange.response.headers[.xContentTypeOptions] = "nosniff"
        try await next(exchange)
    }
}

/// Sets a header of each head, immediately before it is sent.
private struct LateStamp: SyncMiddleware {
    let observedSteps: ExchangeSteps = .responseWillBeSent

    func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
        exchange.response.headers[.server] = "late"
    }
}

/// Problem details as they arrive at a client.
@Suite(.finishes(within: .seconds(60))) struct ProblemResponseTests {
    private struct Failure: Error, CustomStringConvertible {
        let description = "password=secret"
    }

    private static let foreign = #"{ "type":"https://e/x","title":"t", "status":409 }"#

    private static var routes: Router {
        var routes = Router()
        routes.get("/failure") { _ -> Response in throw Failure() }
        routes.get("/problem") { _ -> Response in
            throw Problem(.conflict, "taken", extensions: ["status": 200, "left": 0])
        }
        routes.get("/foreign") { _ in
            Response(status: .conflict, text: foreign, contentType: "application/problem+json")
        }
        routes.post("/items") { _ in HTTPResponse.Status.created }
        return routes
    }

    private func client(_ body: (TestClient) async throws -> Void) async throws {
        try await withTestClient(
            middleware: [Stamp(), LateStamp(), AccessLog(), RequestMetrics(), ErrorMiddleware()],
            handler: Self.routes, body)
    }

    // P012
    @Test func `the status member is the status that was sent`() async throws {
        try await client { client async throws in
            for (path, status) in [("/failure", 500), ("/problem", 409), ("/none", 404)] {
                let response = try await client.get(path)
                #expect(response.status.code == status)
                #expect(response.text.contains("\"status\":\(status)"))
                #expect(!response.text.contains("null"))
                let statuses = response.text.split(separator: "\"status\":").count - 1
                #expect(statuses == 1)
            }
        }
    }

    // P013
    @Test func `a problem that a handler has written itself is sent byte for byte`() async throws {
        try await client { client async throws in
            let response = try await client.get("/foreign", headers: [.accept: "text/html"])
            #expect(response.status == .conflict && response.text == Self.foreign)
            #expect(response["content-type"] == "application/problem+json")
        }
    }

    // P015
    @Test func `responses to errors have the headers of the middlewares around them`() async throws
    {
        try await client { client async throws in
            for path in ["/failure", "/problem", "/none", "/foreign"] {
                let response = try await client.get(path)
                #expect(response["x-content-type-options"] == "nosniff", "\(path)")
                #expect(response["server"] == "late", "\(path)")
            }
            let wrong = try await client.get("/items")
            #expect(wrong.status == .methodNotAllowed && wrong["server"] == "late")
            #expect(wrong["x-content-type-options"] == "nosniff")
        }
    }

    @Test func `nothing of an unexpected error is sent, in any form`() async throws {
        try await client { client async throws in
            for accept in ["*/*", "text/html", "text/plain", "application/problem+json"] {
                let response = try await client.get("/failure", headers: [.accept: accept])
                #expect(response.status == .internalServerError)
                #expect(!response.text.contains("secret") && !response.text.contains("Failure"))
            }
        }
    }
}

import HTTPTypes
import SpoorHTTP
import SpoorJSON
import SpoorJSONTesting
import SpoorMiddleware
import SpoorTesting
import TestSupport
import Testing

private struct Order: Codable, Equatable {
    var id: Int
    var note: String?
}

/// The JSON helpers for tests of services.
@Suite(.finishes(within: .seconds(60))) struct JSONTestingTests {
    private static var routes: Router {
        var routes = Router()
        for method in [HTTPRequest.Method.post, .put, .patch] {
            routes.on(method, "/orders") { exchange in
                let order = try await exchange.json(Order.self)
                return Order(id: order.id + 1, note: "\(exchange.request.method)")
            }
        }
        routes.post("/lines") { exchange in
            var orders: [Order] = []
            for try await order in exchange.jsonLines(Order.self) { orders.append(order) }
            return Response(
                text: orders.map { "{\"id\":\($0.id)}\n" }.joined(),
                contentType: "application/x-ndjson")
        }
        routes.get("/text") { _ in "{\"id\":1}" }
        routes.get("/wrong") { _ in
            Response(text: "{\"id\":\"x\"}", contentType: "application/json")
        }
        return routes
    }

    @Test func `values are sent and read as JSON`() async throws {
        try await withTestClient(handler: Self.routes) { client async throws in
            let posted = try await client.post("/orders", json: Order(id: 1))
            #expect(try posted.json(Order.self) == Order(id: 2, note: "POST"))
            let put = try await client.put("/orders", json: Order(id: 2))
            #expect(try put.json() == Order(id: 3, note: "PUT"))
            let headers: Headers = [.contentType: "application/x.order+json"]
            let patched = try await client.patch("/orders", headers: headers, json: ["id": 3])
            #expect(try patched.json(Order.self).note == "PATCH")
            let lines = try await client.post("/lines", jsonLines: [Order(id: 1), Order(id: 2)])
            #expect(try lines.jsonLines(Order.self) == [Order(id: 1), Order(id: 2)])
        }
    }

    @Test func `a violation is compared by its pointer`() async throws {
        try await withTestClient(handler: Self.routes) { client async throws in
            let response = try await client.post("/orders", json: ["id": "x"])
            #expect(response.problem?.status == .unprocessableContent)
            #expect(
                response.problem?.violations == [.init(.body(pointer: "/id"), "must be an integer")]
            )
        }
    }

    @Test func `an unexpected response is shown by the error`() async throws {
        try await withTestClient(handler: Self.routes) { client async throws in
            let text = try await client.get("/text")
            let error = #expect(throws: TestJSONError.self) { try text.json(Order.self) }
            #expect(error?.description.contains("the response is not JSON\n200") == true)
            let wrong = try await client.get("/wrong")
            let mismatch = #expect(throws: TestJSONError.self) { try wrong.json(Order.self) }
            #expect(mismatch?.description.contains("body /id: must be an integer") == true)
        }
    }
}

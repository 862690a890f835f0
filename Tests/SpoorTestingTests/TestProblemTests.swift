import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorTesting
import SpoorText
import TestSupport
import Testing

/// Problem details are read from responses.
@Suite(.finishes(within: .seconds(60))) struct TestProblemTests {
    private func problem(
        _ body: String, type: String = "application/problem+json", status: HTTPResponse.Status
    ) async throws -> Problem? {
        let response = Response(status: status, text: body, contentType: type)
        return try await withTestClient(handler: SyncHandler { _ in response }) {
            try await $0.get("/").problem
        }
    }

    @Test(arguments: [
        Problem(.notFound),
        Problem(
            .conflict, "already shipped", type: "https://e.example/shipped", title: "Shipped",
            instance: "/orders/7", extensions: ["balance": 30, "nested": ["x": [nil, true]]]),
        Problem(
            .unprocessableContent, "invalid",
            violations: [
                .init(.body(pointer: "/items/0/a~1b c%"), "must be 1"),
                .init(.body(pointer: ""), "x"),
                .init(.query("limit"), "must be an integer"), .init(.path("id"), "p"),
                .init(.header("Accept"), "h"),
            ]),
    ])
    func `a problem that a handler throws is read back`(problem: Problem) async throws {
        let handler = SyncHandler { _ -> Response in throw problem }
        try await withTestClient(handler: handler) { client async throws in
            #expect(try await client.get("/").problem == problem)
        }
    }

    @Test func `other members are extensions`() async throws {
        let read = try await problem(
            #"{"status":500,"title":7,"detail":null,"errors":["x"],"traceId":"4b"}"#,
            status: .badRequest)
        #expect(read == Problem(.badRequest, extensions: ["errors": ["x"], "traceId": "4b"]))
    }

    @Test func `another response is not a problem`() async throws {
        #expect(try await problem("[]", status: .badRequest) == nil)
        #expect(try await problem("{", status: .badRequest) == nil)
        #expect(try await problem("{}", type: "application/json", status: .badRequest) == nil)
    }

    @Test func `a patch is sent`() async throws {
        let handler = AsyncHandler { exchange in
            "\(exchange.request.method) \(try await exchange.body.collect(upTo: 9).count)"
        }
        try await withTestClient(handler: handler) { client async throws in
            #expect(try await client.patch("/", body: .text("abc")).text == "PATCH 3")
        }
    }
}

import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import TestSupport
import Testing

@Suite struct RouterTests {
    static func routes() -> Router {
        var routes = Router()
        routes.get("/") { _ in "root" }
        routes.get("/hello/{name}") { exchange in "hello \(exchange.parameters["name"] ?? "-")" }
        routes.get("/hello/world") { _ in "the literal" }
        routes.get("/a/{x}/c") { exchange in "c of \(exchange.parameters["x"] ?? "-")" }
        routes.get("/a/b/d") { _ in "d" }
        routes.get("/files/{path...}") { exchange in exchange.parameters["path"] ?? "-" }
        routes.post("/items") { exchange in
            let body = try await exchange.body.collect(upTo: 100)
            return Response(status: .created, bytes: body)
        }
        routes.stream(.get, "/stream") { exchange in
            try await exchange.response.write("one,")
            try await exchange.response.write("two")
        }
        return routes
    }

    @Test(arguments: [
        ("/", "root", "/"),
        ("/hello/you", "hello you", "/hello/{name}"),
        ("/hello/you?a=b/c", "hello you", "/hello/{name}"),
        ("/hello/a%20b%2Fc", "hello a b/c", "/hello/{name}"),
        ("/hello/world", "the literal", "/hello/world"),
        ("/hello/w%6Frld", "the literal", "/hello/world"),
        ("/a/b/c", "c of b", "/a/{x}/c"),
        ("/a/b/d", "d", "/a/b/d"),
        ("/files/x/y/z", "x/y/z", "/files/{path...}"),
        ("/files/", "", "/files/{path...}"),
        ("/stream", "one,two", "/stream"),
    ])
    func `finds the route and the values of its parameters`(
        target: String, text: String, route: String
    ) async throws {
        let response = try await RouterResponse(of: Self.routes(), .get, target)
        #expect(response.status == 200)
        #expect(response.text == text)
        #expect(response.route == route)
    }

    @Test(arguments: ["/nowhere", "/hello", "/hello/", "/hello/a/b", "/a/b", "//", "/a//c"])
    func `answers 404 where there is no route`(target: String) async throws {
        let response = try await RouterResponse(of: Self.routes(), .get, target)
        #expect(response.status == 404)
        #expect(response.route == nil)
    }

    // P029
    @Test func `answers 405 with the allowed methods`() async throws {
        let response = try await RouterResponse(of: Self.routes(), .delete, "/hello/you")
        #expect(response.status == 405)
        #expect(response.allow == "GET, HEAD, OPTIONS")
        #expect(response.route == "/hello/{name}")
    }

    @Test(arguments: ["/hello/you", "*"])
    func `answers OPTIONS with the allowed methods`(target: String) async throws {
        let response = try await RouterResponse(of: Self.routes(), .options, target)
        #expect(response.status == 204)
        #expect(response.allow?.contains("GET") == true)
    }

    // P019
    @Test(arguments: [
        "/hello/%zz%", "/hello/%", "/hello/a%2", "/files/a/%g0", "/nowhere/%", "/%7B%ch%%7D",
        "/%/hello", "/files/a/b/%2",
    ])
    func `answers 400 to a malformed escape in the path`(target: String) async throws {
        #expect(try await RouterResponse(of: Self.routes(), .get, target).status == 400)
        #expect(try await RouterResponse(of: Self.routes(), .options, target).status == 400)
    }

    @Test func `answers 501 to an unknown method`() async throws {
        let brew = try #require(HTTPRequest.Method("BREW"))
        #expect(try await RouterResponse(of: Self.routes(), brew, "/hello/you").status == 501)
        #expect(try await RouterResponse(of: Self.routes(), brew, "/nowhere").status == 501)
    }

    // P029
    @Test func `answers HEAD by the GET route`() async throws {
        let response = try await RouterResponse(of: Self.routes(), .head, "/hello/you")
        #expect(response.status == 200)
        #expect(response.route == "/hello/{name}")
    }

    @Test func `passes the body to an asynchronous route`() async throws {
        let response = try await RouterResponse(
            of: Self.routes(), .post, "/items", requestBody: [[1], [2, 3]])
        #expect(response.status == 201)
        #expect(Array(response.text.utf8) == [1, 2, 3])
    }
}

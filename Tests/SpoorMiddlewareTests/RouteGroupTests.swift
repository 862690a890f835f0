import HTTPTypes
import SpoorHTTP
import TestSupport
import Testing

@testable import SpoorMiddleware

@Suite struct RouteGroupTests {
    private static func routes() -> Router {
        var routes = Router()
        routes.get("/health") { _ in "fine" }
        routes.group("/orders", [NamedMiddleware("orders")]) { orders in
            orders.get { _ in "list" }
            orders.post("/") { _ in "create" }
            orders.get("/{id}") { exchange in "order \(exchange.parameters["id"] ?? "-")" }
            orders.group("/{id}/items", [NamedMiddleware("items"), NamedMiddleware("inner")]) {
                items in
                items.get { exchange in "items of \(exchange.parameters["id"] ?? "-")" }
                items.delete("/{item}") { exchange in
                    "\(exchange.parameters["id"] ?? "-") \(exchange.parameters["item"] ?? "-")"
                }
            }
            orders.group([NamedMiddleware("admin")]) { admin in
                admin.delete("/{id}") { _ in "deleted" }
            }
        }
        routes.get("/orders-archive") { _ in "archive" }
        return routes
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/health", "fine", "/health", ""),
        (.get, "/orders", "list", "/orders", "orders"),
        (.post, "/orders", "create", "/orders", "orders"),
        (.get, "/orders/7", "order 7", "/orders/{id}", "orders"),
        (.get, "/orders/7/items", "items of 7", "/orders/{id}/items", "orders items inner"),
        (.delete, "/orders/7/items/8", "7 8", "/orders/{id}/items/{item}", "orders items inner"),
        (.delete, "/orders/7", "deleted", "/orders/{id}", "orders admin"),
        (.get, "/orders-archive", "archive", "/orders-archive", ""),
        // HEAD passes through the same middlewares as GET.
        (.head, "/orders/7", "order 7", "/orders/{id}", "orders"),
    ])
    func `the routes of a group have its prefix, and its middlewares in order`(
        method: HTTPRequest.Method, target: String, text: String, route: String, trail: String
    ) async throws {
        let response = try await RouterResponse(of: Self.routes(), method, target)
        #expect(response.status == 200)
        #expect(response.text == text)
        #expect(response.route == route)
        #expect(response.trail == trail)
    }

    // P027
    @Test(arguments: ["/orders/", "/ordersx", "/orders/7/", "/orders/7/items/", "/order"])
    func `a prefix matches at the boundary of a segment only`(target: String) async throws {
        let response = try await RouterResponse(of: Self.routes(), target)
        #expect(response.status == 404)
        #expect(response.trail == "")
        #expect(response.route == nil)
    }

    @Test(arguments: [
        // The middlewares that all routes of the path have in common: those of the group, without those inside of it.
        (HTTPRequest.Method.put, "/orders/7", "GET, DELETE, HEAD, OPTIONS", "orders"),
        (.put, "/orders/7/items", "GET, HEAD, OPTIONS", "orders items inner"),
        (.put, "/orders", "GET, POST, HEAD, OPTIONS", "orders"),
        (.put, "/health", "GET, HEAD, OPTIONS", ""),
    ])
    func `a 405 and OPTIONS pass through the middlewares that all routes of the path have`(
        method: HTTPRequest.Method, target: String, allow: String, trail: String
    ) async throws {
        let rejected = try await RouterResponse(of: Self.routes(), method, target)
        #expect(rejected.status == 405)
        #expect(rejected.allow == allow)
        #expect(rejected.trail == trail)
        let options = try await RouterResponse(of: Self.routes(), .options, target)
        #expect(options.status == 204)
        #expect(options.allow == allow)
        #expect(options.trail == trail)
    }

    @Test func `a path of several groups has the middlewares of the group around them`()
        async throws
    {
        var routes = Router()
        routes.group([NamedMiddleware("outer")]) { outer in
            outer.group([NamedMiddleware("a")]) { $0.get("/x") { _ in "a" } }
            outer.group([NamedMiddleware("b")]) { b in
                b.group([NamedMiddleware("c")]) { $0.put("/x") { _ in "c" } }
            }
        }
        #expect(try await RouterResponse(of: routes, .delete, "/x").trail == "outer")
        routes.post("/x") { _ in "post" }
        #expect(try await RouterResponse(of: routes, .delete, "/x").trail == "")
        #expect(try await RouterResponse(of: routes, .put, "/x").trail == "outer b c")
    }

    @Test func `a middleware of a group answers preflight requests to its routes`() async throws {
        struct Preflight: Middleware {
            func intercept(_ exchange: Exchange, next: Next) async throws {
                exchange.response.headers[.accessControlAllowOrigin] = "*"
                guard exchange.request.headers.contains(.accessControlRequestMethod) else {
                    return try await next(exchange)
                }
                exchange.response.status = .noContent
            }
        }
        var routes = Router()
        routes.group("/api", [Preflight()]) { $0.post("/users") { _ in "created" } }
        let asked: Headers = [.accessControlRequestMethod: "POST"]
        let preflight = try await RouterResponse(of: routes, .options, "/api/users", headers: asked)
        #expect(preflight.status == 204)
        #expect(preflight.headers[.accessControlAllowOrigin] == "*")
        #expect(preflight.allow == nil)
        let wrong = try await RouterResponse(of: routes, .get, "/api/users")
        #expect(wrong.status == 405)
        #expect(wrong.allow == "POST, OPTIONS")
        #expect(wrong.headers[.accessControlAllowOrigin] == "*")
    }

    @Test(arguments: ["", "/"])
    func `a prefix of nothing adds nothing`(prefix: String) async throws {
        var routes = Router()
        routes.group(prefix, [NamedMiddleware("m")]) { group in
            group.get { _ in "root" }
            group.get("/a") { _ in "a" }
        }
        #expect(try await RouterResponse(of: routes, "/").text == "root")
        #expect(try await RouterResponse(of: routes, "/a").route == "/a")
    }

    @Test(arguments: [
        ("orders", #"the route pattern "orders" is invalid: it must begin with a slash"#),
        ("/orders/", #"the prefix "/orders/" ends in a slash: write "/orders""#),
        ("/{path...}", #"the prefix "/{path...}" has a parameter for the rest of the path"#),
        ("/:id", "a parameter is written {id}, not :id"),
        ("/a//b", "a segment between two slashes is empty"),
        ("/{tenant}", #""/t/{tenant}/{tenant}" is invalid: the name {tenant} is used twice"#),
    ])
    func `an invalid prefix is rejected with the reason`(prefix: String, reason: String) throws {
        var routes = Router()
        routes.scope.prefix = prefix == "/{tenant}" ? "/t/{tenant}" : ""
        let error = #expect(throws: (any Error).self) { try routes.prefix(adding: prefix) }
        #expect("\(error, default: "")".contains(reason))
    }

    @Test func `a pattern without a slash does not change the prefix`() async throws {
        let result = await #expect(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) {
            var routes = Router()
            routes.group("/orders") { $0.get("{id}") { _ in "1" } }
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text.contains(#"the route pattern "{id}" is invalid: it must begin with a slash"#))
    }

    @Test func `a conflict between groups names both routes and their source locations`()
        async throws
    {
        let result = await #expect(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) {
            var routes = Router()
            routes.group("/a") { $0.get("/{id}") { _ in "1" } }
            routes.group([NamedMiddleware("m")]) { $0.get("/a/{name}") { _ in "2" } }
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        for part in [
            "the route GET /a/{name} (SpoorMiddlewareTests/RouteGroupTests.swift:",
            "conflicts with GET /a/{id} (SpoorMiddlewareTests/RouteGroupTests.swift:",
        ] { #expect(text.contains(part)) }
    }

    @Test func `an error of the closure leaves the group`() async throws {
        struct Failure: Error {}
        var routes = Router()
        #expect(throws: Failure.self) {
            try routes.group("/a", [NamedMiddleware("m")]) { _ in throw Failure() }
        }
        routes.get("/b") { _ in "b" }
        let response = try await RouterResponse(of: routes, "/b")
        #expect(response.text == "b")
        #expect(response.trail == "")
    }
}

@Suite struct AnyMethodTests {
    private static func routes() -> Router {
        var routes = Router()
        routes.any("/x") { exchange in "any \(exchange.request.method.rawValue)" }
        routes.get("/x") { _ in "get" }
        routes.any("/echo/{path...}") { exchange in exchange.parameters["path"] }
        routes.put("/users/{id}") { _ in "put" }
        routes.any("/users/me") { _ in "me" }
        return routes
    }

    @Test(arguments: [
        ("GET", "/x", "get"), ("PUT", "/x", "any PUT"), ("OPTIONS", "/x", "any OPTIONS"),
        ("PURGE", "/x", "any PURGE"),
        // HEAD is a GET without a body, so the GET route answers it.
        ("HEAD", "/x", "get"),
        ("HEAD", "/echo/a/b", "a/b"), ("PATCH", "/echo/", ""),
        ("PUT", "/users/me", "me"), ("PUT", "/users/7", "put"),
    ])
    func `a route for every method answers what no route of its path does`(
        method: String, target: String, text: String
    ) async throws {
        let method = try #require(HTTPRequest.Method(method))
        let response = try await RouterResponse(of: Self.routes(), method, target)
        #expect(response.status == 200)
        #expect(response.text == text)
    }

    @Test func `a custom method has its own routes`() async throws {
        let purge = try #require(HTTPRequest.Method("PURGE"))
        var routes = Router()
        routes.group("/cache") { $0.on(purge) { _ in "purged" } }
        #expect(try await RouterResponse(of: routes, purge, "/cache").text == "purged")
        #expect(try await RouterResponse(of: routes, purge, "/nowhere").status == 404)
        let wrong = try await RouterResponse(of: routes, .get, "/cache")
        #expect(wrong.status == 405)
        #expect(wrong.allow == "PURGE, OPTIONS")
    }

    @Test func `a router with routes for every method knows every method`() async throws {
        let brew = try #require(HTTPRequest.Method("BREW"))
        #expect(try await RouterResponse(of: Self.routes(), brew, "/nowhere").status == 404)
        #expect(try await RouterResponse(of: Self.routes(), brew, "/users/7").status == 405)
        #expect(
            try await RouterResponse(of: Self.routes(), .options, "*").allow
                == "GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE, PATCH")
    }

    @Test func `two routes for every method of the same paths conflict`() throws {
        var routes = Router()
        routes.any("/{a}") { _ in "1" }
        routes.get("/{b}") { _ in "2" }
        let error = #expect(throws: RouteConflict.self) {
            try routes.add(
                RouteIdentity(.any, template: "/{c}", place: "App/C.swift:3"),
                SyncHandler { _ in "3" })
        }
        #expect("\(error, default: "")".contains("the route any /{c} (App/C.swift:3) conflicts"))
    }
}

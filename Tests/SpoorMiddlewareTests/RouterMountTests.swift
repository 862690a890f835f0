import HTTPTypes
import SpoorHTTP
import TestSupport
import Testing

@testable import SpoorMiddleware

@Suite struct RouterMountTests {
    private static func admin() -> Router {
        var admin = Router()
        admin.get { _ in "dashboard" }
        admin.get("/users/{id}") { exchange in
            "\(exchange.parameters[ifPresent: "tenant"] ?? "-") \(exchange.parameters["id"] ?? "-")"
        }
        admin.group("/jobs", [NamedMiddleware("jobs")]) { jobs in
            jobs.post { _ in "job" }
            jobs.group([NamedMiddleware("inner")]) { $0.put { _ in "replaced" } }
        }
        return admin
    }

    private static func routes() -> Router {
        var routes = Router()
        routes.mount("/admin", admin())
        routes.group("/tenants/{tenant}", [NamedMiddleware("tenant")]) {
            $0.mount("/admin", admin())
        }
        routes.get("/administrator") { _ in "administrator" }
        return routes
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/admin", "dashboard", "/admin", ""),
        (.get, "/admin/users/7", "- 7", "/admin/users/{id}", ""),
        (.post, "/admin/jobs", "job", "/admin/jobs", "jobs"),
        (.put, "/admin/jobs", "replaced", "/admin/jobs", "jobs inner"),
        (.get, "/tenants/a/admin", "dashboard", "/tenants/{tenant}/admin", "tenant"),
        (
            .get, "/tenants/a/admin/users/7", "a 7", "/tenants/{tenant}/admin/users/{id}",
            "tenant"
        ),
        (
            .put, "/tenants/a/admin/jobs", "replaced", "/tenants/{tenant}/admin/jobs",
            "tenant jobs inner"
        ),
        (.get, "/administrator", "administrator", "/administrator", ""),
    ])
    func `the routes of a mounted router have the prefix`(
        method: HTTPRequest.Method, target: String, text: String, route: String, trail: String
    ) async throws {
        let response = try await RouterResponse(of: Self.routes(), method, target)
        #expect(response.status == 200)
        #expect(response.text == text)
        #expect(response.route == route)
        #expect(response.trail == trail)
    }

    @Test(arguments: ["/users/7", "/adminx", "/admin/", "/admin/users/", "/admin/nowhere"])
    func `a mounted router answers no other paths`(target: String) async throws {
        #expect(try await RouterResponse(of: Self.routes(), target).status == 404)
    }

    @Test func `a 405 lists the methods of all routers that have routes of the path`()
        async throws
    {
        var routes = Self.routes()
        routes.delete("/admin/users/{id}") { _ in "deleted" }
        let response = try await RouterResponse(of: routes, .post, "/admin/users/7")
        #expect(response.status == 405)
        #expect(response.allow == "GET, DELETE, HEAD, OPTIONS")
        // The groups of a mounted router are still those of several routes.
        let jobs = try await RouterResponse(of: routes, .delete, "/tenants/a/admin/jobs")
        #expect(jobs.allow == "POST, PUT, OPTIONS")
        #expect(jobs.trail == "tenant jobs")
    }

    @Test func `of mounted routers and other routes the most specific route answers`()
        async throws
    {
        var inner = Router()
        inner.get("/{path...}") { _ in "rest" }
        inner.get("/{name}") { _ in "name" }
        var routes = Router()
        routes.get("/{area}/{name}") { _ in "outer" }
        routes.mount("/a", inner)
        routes.get("/a/x") { _ in "literal" }
        for (target, text) in [
            ("/a/x", "literal"), ("/a/y", "name"), ("/a/y/z", "rest"), ("/a/", "rest"),
            ("/b/y", "outer"),
        ] { #expect(try await RouterResponse(of: routes, target).text == text) }
    }

    @Test func `mounting at the root adds the routes as they are`() async throws {
        var routes = Router()
        routes.get("/own") { _ in "own" }
        routes.mount("/", Self.admin())
        #expect(try await RouterResponse(of: routes, "/").text == "dashboard")
        #expect(try await RouterResponse(of: routes, "/users/7").text == "- 7")
        #expect(try await RouterResponse(of: routes, "/own").text == "own")
    }

    @Test(arguments: [
        ("/files", "any GET "), ("/files/", "any GET "), ("/files/a/b", "any GET a/b"),
        ("/files/a%2Fb", "any GET a/b"), ("/files/exact", "exact"),
    ])
    func `any handler can be mounted, for every method`(target: String, text: String) async throws {
        var routes = Router()
        routes.mount(
            "/files",
            SyncHandler { exchange in
                #expect(exchange.request.path.hasPrefix("/files"))
                return
                    "any \(exchange.request.method.rawValue) \(exchange.parameters["path"] ?? "-")"
            })
        routes.get("/files/exact") { _ in "exact" }
        let response = try await RouterResponse(of: routes, target)
        #expect(response.text == text)
        #expect(try await RouterResponse(of: routes, .put, target).text.hasPrefix("any PUT"))
        #expect(try await RouterResponse(of: routes, "/filesx").status == 404)
    }

    @Test func `a router within a mounted handler matches the whole path`() async throws {
        struct Wrapper: Handler {
            let routes: Router
            func handle(_ exchange: Exchange) async throws { try await routes.handle(exchange) }
        }
        var inner = Router()
        inner.get("/api/users/{id}") {
            "\($0.parameters["path"] ?? "") \($0.parameters["id"] ?? "")"
        }
        var routes = Router()
        routes.mount("/api", Wrapper(routes: inner))
        #expect(try await RouterResponse(of: routes, "/api/users/7").text == "users/7 7")
        #expect(try await RouterResponse(of: routes, "/api/users").status == 404)
    }

    @Test func `a conflict names both routes, with the places where they were added and mounted`()
        throws
    {
        var routes = Router()
        try routes.mount(Self.admin(), at: "/admin", place: "App/Main.swift:1")
        let error = #expect(throws: RouteConflict.self) {
            try routes.mount(Self.admin(), at: "/admin", place: "App/Main.swift:2")
        }
        let text = "\(error, default: "")"
        #expect(
            text.hasPrefix("the route GET /admin (SpoorMiddlewareTests/RouterMountTests.swift:"))
        #expect(text.contains(", mounted at App/Main.swift:2) conflicts with GET /admin ("))
        #expect(text.contains(", mounted at App/Main.swift:1): both have the same method"))
    }

    @Test func `a router with other rules cannot be mounted`() throws {
        var routes = Router(trailingSlash: .ignore)
        try routes.mount(Router(), at: "/a", place: "here")
        try routes.mount(Router(trailingSlash: .ignore), at: "/b", place: "here")
        let slash = #expect(throws: RouterError.self) {
            try routes.mount(Router(trailingSlash: .redirect), at: "/c", place: "here")
        }
        #expect(
            "\(slash, default: "")"
                == "a router with trailingSlash: .redirect is mounted in one with trailingSlash: .ignore: "
                + "set it for the outer one, whose rules apply to the whole path")
        #expect(throws: RouterError.self) {
            try routes.mount(Router(pathCleaning: .clean), at: "/c", place: "here")
        }
    }
}

@Suite struct RouterFallbackTests {
    private static func routes() -> Router {
        var api = Router()
        api.get("/users") { _ in "users" }
        api.fallback { exchange in Response(status: .notFound, text: "api \(exchange.request.path)")
        }
        var web = Router()
        web.get("/home") { _ in "home" }
        web.fallback { _ in "index" }
        var routes = Router()
        routes.mount("/api", api)
        routes.mount("/web", web)
        routes.group("/tenants/{tenant}", [NamedMiddleware("tenant")]) { tenants in
            tenants.get("/orders") { _ in "orders" }
            tenants.fallback { _ in Response(status: .notFound, text: "tenant") }
        }
        routes.put("/{name}/{version}") { _ in "package" }
        return routes
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/api/users", 200, "users", ""),
        (.get, "/api/unknown", 404, "api /api/unknown", ""),
        (.get, "/api", 404, "api /api", ""), (.get, "/api/", 404, "api /api/", ""),
        (.get, "/api/users/7", 404, "api /api/users/7", ""),
        (.delete, "/api/users", 405, "", ""), (.options, "/api/users", 204, "", ""),
        (.get, "/web/anything", 200, "index", ""), (.post, "/web/x", 200, "index", ""),
        (.get, "/tenants/a/x", 404, "tenant", "tenant"),
        (.get, "/tenants/a", 404, "tenant", "tenant"),
        (.get, "/tenants/a/orders", 200, "orders", "tenant"),
        // A route of another place that is less specific does not hide the fallback.
        (.put, "/api/unknown", 404, "api /api/unknown", ""),
        (.put, "/other/unknown", 200, "package", ""),
        (.get, "/apix", 404, "", ""), (.get, "/", 404, "", ""), (.get, "/tenants", 404, "", ""),
        (.get, "/other/unknown", 405, "", ""),
    ])
    func `a fallback handles the paths below its prefix that no route matches`(
        method: HTTPRequest.Method, target: String, status: Int, text: String, trail: String
    ) async throws {
        let response = try await RouterResponse(of: Self.routes(), method, target)
        #expect(response.status == status)
        if status < 400 || text != "" { #expect(response.text == text) }
        #expect(response.trail == trail)
        if text == "index" || status == 404 { #expect(response.route == nil) }
    }

    @Test func `the fallback of a router handles what no other one does`() async throws {
        var routes = Self.routes()
        routes.fallback { _ in "outer" }
        for target in ["/", "/apix", "/tenants", "//", "/a/b/c"] {
            #expect(try await RouterResponse(of: routes, target).text == "outer")
        }
        #expect(try await RouterResponse(of: routes, "/api/x").text == "api /api/x")
        #expect(try await RouterResponse(of: routes, "/other/unknown").status == 405)
        let brew = try #require(HTTPRequest.Method("BREW"))
        #expect(try await RouterResponse(of: routes, brew, "/").text == "outer")
    }

    @Test func `a route for the rest of the path takes precedence over a fallback`() async throws {
        var routes = Router()
        routes.group("/files") { files in
            files.get("/{path...}") { _ in "file" }
            files.fallback { _ in "fallback" }
        }
        #expect(try await RouterResponse(of: routes, "/files/a/b").text == "file")
        #expect(try await RouterResponse(of: routes, "/files").text == "fallback")
        #expect(try await RouterResponse(of: routes, .put, "/files/a").status == 405)
    }

    @Test func `a fallback may be any handler, and has no parameters`() async throws {
        var routes = Router()
        routes.group("/t/{tenant}") { group in
            group.fallback(
                StreamingHandler { try await $0.response.write("\($0.parameters.names)") })
        }
        #expect(try await RouterResponse(of: routes, "/t/a/b").text == "[]")
    }

    @Test func `a prefix has one fallback`() throws {
        var routes = Router()
        routes.fallback { _ in "1" }
        routes.group("/a") { group in
            group.fallback { _ in "2" }
            let again = RouteIdentity(
                .any, template: "/a", place: "App/Main.swift:9", kind: .fallback)
            let error = #expect(throws: RouteConflict.self) {
                try group.add(again, SyncHandler { _ in "3" })
            }
            let text = "\(error, default: "")"
            #expect(
                text.hasPrefix(
                    "the fallback of /a (App/Main.swift:9) conflicts with the fallback of /a ("))
            #expect(text.hasSuffix("): a prefix of a router has one fallback"))
        }
    }
}

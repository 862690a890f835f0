import HTTPTypes
import SpoorHTTP
import TestSupport
import Testing

@testable import SpoorMiddleware

@Suite struct RouteDescriptionTests {
    private static func routes() throws -> Router {
        var admin = Router()
        try admin.add(
            RouteIdentity(method: .get, template: "/", place: "App/Admin.swift:3"),
            SyncHandler { _ in "dashboard" })
        admin.fallback { _ in "unknown" }
        var routes = Router()
        try routes.add(
            RouteIdentity(
                method: .get, template: "/users/{id}/{part}.json", place: "App/A.swift:1"),
            AsyncHandler { _ in "user" })
        try routes.group([NamedMiddleware("a")]) { group in
            try group.group([ErrorMiddleware()]) { inner in
                try inner.add(
                    RouteIdentity(.any, template: "/any", place: "App/A.swift:2"),
                    StreamingHandler { _ in })
            }
            try group.mount(admin, at: "/admin", place: "App/A.swift:3")
        }
        routes.host("*.example.com") { host in
            host.mount("/files", SyncHandler { _ in "file" }, file: "App/F.swift", line: 4)
            if let purge = HTTPRequest.Method("PURGE") {
                host.on(purge, "/cache", file: "App/C.swift", line: 5) { _ in "purged" }
            }
        }
        return routes
    }

    @Test func `a router lists its routes with all that is known of them`() throws {
        let routes = try Self.routes().routes
        #expect(routes.map(\.kind) == [.route, .route, .route, .fallback, .mount, .route])
        #expect(routes.map { $0.method?.rawValue } == ["GET", nil, "GET", nil, nil, "PURGE"])
        #expect(
            routes.map(\.pattern) == [
                "/users/{id}/{part}.json", "/any", "/admin", "/admin", "/files/{path...}", "/cache",
            ])
        #expect(routes.map(\.host) == [nil, nil, nil, nil, "*.example.com", "*.example.com"])
        #expect(routes[0].parameters == ["id", "part"])
        #expect(routes[4].parameters == ["path"])
        #expect(
            routes.map(\.middlewares) == [
                [], ["NamedMiddleware", "ErrorMiddleware"], ["NamedMiddleware"],
                ["NamedMiddleware"],
                [], [],
            ])
        #expect(
            routes.map(\.handler) == [
                "AsyncHandler", "StreamingHandler", "SyncHandler", "SyncHandler", "SyncHandler",
                "SyncHandler",
            ])
        #expect(routes[2].location == "App/Admin.swift:3, mounted at App/A.swift:3")
        #expect(routes[4].location == "App/F.swift:4")
        #expect(routes[5].description == "PURGE *.example.com/cache (App/C.swift:5)")
    }

    @Test func `the pattern of a listed route is the route of its requests`() async throws {
        let routes = try Self.routes()
        for (target, host, index) in [
            ("/users/7/a.json", "localhost", 0), ("/admin", "localhost", 2),
            ("/files/a", "a.example.com", 4),
        ] {
            let response = try await RouterResponse(of: routes, target, host: host)
            #expect(response.route == routes.routes[index].pattern)
        }
    }

    @Test func `a router is printed as a table`() throws {
        var routes = Router()
        #expect(routes.description == "")
        for route in [
            RouteIdentity(method: .get, template: "/users/{id}", place: "App/A.swift:1"),
            RouteIdentity(method: .delete, template: "/a", place: "App/A.swift:20"),
        ] { try routes.add(route, SyncHandler { _ in "" }) }
        try routes.group([NamedMiddleware("m"), ErrorMiddleware()]) { group in
            try group.add(
                RouteIdentity(.any, template: "/b", place: "App/B.swift:3"),
                SyncHandler { _ in "" })
        }
        #expect(
            "\(routes)" == """
                GET     /users/{id}  App/A.swift:1
                DELETE  /a           App/A.swift:20
                any     /b           App/B.swift:3  NamedMiddleware, ErrorMiddleware

                """)
    }
}

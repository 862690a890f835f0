import HTTPTypes
import SpoorHTTP
import TestSupport
import Testing

@testable import SpoorMiddleware

@Suite struct TrailingSlashTests {
    private static func routes(_ rule: Router.TrailingSlash) -> Router {
        var routes = Router(trailingSlash: rule)
        routes.get { _ in "root" }
        routes.get("/users") { _ in "users" }
        routes.post("/users") { _ in "created" }
        routes.get("/users/{id}") { exchange in "user \(exchange.parameters["id"] ?? "")" }
        routes.group("/docs", [NamedMiddleware("docs")]) { docs in
            docs.get("/{page}/") { exchange in "page \(exchange.parameters["page"] ?? "")" }
        }
        routes.get("/files/{path...}") { exchange in "file \(exchange.parameters["path"] ?? "")" }
        routes.get("/%23/") { _ in "number sign" }
        routes.get("/r/{name}.json") { exchange in exchange.parameters["name"] }
        return routes
    }

    @Test(arguments: ["/users/", "/users/7/", "/docs/a", "/files", "/%23"])
    func `strict: a path with another slash at its end is another path`(target: String)
        async throws
    {
        #expect(try await RouterResponse(of: Self.routes(.strict), target).status == 404)
    }

    @Test(arguments: [
        ("/users/", "/users", "/users"), ("/users/7/", "/users/7", "/users/{id}"),
        ("/users/?a=1&b=%2F", "/users?a=1&b=%2F", "/users"), ("/users/?", "/users?", "/users"),
        ("/docs/a", "/docs/a/", "/docs/{page}/"), ("/docs/a?x", "/docs/a/?x", "/docs/{page}/"),
        ("/files", "/files/", "/files/{path...}"),
        // The escapes of the path are kept, so that the other form has the same route.
        ("/%23", "/%23/", "/%23/"), ("/docs/%23", "/docs/%23/", "/docs/{page}/"),
        ("/docs/a%2F%2Fb", "/docs/a%2F%2Fb/", "/docs/{page}/"),
        ("/r/a.json/", "/r/a.json", "/r/{name}.json"),
    ])
    func `redirect: the other form is named with the query and the route`(
        target: String, location: String, route: String
    ) async throws {
        let response = try await RouterResponse(of: Self.routes(.redirect), target)
        #expect(response.status == 308)
        #expect(response.location == location)
        #expect(response.route == route)
        #expect(response.text == "")
        #expect(response.trail == (route.hasPrefix("/docs") ? "docs" : ""))
        // The location is the path of a route, not of another redirect.
        #expect(try await RouterResponse(of: Self.routes(.redirect), location).status == 200)
    }

    @Test(arguments: [
        ("/users", "users"), ("/", "root"), ("/docs/a/", "page a"), ("/files/", "file "),
        ("/files/a/", "file a/"), ("/users/7", "user 7"),
    ])
    func `redirect: a path that a route matches is not redirected`(target: String, text: String)
        async throws
    {
        #expect(try await RouterResponse(of: Self.routes(.redirect), target).text == text)
    }

    @Test func `redirect: only a method of the other form is redirected`() async throws {
        let routes = Self.routes(.redirect)
        #expect(try await RouterResponse(of: routes, .post, "/users/").location == "/users")
        #expect(try await RouterResponse(of: routes, .head, "/users/").location == "/users")
        let wrong = try await RouterResponse(of: routes, .delete, "/users/")
        #expect(wrong.status == 405)
        #expect(wrong.allow == "GET, POST, HEAD, OPTIONS")
        // A browser does not follow the redirect of a preflight request.
        #expect(try await RouterResponse(of: routes, .options, "/users/").status == 204)
        let brew = try #require(HTTPRequest.Method("BREW"))
        #expect(try await RouterResponse(of: routes, brew, "/users/").status == 501)
    }

    // P022
    @Test(arguments: Router.TrailingSlash.allTested)
    func `a redirect never leads to another host`(rule: Router.TrailingSlash) async throws {
        var routes = Router(trailingSlash: rule)
        routes.get("/{a}") { _ in "a" }
        routes.get("/{a}/{b}/") { _ in "b" }
        routes.get("/{a}/x/{path...}") { _ in "c" }
        for target in [
            "//evil.example", "//evil.example/", "///evil.example/", "/\\evil.example/",
            "/\\evil.example", "/\\/evil.example", "/%5Cevil.example/", "/%5cevil.example/x",
            "/%2f%2fevil.example/", "/%2Fevil.example/", "//evil.example/x", "/\\evil.example/x",
            "//evil.example/%2e%2e/", "/evil.example//", "/\tevil.example/", "//", "///", "/\\/",
        ] {
            for cleaning in [Router.PathCleaning.off, .redirect, .clean] {
                var cleaned = Router(trailingSlash: rule, pathCleaning: cleaning)
                cleaned.mount("", routes.with(rule, cleaning))
                let response = try await RouterResponse(of: cleaned, target)
                guard let location = response.location else { continue }
                #expect(location.hasPrefix("/"), "\(target)")
                #expect(!location.hasPrefix("//") && !location.contains("\\"), "\(target)")
                #expect(!location.contains("\t"))
            }
        }
    }

    @Test(arguments: [
        ("/users", "users"), ("/users/", "users"), ("/users/7/", "user 7"), ("/docs/a", "page a"),
        ("/docs/a/", "page a"), ("/files", "file "), ("/files/", "file "),
        // The rest of the path keeps its slash.
        ("/files/a/", "file a/"), ("/files/a//", "file a//"), ("/", "root"),
        ("/%23", "number sign"),
        ("/r/a.json/", "a"),
    ])
    func `ignore: both forms have the same route`(target: String, text: String) async throws {
        #expect(try await RouterResponse(of: Self.routes(.ignore), target).text == text)
    }

    @Test(arguments: ["//", "/users//", "//users", "/docs//", "/users/7//"])
    func `an empty segment is not a slash at the end`(target: String) async throws {
        for rule in Router.TrailingSlash.allTested {
            #expect(try await RouterResponse(of: Self.routes(rule), target).status == 404)
        }
    }

    @Test func `ignore: routes that differ in the slash only conflict`() throws {
        var routes = Router(trailingSlash: .ignore)
        routes.get("/users/{id}/") { _ in "1" }
        #expect(throws: RouteConflict.self) {
            try routes.add(
                RouteIdentity(method: .get, template: "/users/{name}", place: "here"),
                SyncHandler { _ in "2" })
        }
        var strict = Router()
        strict.get("/users/{id}/") { _ in "1" }
        strict.get("/users/{id}") { _ in "2" }
    }

    @Test func `ignore: a literal that a longer route shares does not hide a parameter`()
        async throws
    {
        var routes = Router(trailingSlash: .ignore)
        routes.get("/a/c") { _ in "literal" }
        routes.get("/a/{x}/b") { _ in "parameter" }
        routes.get("/files") { _ in "list" }
        routes.get("/files/{path...}") { _ in "file" }
        for (target, text) in [
            ("/a/c/b", "parameter"), ("/a/c/b/", "parameter"), ("/a/c/", "literal"),
            ("/files/", "list"), ("/files", "list"), ("/files/x", "file"),
        ] { #expect(try await RouterResponse(of: routes, target).text == text) }
    }

    @Test func `the other form of a path is not unknown to a fallback`() async throws {
        var routes = Router(trailingSlash: .redirect)
        routes.get("/users") { _ in "users" }
        routes.fallback { _ in "fallback" }
        #expect(try await RouterResponse(of: routes, "/users/").status == 308)
        #expect(try await RouterResponse(of: routes, .put, "/users/").status == 405)
        #expect(try await RouterResponse(of: routes, "/others/").text == "fallback")
    }

    @Test func `redirect: hosts have their own paths`() async throws {
        var routes = Router(trailingSlash: .redirect)
        routes.host("a.test") { $0.get("/a") { _ in "a" } }
        #expect(try await RouterResponse(of: routes, "/a/", host: "a.test").location == "/a")
        #expect(try await RouterResponse(of: routes, "/a/", host: "evil.example").status == 404)
    }
}

extension Router.TrailingSlash {
    static let allTested: [Self] = [.strict, .redirect, .ignore]
}

extension Router {
    /// The same routes under other rules.
    func with(_ trailingSlash: TrailingSlash, _ pathCleaning: PathCleaning) -> Router {
        var copy = Router(trailingSlash: trailingSlash, pathCleaning: pathCleaning)
        for record in routeSet.records { try? copy.add(record.identity, record.handler) }
        return copy
    }
}

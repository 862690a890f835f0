import HTTPTypes
import SpoorHTTP
import TestSupport
import Testing

@testable import SpoorMiddleware

@Suite struct PathCleaningTests {
    private static func clean(_ path: String) -> String? {
        let bytes = Array("GET \(path) HTTP/1.1".utf8)
        return PathCleaner.clean(bytes, 4..<4 + path.utf8.count).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test(arguments: [
        ("//", "/"), ("///", "/"), ("/a//b", "/a/b"), ("//a", "/a"), ("/a//", "/a/"),
        ("/.", "/"), ("/./", "/"), ("/a/.", "/a/"), ("/a/./b", "/a/b"), ("/./a", "/a"),
        ("/..", "/"), ("/../", "/"), ("/../../a", "/a"), ("/a/..", "/"), ("/a/../", "/"),
        ("/a/b/..", "/a/"), ("/a/b/../c", "/a/c"), ("/a/../../b", "/b"), ("/a//../b", "/b"),
        ("/%2e", "/"), ("/%2E%2e/a", "/a"), ("/a/.%2e/b", "/b"), ("/a/%2E./b", "/b"),
        ("/a/%2e/b", "/a/b"), ("/public/..%2fadmin//x", "/public/..%2fadmin/x"),
    ])
    func `removes empty segments and dot segments`(path: String, cleaned: String) {
        #expect(Self.clean(path) == cleaned)
        #expect(Self.clean(cleaned) == nil)
    }

    @Test(arguments: [
        "/", "/a", "/a/", "/a/b", "/...", "/a/.../b", "/.a", "/a.", "/..a", "/%2e%2e%2e", "/a%2e",
        "/%2f/", "/a%2F..%2Fb", "/..%2f", "/%", "/%2", "/%2x", "/\\..\\", "/%252e%252e/", "*", "",
    ])
    func `leaves any other path as it is`(path: String) {
        #expect(Self.clean(path) == nil)
    }

    @Test func `a path of any pieces is clean after one pass, and begins with one slash`() {
        var generator = SeededGenerator(seed: 4)
        let pieces = ["", ".", "..", "%2e", "%2E%2e", "a", "b%2f", "...", "\\", "%"]
        for _ in 0..<3000 {
            let segments = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }
            let path = "/" + segments.joined(separator: "/")
            let cleaned = Self.clean(path) ?? path
            #expect(Self.clean(cleaned) == nil, "\(path)")
            #expect(cleaned.hasPrefix("/") && !cleaned.contains("//"), "\(path)")
            // As a stack of segments.
            var stack: [String] = []
            for segment in segments {
                switch segment.lowercased().replacing("%2e", with: ".") {
                case "", ".": break
                case "..": _ = stack.popLast()
                default: stack.append(segment)
                }
            }
            let last = segments.last?.lowercased().replacing("%2e", with: ".") ?? ""
            let slash = ["", ".", ".."].contains(last) && !stack.isEmpty ? "/" : ""
            #expect(cleaned == "/" + stack.joined(separator: "/") + slash, "\(path)")
        }
    }

    private static func routes(
        _ cleaning: Router.PathCleaning, _ slash: Router.TrailingSlash = .strict
    ) -> Router {
        var routes = Router(trailingSlash: slash, pathCleaning: cleaning)
        let path: @Sendable (Exchange) throws -> String = { exchange in
            "\(exchange.request.path) \(exchange.parameters.names.map { exchange.parameters[$0] ?? "" })"
        }
        routes.get("/public/{path...}", path)
        routes.get("/users/{id}", path)
        routes.group("/admin", [NamedMiddleware("guard")]) { $0.get("/{page}", path) }
        routes.put("/put/{name}") { _ in "put" }
        return routes
    }

    @Test(arguments: [
        ("/users//7", 404, ""), ("/x/../users/7", 404, ""), ("/./admin/x", 404, ""),
        ("/users/..", 200, #"/users/.. [".."]"#), ("/users/%2e%2e", 200, #"/users/%2e%2e [".."]"#),
        ("/public/../admin/x", 200, #"/public/../admin/x ["../admin/x"]"#),
    ])
    func `off: dot segments and empty segments are data`(
        target: String, status: Int, text: String
    ) async throws {
        let response = try await RouterResponse(of: Self.routes(.off), target)
        #expect(response.status == status)
        if status == 200 { #expect(response.text == text) }
        #expect(response.trail == "")
    }

    @Test(arguments: [
        ("/users//7", "/users/7", #"["7"]"#, ""), ("//users/7", "/users/7", #"["7"]"#, ""),
        ("/public/../admin/x", "/admin/x", #"["x"]"#, "guard"),
        ("/public/%2e%2E/admin/x?q=1", "/admin/x", #"["x"]"#, "guard"),
        ("/public/a/./b//c", "/public/a/b/c", #"["a/b/c"]"#, ""),
        ("/public/a/..", "/public/", #"[""]"#, ""),
        ("/public/..%2fadmin/x", "/public/..%2fadmin/x", #"["../admin/x"]"#, ""),
        ("/users/7", "/users/7", #"["7"]"#, ""),
    ])
    func `clean: handlers and groups see the path that was matched`(
        target: String, path: String, parameters: String, trail: String
    ) async throws {
        let response = try await RouterResponse(of: Self.routes(.clean), target)
        #expect(response.status == 200)
        #expect(response.text == "\(path) \(parameters)")
        #expect(response.trail == trail)
    }

    @Test func `clean: the target, the query and the headers stay as received`() async throws {
        let exchange = Exchange.stub(
            .stub(.get, "/users//7?a=b", headers: ["X-A": "b"].asHeaders),
            over: RecordingTransport())
        try await MiddlewareChain(handler: Self.routes(.clean)).run(exchange)
        #expect(exchange.request.target == "/users//7?a=b")
        #expect(exchange.request.query == "a=b")
        #expect(exchange.request.headers[bytes: "X-A"] == Array("b".utf8))
        #expect(exchange.request.path == "/users/7")
        #expect(exchange.parameters["id"] == "7")
    }

    @Test(arguments: [
        ("/users//7?a=//b/../c", "/users/7?a=//b/../c", "/users/{id}"),
        ("/public/../admin/x", "/admin/x", "/admin/{page}"),
        ("//public/a", "/public/a", "/public/{path...}"),
        ("/public/a/../../%2e/users/7", "/users/7", "/users/{id}"),
        ("/users//%5Cevil", "/users/%5Cevil", "/users/{id}"),
        ("/users//a\\b", "/users/a%5Cb", "/users/{id}"),
    ])
    func `redirect: a request for a route of the clean path is redirected`(
        target: String, location: String, route: String
    ) async throws {
        let response = try await RouterResponse(of: Self.routes(.redirect), target)
        #expect(response.status == 308)
        #expect(response.location == location)
        #expect(response.route == route)
        #expect(response.trail == (route.hasPrefix("/admin") ? "guard" : ""))
    }

    @Test func `redirect: any other request is answered as the clean path is`() async throws {
        let routes = Self.routes(.redirect)
        #expect(try await RouterResponse(of: routes, "//evil.example/..").status == 404)
        #expect(try await RouterResponse(of: routes, "/nowhere//").status == 404)
        let wrong = try await RouterResponse(of: routes, .get, "/put//a")
        #expect(wrong.status == 405)
        #expect(wrong.allow == "PUT, OPTIONS")
        #expect(try await RouterResponse(of: routes, .put, "/put//a").location == "/put/a")
        #expect(try await RouterResponse(of: routes, .options, "/put//a").status == 204)
        #expect(try await RouterResponse(of: routes, "/users/7").status == 200)
    }

    @Test func `cleaning and the slash at the end lead to one redirect`() async throws {
        let redirect = Self.routes(.redirect, .redirect)
        #expect(try await RouterResponse(of: redirect, "/users//7/?a").location == "/users/7?a")
        #expect(try await RouterResponse(of: redirect, "/users/7/.").location == "/users/7")
        #expect(try await RouterResponse(of: redirect, "//public").location == "/public/")
        let clean = Self.routes(.clean, .redirect)
        #expect(try await RouterResponse(of: clean, "/users//7/").location == "/users/7")
        let ignore = Self.routes(.clean, .ignore)
        #expect(try await RouterResponse(of: ignore, "/users//7/").text == #"/users/7/ ["7"]"#)
    }
}

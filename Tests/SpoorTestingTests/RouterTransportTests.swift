import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorTesting
import TestSupport
import Testing

/// Routing over real connections, where the parser determines target, host and path.
@Suite(.finishes(within: .seconds(60))) struct RouterTransportTests {
    private static func routes(
        _ slash: Router.TrailingSlash = .redirect, _ cleaning: Router.PathCleaning = .redirect
    ) -> Router {
        var api = Router()
        api.get("/users/{id}") { exchange in "user \(exchange.parameters["id"] ?? "")" }
        api.post("/users") { exchange in try await exchange.body.collect(upTo: 100) }
        api.fallback { _ in Response(status: .notFound, text: "no such thing") }
        var routes = Router(trailingSlash: slash, pathCleaning: cleaning)
        routes.mount("/api", api)
        routes.host("admin.test") { $0.get("/") { _ in "admin" } }
        routes.host("[::1]") { $0.get("/") { _ in "v6" } }
        routes.get("/") { _ in "all" }
        routes.any("/any") { exchange in exchange.request.method.rawValue }
        return routes
    }

    @Test(arguments: [TestMode.inProcess, .loopback])
    func `routes of groups, hosts and mounted routers answer`(mode: TestMode) async throws {
        try await withTestClient(over: mode, handler: Self.routes()) { client async throws in
            #expect(try await client.get("/api/users/7").text == "user 7")
            #expect(try await client.get("/api/nowhere").text == "no such thing")
            #expect(try await client.get("/nowhere").status == .notFound)
            let wrong = try await client.delete("/api/users/7")
            #expect(wrong.status == .methodNotAllowed)
            #expect(wrong["Allow"] == "GET, HEAD, OPTIONS")
            let head = try await client.head("/api/users/7")
            #expect(head.status == .ok)
            #expect(head.body.isEmpty)
            #expect(head["Content-Length"] == "6")
            let purge = try #require(HTTPRequest.Method("PURGE"))
            #expect(try await client.execute(purge, "/any").text == "PURGE")
            #expect(try await client.execute(purge, "/api/users/7").status == .methodNotAllowed)
        }
    }

    @Test(arguments: [TestMode.inProcess, .loopback])
    func `a request with a body is redirected, and the connection is kept`(mode: TestMode)
        async throws
    {
        try await withTestClient(over: mode, handler: Self.routes()) { client async throws in
            let response = try await client.post("/api//users/?a=b", body: .text("new"))
            #expect(response.status == .permanentRedirect)
            #expect(response["Location"] == "/api/users?a=b")
            #expect(try await client.post("/api/users", body: .text("new")).text == "new")
        }
    }

    // P023
    @Test func `a body is never redirected to another host`() async throws {
        for slash in [Router.TrailingSlash.strict, .redirect, .ignore] {
            try await withTestClient(handler: Self.routes(slash)) { client async throws in
                let text = try await Self.exchange(
                    "POST /api/users/ HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n",
                    client)
                #expect(!text.contains("evil.example"))
                if slash == .redirect {
                    #expect(
                        text.hasPrefix("HTTP/1.1 308") && text.contains("Location: /api/users\r\n"))
                }
            }
        }
    }

    // P024
    @Test(arguments: [
        "/api/v1/sessions", "/%61pi/v1/sessions", "/api/v1/s%65ssions", "/%61%70%69/v1/sessions",
        "//api/v1/sessions", "/api//v1/sessions", "/x/../api/v1/sessions", "/./api/v1/sessions",
        "/api/v1/sessions/", "/%2e/api/v1/sessions",
    ])
    func `a guard sees the path that the router matches`(target: String) async throws {
        for slash in [Router.TrailingSlash.strict, .redirect, .ignore] {
            for cleaning in [Router.PathCleaning.off, .redirect, .clean] {
                var inner = Router(trailingSlash: slash, pathCleaning: cleaning)
                inner.get("/api/v1/sessions") { _ in "secret" }
                let guarded: [any Middleware] = [Guarding().when(path: "/api/{path...}")]
                try await withTestClient(middleware: guarded, handler: inner) {
                    client async throws in
                    let text = try await Self.exchange(
                        "GET \(target) HTTP/1.1\r\nHost: a\r\n", client)
                    #expect(!text.contains("secret"), "\(slash) \(cleaning)")
                }
            }
        }
    }

    /// Sends a request line and headers; returns the response as text.
    private static func exchange(_ head: String, _ client: TestClient) async throws -> String {
        try await client.withRawConnection { peer in
            try await peer.send(head + "Connection: close\r\n\r\n")
            return try await peer.readToEnd()
        }
    }

    @Test(arguments: [TestMode.inProcess, .loopback])
    func `the host is that of the target or of the Host header`(mode: TestMode) async throws {
        try await withTestClient(over: mode, handler: Self.routes()) { client async throws in
            for (head, text) in [
                ("GET / HTTP/1.1\r\nHost: Admin.Test.:80\r\n", "admin"),
                ("GET / HTTP/1.1\r\nHost: other\r\n", "all"),
                ("GET http://ADMIN.test/ HTTP/1.1\r\nHost: other\r\n", "admin"),
                ("GET http://other HTTP/1.1\r\nHost: admin.test\r\n", "all"),
                ("GET / HTTP/1.1\r\nHost: [0:0:0:0:0:0:0:1]:8080\r\n", "v6"),
                ("GET / HTTP/1.1\r\nHost: other\r\nX-Forwarded-Host: admin.test\r\n", "all"),
                ("GET / HTTP/1.0\r\n", "all"),
            ] {
                let response = try await Self.exchange(head, client)
                #expect(response.hasSuffix("\r\n\r\n\(text)"), "\(head)")
            }
            for head in [
                "GET / HTTP/1.1\r\nHost: admin.test\r\nHost: other\r\n",
                "GET / HTTP/1.1\r\nHost: admin.test/x\r\n", "GET / HTTP/1.1\r\n",
            ] {
                let response = try await Self.exchange(head, client)
                #expect(response.hasPrefix("HTTP/1.1 400 "), "\(head)")
            }
        }
    }

    @Test(arguments: [TestMode.inProcess, .loopback])
    func `no request is redirected to another host`(mode: TestMode) async throws {
        var routes = Self.routes()
        routes.get("/{a}") { _ in "a" }
        routes.get("/{a}/{b}/") { _ in "b" }
        try await withTestClient(over: mode, handler: routes) { client async throws in
            for target in [
                "//evil.example/", "/%5Cevil.example/", "/%2f%2fevil.example/", "//evil.example/x",
                "///evil.example", "/evil.example/..//x/", "/.//evil.example/",
            ] {
                let head = "GET \(target) HTTP/1.1\r\nHost: a\r\n"
                let response = try await Self.exchange(head, client)
                let location = response.split(separator: "\r\n").first {
                    $0.lowercased().hasPrefix("location: ")
                }
                guard let location = location?.dropFirst(10) else { continue }
                #expect(location.hasPrefix("/"), "\(target)")
                #expect(!location.hasPrefix("//") && !location.contains("\\"), "\(target)")
            }
        }
    }
}

/// Rejects every request.
private struct Guarding: Middleware {
    func intercept(_ exchange: Exchange, next: Next) async throws {
        throw HTTPError(.forbidden)
    }
}

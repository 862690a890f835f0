import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import TestSupport
import Testing

@Suite struct RoutePrecedenceTests {
    /// Sends a request to routes that respond with their pattern and the values of their parameters.
    private func ask(
        _ method: HTTPRequest.Method, _ target: String, of routes: [(HTTPRequest.Method, String)]
    ) async throws -> (text: String, exchange: Exchange) {
        var router = Router()
        for (method, pattern) in routes {
            router.on(method, pattern) { exchange in
                let values = exchange.parameters.names.map { name in
                    "\(name)=\(exchange.parameters[name] ?? "nil")"
                }
                return ([method.rawValue, pattern] + values).joined(separator: " ")
            }
        }
        let transport = RecordingTransport()
        let exchange = Exchange.stub(.stub(method, target), over: transport)
        try await MiddlewareChain(handler: router).run(exchange)
        return (
            exchange.response.status == .ok ? transport.text : "\(exchange.response.status.code)",
            exchange
        )
    }

    private static let users: [(HTTPRequest.Method, String)] = [
        (.get, "/users/me"), (.put, "/users/{id}"), (.options, "/{path...}"),
        (.post, "/users/{id...}"),
    ]

    @Test(arguments: [
        (HTTPRequest.Method.put, "/users/me", "PUT /users/{id} id=me"),
        (.get, "/users/me", "GET /users/me"),
        (.head, "/users/me", "GET /users/me"),
        (.post, "/users/me", "POST /users/{id...} id=me"),
        (.options, "/users/me", "OPTIONS /{path...} path=users/me"),
        (.options, "/users/7", "OPTIONS /{path...} path=users/7"),
        (.get, "/users/7", "405"), (.delete, "/users/me", "405"), (.delete, "/elsewhere", "405"),
    ])
    func
        `a route that matches path and method takes precedence over one that matches the path alone`(
            method: HTTPRequest.Method, target: String, text: String
        ) async throws
    {
        #expect(try await ask(method, target, of: Self.users).text == text)
    }

    @Test(arguments: [
        ("/users/me", "GET, PUT, POST, OPTIONS, HEAD"), ("/users/7", "PUT, POST, OPTIONS"),
        ("/users", "OPTIONS"),
    ])
    func `a 405 lists the methods of all routes that match the path`(
        target: String, allowed: String
    ) async throws {
        let (text, exchange) = try await ask(.delete, target, of: Self.users)
        #expect(text == "405")
        #expect(exchange.response.headers[.allow] == allowed)
    }

    @Test func `OPTIONS is answered with the methods of all routes without an OPTIONS route`()
        async throws
    {
        let routes: [(HTTPRequest.Method, String)] = [(.get, "/users/me"), (.put, "/users/{id}")]
        let (text, exchange) = try await ask(.options, "/users/me", of: routes)
        #expect(text == "204")
        #expect(exchange.response.headers[.allow] == "GET, PUT, HEAD, OPTIONS")
        #expect(exchange.route == "/users/me")
    }

    @Test(arguments: [
        ("/users/me", "HEAD /users/{id} id=me"), ("/users/7", "HEAD /users/{id} id=7"),
        ("/users/7/x", "GET /users/{id}/x id=7"), ("/elsewhere", "404"),
    ])
    func `HEAD is answered by a HEAD route before the GET route`(
        target: String, text: String
    ) async throws {
        let routes: [(HTTPRequest.Method, String)] = [
            (.get, "/users/me"), (.head, "/users/{id}"), (.get, "/users/{id}"),
            (.get, "/users/{id}/x"),
        ]
        #expect(try await ask(.head, target, of: routes).text == text)
    }

    @Test func `a custom method has the same precedence as any other`() async throws {
        let purge = try #require(HTTPRequest.Method("PURGE"))
        let brew = try #require(HTTPRequest.Method("BREW"))
        let routes: [(HTTPRequest.Method, String)] = [(.get, "/a/b"), (purge, "/{path...}")]
        #expect(try await ask(purge, "/a/b", of: routes).text == "PURGE /{path...} path=a/b")
        #expect(try await ask(brew, "/a/b", of: routes).text == "501")
    }

    private static let reports: [(HTTPRequest.Method, String)] = [
        (.get, "/r/{name}"), (.get, "/r/{name}.json"), (.get, "/r/daily-{day}"),
        (.get, "/r/daily-{day}.json"), (.get, "/r/daily-today.json"), (.get, "/r/{name}.tar.json"),
        (.get, "/{path...}"), (.get, "/v{version}/x"), (.get, "/caf%C3%A9/{x}é"),
    ]

    @Test(arguments: [
        ("/r/a.json", "GET /r/{name}.json name=a"),
        ("/r/.json", "GET /r/{name} name=.json"),
        ("/r/a.json.json", "GET /r/{name}.json name=a.json"),
        ("/r/a.tar.json", "GET /r/{name}.tar.json name=a"),
        ("/r/daily-7", "GET /r/daily-{day} day=7"),
        ("/r/daily-7.json", "GET /r/daily-{day}.json day=7"),
        ("/r/daily-.json", "GET /r/daily-{day} day=.json"),
        ("/r/daily-", "GET /r/{name} name=daily-"),
        ("/r/daily-today.json", "GET /r/daily-today.json"),
        ("/r/%64aily-7%2Ejson", "GET /r/daily-{day}.json day=7"),
        ("/r/a%2Fb%2ejson", "GET /r/{name}.json name=a/b"),
        ("/r/%2Ejson", "GET /r/{name} name=.json"),
        ("/r/x.JSON", "GET /r/{name} name=x.JSON"),
        ("/r/", "GET /{path...} path=r/"),
        ("/v2/x", "GET /v{version}/x version=2"),
        ("/v%32%2F/x", "GET /v{version}/x version=2/"),
        ("/v/x", "GET /{path...} path=v/x"),
        ("/v2/y", "GET /{path...} path=v2/y"),
        ("/caf%C3%A9/a%C3%A9", "GET /caf%C3%A9/{x}é x=a"),
        ("/caf%C3%A9/%C3%A9", "GET /{path...} path=café/é"),
        ("/r/a%25", "GET /r/{name} name=a%"),
        ("/r/a%25.json", "GET /r/{name}.json name=a%"),
    ])
    func `a parameter may be between literals, and longer literals take precedence`(
        target: String, text: String
    ) async throws {
        #expect(try await ask(.get, target, of: Self.reports).text == text)
        #expect(try await ask(.get, target, of: Self.reports.reversed()).text == text)
    }

    @Test func `backtracks from every branch that does not lead to a route`() async throws {
        let routes: [(HTTPRequest.Method, String)] = [
            (.get, "/a/b/c"), (.get, "/a/x{p}/d"), (.get, "/a/{p}/e/{q}"), (.get, "/a/{p...}"),
            (.post, "/{r}/b/c"), (.put, "/{r...}"),
        ]
        for (method, target, text) in [
            (HTTPRequest.Method.get, "/a/b/c", "GET /a/b/c"),
            (.get, "/a/b/d", "GET /a/{p...} p=b/d"),
            (.get, "/a/xb/d", "GET /a/x{p}/d p=b"),
            (.get, "/a/xb/e/f", "GET /a/{p}/e/{q} p=xb q=f"),
            (.get, "/a/xb/e/", "GET /a/{p...} p=xb/e/"),
            (.get, "/a/", "GET /a/{p...} p="),
            (.post, "/a/b/c", "POST /{r}/b/c r=a"),
            (.put, "/a/b/c", "PUT /{r...} r=a/b/c"),
            (.get, "/a", "405"), (.post, "/a", "405"), (.put, "/", "PUT /{r...} r="),
        ] {
            #expect(try await ask(method, target, of: routes).text == text)
        }
    }

    @Test func `matches like a search through all routes`() async throws {
        var generator = SeededGenerator(seed: 9)
        let pieces = ["a", "b", "{p}", "a{p}", "{p}b", "a{p}b"]
        for _ in 0..<60 {
            var routes: [(HTTPRequest.Method, String)] = []
            for _ in 0..<6 {
                let count = Int.random(in: 1...3, using: &generator)
                var pattern = ""
                for index in 0..<count {
                    let piece = pieces.randomElement(using: &generator) ?? "a"
                    pattern += "/" + piece.replacing("{p}", with: "{p\(index)}")
                }
                if Bool.random(using: &generator) { pattern += "/{rest...}" }
                let method: HTTPRequest.Method = Bool.random(using: &generator) ? .get : .put
                if !routes.contains(where: { $0.0 == method && $0.1 == pattern }) {
                    routes.append((method, pattern))
                }
            }
            for _ in 0..<20 {
                let count = Int.random(in: 1...4, using: &generator)
                let segments = (0..<count).map { _ in
                    ["a", "b", "ab", "acb", "ac", "cb", ""].randomElement(using: &generator) ?? ""
                }
                let matching = routes.filter { Self.matches(segments, $0.1) }
                let expected = matching.filter { $0.0 == .get }
                let (text, _) = try await ask(
                    .get, "/" + segments.joined(separator: "/"), of: routes)
                if expected.isEmpty {
                    #expect(text == (matching.isEmpty ? "404" : "405"))
                } else {
                    #expect(
                        expected.contains {
                            text == "GET \($0.1)" || text.hasPrefix("GET \($0.1) ")
                        })
                }
            }
        }
    }

    private static func matches(_ segments: [String], _ pattern: String) -> Bool {
        let parts = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if part == "{rest...}" { return segments.count > index }
            guard index < segments.count else { return false }
            let segment = segments[index]
            guard let open = part.firstIndex(of: "{"), let close = part.firstIndex(of: "}") else {
                if segment == part { continue }
                return false
            }
            let prefix = part[..<open]
            let suffix = part[close...].dropFirst()
            guard segment.count > prefix.count + suffix.count, segment.hasPrefix(prefix),
                segment.hasSuffix(suffix)
            else { return false }
        }
        return parts.count == segments.count
    }

    @Test(.finishes(within: .seconds(60)))
    func `a path of many segments is matched in bounded time`() async throws {
        var routes: [(HTTPRequest.Method, String)] = []
        for bits in 0..<64 {
            var pattern = ""
            for index in 0..<12 {
                pattern += bits >> (index % 6) & 1 == 0 ? "/a" : "/{p\(index)}"
            }
            routes.append((.get, pattern + "/end"))
        }
        let target = String(repeating: "/a", count: 4000)
        #expect(try await ask(.get, target, of: routes).text == "404")
        #expect(try await ask(.get, String(repeating: "/a", count: 12), of: routes).text == "404")
    }

    @Test func `in nested routers the inner router's parameters apply`() async throws {
        var inner = Router()
        inner.get("/api/{version}/users/{id}") { exchange in
            "\(exchange.parameters["version"] ?? "-") \(exchange.parameters["id"] ?? "-")"
        }
        var outer = Router()
        outer.on(.get, "/api/{path...}", inner)
        let transport = RecordingTransport()
        let exchange = Exchange.stub(.stub(.get, "/api/v1/users/7"), over: transport)
        try await MiddlewareChain(handler: outer).run(exchange)
        #expect(transport.text == "v1 7")
        #expect(exchange.route == "/api/{version}/users/{id}")
    }

    @Test(arguments: [
        ("/t/acme/a/users/7", "acme a users/7 7"), ("/t/acme/b/users/8", "acme b users/8 8"),
        ("/t/acme/c/fixed", "acme c fixed -"),
    ])
    func `the parameters of outer routes are available in nested routers`(
        target: String, expected: String
    ) async throws {
        let respond: @Sendable (Exchange) throws -> String = { exchange in
            let parameters = exchange.parameters
            return "\(parameters["tenant"] ?? "-") \(parameters["area"] ?? "-") "
                + "\(parameters["path"] ?? "-") \(parameters[ifPresent: "id"] ?? "-")"
        }
        var users = Router()
        users.get("/t/{name}/{area}/users/{id}", respond)
        users.get("/t/acme/c/fixed", respond)
        var areas = Router()
        // One of the intermediate routes has no parameters, and one is in a group.
        areas.on(.get, "/t/{tenant}/a/{path...}", users)
        areas.group([ErrorMiddleware()]) { $0.on(.get, "/t/{tenant}/b/{path...}", users) }
        areas.on(.get, "/t/acme/c/fixed", users)
        var outer = Router()
        outer.on(.get, "/t/{tenant}/{area}/{path...}", areas)
        let transport = RecordingTransport()
        let exchange = Exchange.stub(.stub(.get, target), over: transport)
        try await MiddlewareChain(handler: outer).run(exchange)
        #expect(transport.text == expected)
        #expect(Set(exchange.parameters.names).isSuperset(of: ["tenant", "area", "path"]))
        #expect(Set(exchange.parameters.names).count == exchange.parameters.names.count)
        exchange.reset()
        #expect(exchange.parameters.names.isEmpty)
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/t/acme/items/7", "acme 7"), (.get, "/t/acme/items/7/", "acme -"),
        (.post, "/t/acme/items/7", "acme -"),
    ])
    func `in nested routers a 405 and a redirect have the values of the outer route only`(
        method: HTTPRequest.Method, target: String, expected: String
    ) async throws {
        struct Reading: Middleware {
            func intercept(_ exchange: Exchange, next: Next) async throws {
                let parameters = exchange.parameters
                let name = try #require(HTTPField.Name("X-Seen"))
                exchange.response.headers[name] =
                    "\(parameters["tenant"] ?? "-") \(parameters["id"] ?? "-")"
                try await next(exchange)
            }
        }
        /// Reads the parameters after the inner router has thrown the error.
        struct OuterReading: Middleware {
            func intercept(_ exchange: Exchange, next: Next) async throws {
                do {
                    try await next(exchange)
                } catch {
                    #expect(exchange.parameters["tenant"] == "acme")
                    throw error
                }
            }
        }
        var inner = Router(trailingSlash: .redirect)
        inner.group([Reading()]) { $0.get("/t/{tenant}/items/{id}") { _ in "ok" } }
        inner.get("/t/{tenant}/plain/{id}") { _ in "ok" }
        var outer = Router()
        outer.group([OuterReading()]) { $0.any("/t/{tenant}/{path...}", inner) }
        let response = try await RouterResponse(of: outer, method, target)
        #expect(response.headers[try #require(HTTPField.Name("X-Seen"))] == expected)
        #expect(try await RouterResponse(of: outer, .post, "/t/acme/plain/7").status == 405)
        #expect(try await RouterResponse(of: outer, "/t/acme/other").status == 404)
    }

    @Test func `an inner route's parameter hides the outer one with the same name`() async throws {
        var inner = Router()
        inner.get("/a/{id}/{part}") { "\($0.parameters["id"] ?? "-")" }
        var outer = Router()
        outer.on(.get, "/{part}/{id...}", inner)
        let transport = RecordingTransport()
        let exchange = Exchange.stub(.stub(.get, "/a/b/c"), over: transport)
        try await MiddlewareChain(handler: outer).run(exchange)
        #expect(transport.text == "b")
        #expect(exchange.parameters["part"] == "c")
        #expect(exchange.parameters.names == ["id", "part"])
    }

    @Test
    func
        `a middleware that answers preflight requests does not change the response to unknown paths`()
        async throws
    {
        struct Preflight: Middleware {
            func intercept(_ exchange: Exchange, next: Next) async throws {
                guard exchange.request.method == .options,
                    exchange.request.headers[.accessControlRequestMethod] != nil
                else { return try await next(exchange) }
                try await exchange.response.send(Response(status: .noContent))
            }
        }
        var routes = Router()
        routes.get("/users/{id}") { _ in "user" }
        for (method, target, status) in [
            (HTTPRequest.Method.options, "/nowhere", 204), (.options, "/users/7", 204),
            (.get, "/nowhere", 404), (.post, "/users/7", 405),
        ] {
            let exchange = Exchange.stub(
                .stub(method, target, headers: [.accessControlRequestMethod: "GET"]),
                over: RecordingTransport())
            try await MiddlewareChain([Preflight()], handler: routes).run(exchange)
            #expect(exchange.response.status.code == status, "\(method) \(target)")
        }
    }

    @Test
    func
        `a nested router for some methods answers 405 with those, one for all methods with its routes`()
        async throws
    {
        var inner = Router()
        inner.get("/api/users") { _ in "users" }
        inner.put("/api/users") { _ in "put" }
        let all: [HTTPRequest.Method] = [.get, .post, .put, .delete]
        for (methods, allow) in [
            ([.get, .post], "GET, POST, HEAD, OPTIONS"), (all, "GET, PUT, HEAD, OPTIONS"),
        ] {
            var outer = Router()
            for method in methods { outer.on(method, "/api/{path...}", inner) }
            let exchange = Exchange.stub(
                .stub(.delete, "/api/users"), over: RecordingTransport())
            try await MiddlewareChain(handler: outer).run(exchange)
            #expect(exchange.response.status == .methodNotAllowed)
            #expect(exchange.response.headers[.allow] == allow)
        }
    }
}

import HTTPTypes
import SpoorHTTP
import TestSupport
import Testing

@testable import SpoorMiddleware

@Suite struct RouterHostTests {
    private static func routes() -> Router {
        var routes = Router()
        routes.get("/") { _ in "all" }
        routes.get("/health") { _ in "health" }
        routes.host("admin.example.com", [NamedMiddleware("guard")]) { admin in
            admin.get("/") { _ in "admin" }
            admin.put("/health") { _ in "put" }
        }
        routes.host("*.example.com") { $0.get("/") { _ in "sub" } }
        routes.host("*.eu.example.com") { $0.get("/") { _ in "eu" } }
        routes.host("192.0.2.7") { $0.get("/") { _ in "v4" } }
        routes.host("[2001:DB8::7]") { $0.get("/") { _ in "v6" } }
        return routes
    }

    // P028
    @Test(arguments: [
        ("admin.example.com", "admin"), ("Admin.Example.COM", "admin"),
        ("admin.example.com.", "admin"), ("admin.example.com:80", "admin"),
        ("admin.example.com.:8080", "admin"), ("admin.example.com:", "admin"),
        // RFC 3986 §6.2.2.2: an encoded letter is that letter.
        ("%61dmin.example.com", "admin"), ("admin%2Eexample.com:80", "admin"),
        ("shop.example.com", "sub"), ("a.b.example.com", "sub"), ("xadmin.example.com", "sub"),
        ("de.eu.example.com", "eu"), ("eu.example.com", "sub"),
        ("example.com", "all"), ("notexample.com", "all"), (".example.com", "all"),
        ("admin.example.com..", "all"), ("admin.example.comx", "all"), ("admin.example", "all"),
        ("192.0.2.7", "v4"), ("192.0.2.7:80", "v4"), ("192.0.2.70", "all"),
        ("[2001:db8::7]", "v6"), ("[2001:DB8:0:0:0:0:0:7]:443", "v6"), ("[2001:db8::8]", "all"),
        ("[::ffff:192.0.2.7]", "all"), ("", "all"), (".", "all"), (":80", "all"), ("[", "all"),
    ])
    func `the host is compared without case, port, dot at its end and other spelling`(
        host: String, text: String
    ) async throws {
        let response = try await RouterResponse(of: Self.routes(), "/", host: host)
        #expect(response.text == text)
        #expect(response.trail == (text == "admin" ? "guard" : ""))
    }

    @Test func `a request without a host is answered by the routes for all hosts`() async throws {
        #expect(try await RouterResponse(of: Self.routes(), "/", host: nil).text == "all")
    }

    @Test func `the host of the target takes precedence over the header`() async throws {
        var request = Request.stub(.get, "/", headers: ["Host": "shop.example.com"].asHeaders)
        let start = request.headers.bytes.count
        request.headers.bytes += Array("admin.example.com:80".utf8)
        request.authorityRange = start..<request.headers.bytes.count
        let transport = RecordingTransport()
        try await MiddlewareChain(handler: Self.routes()).run(.stub(request, over: transport))
        #expect(transport.text == "admin")
    }

    @Test(arguments: ["X-Forwarded-Host", "Forwarded", "X-Host"])
    func `headers of proxies do not choose the host`(name: String) async throws {
        let headers = ["Host": "shop.example.com", name: "host=admin.example.com"].asHeaders
        let transport = RecordingTransport()
        try await MiddlewareChain(handler: Self.routes()).run(
            .stub(.stub(.get, "/", headers: headers), over: transport))
        #expect(transport.text == "sub")
    }

    @Test func `routes for all hosts answer what those of the host do not`() async throws {
        let routes = Self.routes()
        let host = "admin.example.com"
        #expect(try await RouterResponse(of: routes, "/health", host: host).text == "health")
        #expect(try await RouterResponse(of: routes, .put, "/health", host: host).text == "put")
        let wrong = try await RouterResponse(of: routes, .delete, "/health", host: host)
        #expect(wrong.status == 405)
        #expect(wrong.allow == "PUT, GET, HEAD, OPTIONS")
        #expect(
            try await RouterResponse(of: routes, .put, "/health", host: "localhost").allow
                == "GET, HEAD, OPTIONS")
        #expect(try await RouterResponse(of: routes, "/none", host: host).status == 404)
    }

    @Test func `the routes of a host have the same precedence for HEAD as all others`()
        async throws
    {
        var routes = Router()
        routes.host("a") { $0.get("/x") { _ in "get of a" } }
        routes.head("/x") { _ in "head" }
        // As within one tree, a HEAD route takes precedence over any GET route.
        #expect(try await RouterResponse(of: routes, .head, "/x", host: "a").text == "head")
        #expect(try await RouterResponse(of: routes, .get, "/x", host: "a").text == "get of a")
    }

    @Test func `the fallback of a host handles all of its unknown paths`() async throws {
        var routes = Self.routes()
        routes.fallback { _ in "fallback" }
        routes.host("closed.example.com") { closed in
            closed.get("/x") { _ in "x" }
            closed.fallback { _ in "closed" }
        }
        let host = "closed.example.com"
        #expect(try await RouterResponse(of: routes, "/x", host: host).text == "x")
        #expect(try await RouterResponse(of: routes, "/health", host: host).text == "closed")
        #expect(try await RouterResponse(of: routes, .put, "/x", host: host).status == 405)
        #expect(
            try await RouterResponse(of: routes, "/none", host: "admin.example.com").text
                == "fallback")
    }

    @Test func `hosts, prefixes and mounted routers combine`() async throws {
        var api = Router()
        api.get("/users/{id}") { exchange in exchange.parameters["id"] }
        var site = Router()
        site.host("a.test") { $0.get("/only") { _ in "a" } }
        site.get("/only") { _ in "all" }
        var routes = Router()
        routes.group("/v1", [NamedMiddleware("v1")]) { v1 in
            v1.host("api.test", [NamedMiddleware("api")]) { host in
                host.mount("/api", api)
                host.get { _ in "root of v1" }
            }
        }
        routes.mount("/site", site)
        let user = try await RouterResponse(of: routes, "/v1/api/users/7", host: "api.test")
        #expect(user.text == "7")
        #expect(user.trail == "v1 api")
        #expect(user.route == "/v1/api/users/{id}")
        #expect(try await RouterResponse(of: routes, "/v1", host: "api.test").text == "root of v1")
        #expect(try await RouterResponse(of: routes, "/v1/api/users/7").status == 404)
        #expect(try await RouterResponse(of: routes, "/site/only", host: "a.test").text == "a")
        #expect(try await RouterResponse(of: routes, "/site/only", host: "b.test").text == "all")
    }

    @Test func `a host has no other host within it`() throws {
        var site = Router()
        site.host("a.test") { $0.get("/") { _ in "a" } }
        var routes = Router()
        try routes.host("b.test") { host in
            let error = #expect(throws: RouterError.self) {
                try host.mount(site, at: "/site", place: "here")
            }
            #expect(
                "\(error, default: "")"
                    == "the routes of the host a.test are added to those of the host b.test: a request has one host"
            )
            try #require(throws: RouterError.self) { try host.nestedHost(HostPattern("c.test")) }
        }
    }

    @Test func `routes of the same host conflict, with the host in the message`() throws {
        var routes = Router()
        routes.get("/a") { _ in "all" }
        routes.host("*.A.test") { $0.get("/a") { _ in "1" } }
        let error = try #require(throws: RouteConflict.self) {
            try routes.add(
                RouteIdentity(
                    .one(.get), host: HostPattern("*.a.test."), template: "/a", place: "App.swift:1"
                ),
                SyncHandler { _ in "2" })
        }
        #expect(error.description.hasPrefix("the route GET *.a.test/a (App.swift:1) conflicts"))
    }

    @Test(arguments: [
        ("", "it has no name"), ("*", "* must be the whole first part"),
        ("*.", "* must be the whole first part"), (".", "it has no name"),
        ("*..", "it has no name"),
        ("a.*.com", "* must be"), ("*a.com", "* must be"), ("**.com", "* must be"),
        ("example.com:80", "ports are not compared"), ("[::1]:80", "ports are not compared"),
        ("::1", "an IPv6 address has brackets: [::1]"), ("[::g]", "not an IPv6 address"),
        ("[192.0.2.7]", "not an IPv6 address"), ("https://a.test", "ports are not compared"),
        ("a.test/x", "no scheme or path"), ("bücher.test", "ASCII form"), ("a b", "only letters"),
        ("a..b", "a part between two dots is empty"), (".a", "a part between two dots is empty"),
        ("user@a.test", "only letters"), ("%61.test", "only letters"),
    ])
    func `an invalid host is rejected with the reason`(host: String, reason: String) {
        let error = #expect(throws: HostPatternError.self) { try HostPattern(host) }
        #expect("\(error, default: "")".hasPrefix("the host \"\(host)\" is invalid: "))
        #expect("\(error, default: "")".contains(reason))
    }
}

import Logging
import Spoor
import SpoorTesting
import TestSupport
import Testing

/// Runs the snippets of the documentation and checks that each does what its page describes.
@Suite(.finishes(within: .seconds(60))) struct SnippetTests {
    private let handlers = HandlerSnippets()
    private let middlewares = MiddlewareSnippets()

    /// Two prices; then the stream ends.
    private var prices: AsyncStream<Double> {
        AsyncStream { continuation in
            continuation.yield(1.5)
            continuation.yield(2)
            continuation.finish()
        }
    }

    @Test func `a handler reads path, query and headers`() async throws {
        var routes = Router()
        handlers.addRequestRoutes(to: &routes)
        try await withTestClient(handler: routes) { client async throws in
            let order = try await client.get(
                "/orders/a%20b?page=2&tag=x&tag=y", headers: [.acceptLanguage: "fr"])
            #expect(order.text == "order a b, page 2, fr, [\"x\", \"y\"]\n")
            #expect(try await client.delete("/orders/7").text == "deleted 7\n")
            #expect(try await client.delete("/orders/x").status == .badRequest)
            let list = try await client.get("/orders?after=4&tag=a")
            #expect(list.text == "20 orders after 4, [\"a\"]\n")
            #expect(try await client.get("/orders?limit=x").status == .badRequest)
        }
    }

    @Test func `a handler reads headers as values`() async throws {
        var routes = Router()
        handlers.addHeaderRoutes(to: &routes)
        try await withTestClient(handler: routes) { client async throws in
            #expect(try await client.get("/profile").status == .unauthorized)
            let headers: Headers = [
                .authorization: "bearer abc", .acceptLanguage: "de-CH", "X-API-Version": "2",
            ]
            let profile = try await client.get("/profile", headers: headers)
            #expect(profile.text == "3 de\n" && profile["X-API-Version"] == "2")
            let stock = try await client.get("/stock", headers: [.ifNoneMatch: "W/\"v7\""])
            #expect(stock.status == .notModified && stock["ETag"] == "\"v7\"")
        }
    }

    @Test func `a handler reads bodies and forms, and sets status and headers`() async throws {
        var routes = Router()
        handlers.addRequestRoutes(to: &routes)
        try await withTestClient(handler: routes) { client async throws in
            let note = try await client.put("/notes/1", body: .text("hello"))
            #expect(note.text == "5 bytes, text: hello\n")
            let large = Response.Body.bytes(Array(repeating: 0, count: 2 << 20))
            #expect(try await client.put("/notes/1", body: large).status == .contentTooLarge)
            #expect(try await client.post("/count", body: large).text == "2097152 bytes\n")
            let found = try await client.post("/search", body: .text("text=tea+%26+milk"))
            #expect(found.text == "You search for tea & milk.\n")
            let job = try await client.post("/jobs", body: .none)
            #expect(job.status == .accepted && job.text == "queued\n")
            #expect(job["Cache-Control"] == "no-store")
        }
    }

    @Test func `JSON is decoded and encoded`() async throws {
        let json: Headers = [.contentType: "application/json"]
        try await withTestClient(handler: handlers.jsonRoutes()) { client async throws in
            let order = try await client.post("/orders", headers: json, body: .text("{\"id\":7}"))
            #expect(order.status == .ok && order.text == "{\"id\":7}")
            #expect(order["Content-Type"] == "application/json")
            let draft = try await client.post("/drafts", headers: json, body: .text("{\"id\":7}"))
            #expect(draft.status == .created && draft["Location"] == "/orders/7")
            let wrong = try await client.post("/orders", headers: json, body: .text("{}"))
            #expect(wrong.status == .unprocessableContent)
            let plain = try await client.post("/orders", body: .text("{\"id\":7}"))
            #expect(plain.status == .unsupportedMediaType)
        }
    }

    @Test func `lines of JSON are read and sent`() async throws {
        var routes = Router()
        handlers.addExchangeRoutes(to: &routes, store: HandlerSnippets.Store())
        try await withTestClient(handler: routes) { client async throws in
            let imported = try await client.post(
                "/orders/import", headers: [.contentType: "application/x-ndjson"],
                body: .text("{\"id\":7}\n{\"id\":8}\n"))
            #expect(imported.text == "2 orders\n")
            let exported = try await client.get("/orders/export")
            #expect(exported.text == "{\"id\":7}\n{\"id\":8}\n")
        }
    }

    @Test func `redirects stay on the host`() async throws {
        var routes = Router()
        handlers.addRedirectRoutes(to: &routes)
        try await withTestClient(handler: routes) { client async throws in
            let order = try await client.post("/carts/7/order", body: .none)
            #expect(order.status == .seeOther && order["Location"] == "/orders/7")
            #expect(try await client.get("/old").status == .permanentRedirect)
            let login = try await client.post("/login?next=/a%3Fb", body: .none)
            #expect(login["Location"] == "/a?b")
            let evil = try await client.post("/login?next=//evil.example", body: .none)
            #expect(evil.status == .badRequest)
        }
    }

    @Test func `responses are streamed, and events end with their source`() async throws {
        var routes = Router()
        let rows = AsyncStream<String> { stream in
            stream.yield("a;b\n")
            stream.finish()
        }
        handlers.addResponseRoutes(to: &routes, prices: prices, rows: rows)
        try await withTestClient(handler: routes) { client async throws in
            let numbers = try await client.get("/numbers")
            #expect(numbers.text.hasPrefix("1\n2\n") && numbers.text.hasSuffix("1000\n"))
            let events = try await client.get("/prices")
            #expect(events.text == "event: price\ndata: 1.5\n\nevent: price\ndata: 2.0\n\n")
            #expect(try await client.get("/report").status == .notFound)
            let table = try await client.get("/orders.csv")
            #expect(
                table["Content-Disposition"]?.hasPrefix("attachment; filename=\"_bersicht") == true)
            #expect(try await client.get("/export").text == "a;b\n")
            #expect(try await client.get("/assets/none.css").status == .notFound)
            #expect(try await client.get("/invoices/1").text == "invoice 1\n")
            let missing = try await client.get("/invoices/2", headers: [.accept: "text/plain"])
            #expect(missing.text == "404 Not Found: no such invoice\n")
            let taken = try await client.post("/seats/7", body: .none)
            #expect(taken.status == .conflict && taken.text.contains(#""row":7"#))
            #expect(try await client.post("/seats/31", body: .none).status == .unprocessableContent)
            #expect(try await client.get("/healthz").status == .ok)
            #expect(try await client.get("/readyz").status == .ok)
            #expect(try await client.get("/users").text == "42 users\n")
            #expect(try await client.get("/echo").status == .upgradeRequired)
        }
    }

    @Test func `a handler sets tags and starts spans`() async throws {
        let reporter = InMemoryReporter()
        let tracer = JaegerTracer(serviceName: "snippets", reporter: reporter)
        var routes = Router()
        handlers.addRoutes(to: &routes, tracer: tracer, logger: Logger(label: "test.snippets"))
        try await withTestClient(middleware: [ServerTracing(tracer)], handler: routes) {
            client async throws in
            #expect(try await client.get("/stock/9").text == "7\n")
        }
        let spans = reporter.spans
        #expect(spans.map(\.operationName) == ["count", "GET /stock/{id}"])
        #expect(spans.first?.parentID == spans.last?.spanID)
        #expect(spans.last?.tags.contains(SpanTag("item.id", "9")) == true)
    }

    @Test func `cookies are read and set`() async throws {
        let handlers = handlers
        var routes = Router()
        routes.get("/theme") { exchange in
            handlers.setTheme(exchange)
            return handlers.cookie("theme", of: exchange) ?? "none"
        }
        try await withTestClient(handler: routes) { client async throws in
            let response = try await client.get("/theme", headers: [.cookie: "a=1; theme=light"])
            #expect(response.text == "light")
            #expect(response["Set-Cookie"]?.hasPrefix("theme=dark") == true)
            #expect(try await client.get("/theme").text == "none")
        }
    }

    @Test func `the client's address is taken from the proxy on this machine`() async throws {
        let handlers = handlers
        var routes = Router()
        routes.get("/") { exchange in handlers.clientAddress(of: exchange)?.description ?? "none" }
        try await withTestClient(over: .loopback, handler: routes) { client async throws in
            #expect(try await client.get("/").text == "127.0.0.1")
            let forged = Headers.named(["X-Forwarded-For": "192.0.2.1, 192.0.2.7"])
            #expect(try await client.get("/", headers: forged).text == "192.0.2.7")
        }
    }

    @Test func `middlewares set headers, authenticate and answer preflight requests`() async throws
    {
        var routes = Router()
        middlewares.addProfile(to: &routes)
        let chain: [any Middleware] = [
            MiddlewareSnippets.RequestIDs(), MiddlewareSnippets.SecurityHeaders(),
            MiddlewareSnippets.CORS(origin: "https://shop"),
            MiddlewareSnippets.BearerAuthentication(token: "t"),
            MiddlewareSnippets.Authentication(),
        ]
        try await withTestClient(middleware: chain, handler: routes) { client async throws in
            let refused = try await client.get("/profile")
            #expect(refused.status == .unauthorized)
            #expect(refused["X-Content-Type-Options"] == "nosniff")
            let profile = try await client.get("/profile", headers: [.authorization: "Bearer t"])
            #expect(profile.text == "You are ada.\n")
            #expect(profile["Vary"] == "Origin")
            #expect(profile["X-Request-ID"]?.isEmpty == false)
            let preflight = try await client.execute(
                .options, "/profile", headers: [.accessControlRequestMethod: "GET"])
            #expect(preflight.status == .noContent)
            #expect(preflight["Access-Control-Allow-Methods"] == "GET, POST, PUT, DELETE")
        }
    }

    @Test func `synchronous middlewares reject, transform and rewrite`() async throws {
        var routes = Router()
        routes.get("/new/a") { exchange in exchange.request.target }
        routes.stream(.get, "/stream") { exchange in try await exchange.response.write("ab") }
        let chain: [any Middleware] = [
            MiddlewareSnippets.APIVersion(), MiddlewareSnippets.PathRewrite(),
            MiddlewareSnippets.ChecksumTrailer(),
        ]
        try await withTestClient(middleware: chain, handler: routes) { client async throws in
            #expect(try await client.get("/old/a").status == .badRequest)
            let version = Headers.named(["API-Version": "1"])
            #expect(try await client.get("/old/a?b=c", headers: version).text == "/new/a?b=c")
            let stream = try await client.get("/stream", headers: version)
            #expect(stream.text == "ab")
            #expect(stream.trailers == .named(["X-Checksum": "\(97 * 31 + 98)"]))
        }
    }

    @Test func `groups and nested routers route`() async throws {
        var routes = Router()
        middlewares.addGroup(to: &routes)
        let snippets = RoutingSnippets()
        snippets.addNestedRouter(to: &routes)
        snippets.addRoutes(to: &routes)
        snippets.addGroup(to: &routes)
        snippets.mount(in: &routes)
        snippets.addFallback(to: &routes)
        snippets.addHosts(to: &routes)
        snippets.addCounter(to: &routes)
        snippets.addTable(to: &routes)
        try await withTestClient(handler: routes) { client async throws in
            #expect(try await client.post("/upload", body: .text("abc")).text == "3 bytes\n")
            #expect(try await client.get("/tenants/acme/users/7").text == "acme: 7\n")
            #expect(try await client.get("/users/7").text == "user 7\n")
            #expect(try await client.execute(.patch, "/users/7").status == .noContent)
            #expect(try await client.get("/log").text == "line\n")
            #expect(try await client.get("/orders").text == "all orders\n")
            #expect(try await client.get("/orders/7").text == "order 7\n")
            #expect(try await client.get("/admin/users/7").text == "user 7\n")
            #expect(try await client.get("/nowhere").text == "There is no /nowhere\n")
            #expect(try await client.get("/nowhere").status == .notFound)
            #expect(try await client.post("/counter", body: .none).text == "order 1\n")
            #expect(try await client.post("/counter", body: .none).text == "order 2\n")
            #expect(try await client.get("/debug/routes").text.contains("/admin/users/{id}"))
            for (host, text) in [
                ("API.example.com:80", "the API\n"),
                ("a.example.com", "the tenant of a.example.com\n"),
                ("other.test", "There is no /status\n"),
            ] {
                let response = try await client.get("/status", headers: .named(["Host": host]))
                #expect(response.text == text)
            }
        }
    }

    @Test func `middlewares with conditions run for some requests`() async throws {
        var routes = Router()
        routes.any("/{path...}") { try await $0.body.collect(upTo: 2 << 20) }
        let large = Response.Body.bytes(Array(repeating: 0, count: 1 << 20 + 1))
        try await withTestClient(middleware: middlewares.selective(), handler: routes) {
            client async throws in
            #expect(try await client.post("/a", body: large).status == .contentTooLarge)
            #expect(try await client.put("/a", body: large).status == .ok)
        }
    }
}

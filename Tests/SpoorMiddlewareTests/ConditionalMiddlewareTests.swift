import HTTPTypes
import SpoorHTTP
import Synchronization
import TestSupport
import Testing

@testable import SpoorMiddleware

@Suite struct ConditionalMiddlewareTests {
    private static func trail(
        _ target: String, _ middleware: [any Middleware], _ routes: Router = routes()
    ) async throws -> String {
        try await RouterResponse(of: routes, target, middleware: middleware).trail
    }

    private static func routes(_ cleaning: Router.PathCleaning = .off) -> Router {
        var routes = Router(trailingSlash: .ignore, pathCleaning: cleaning)
        routes.get("/{path...}") { exchange in exchange.request.path }
        return routes
    }

    @Test func `runs for the exchanges that a condition selects`() async throws {
        let isDebug: @Sendable (Exchange) -> Bool = { $0.request.query == "debug" }
        let chain: [any Middleware] = [
            NamedMiddleware("first"), NamedMiddleware("when").when(isDebug),
            NamedMiddleware("unless").unless(isDebug), NamedMiddleware("last"),
        ]
        #expect(try await Self.trail("/a?debug", chain) == "first when last")
        #expect(try await Self.trail("/a", chain) == "first unless last")
    }

    @Test(arguments: [
        ("/admin", true), ("/admin/", true), ("/admin/x", true), ("/%61dmin/x", true),
        ("/admin//x", true), ("//admin/x", true), ("/x/../admin", true),
        ("/x/%2e%2E/admin/y", true),
        ("/./admin", true), ("/admin/../x", true), ("/%2e/admin", true),
        ("/administrator", false), ("/x/admin", false), ("/", false), ("/ADMIN", false),
        ("/admin%2Fx", false), ("/reports/a.json", true), ("/reports/a", false),
    ])
    func `a path is compared in every spelling that a router accepts`(
        target: String, isMatch: Bool
    ) async throws {
        let guarded = NamedMiddleware("guard").when(
            path: "/admin/{path...}", "/reports/{name}.json")
        for routes in [Self.routes(.off), Self.routes(.clean)] {
            #expect(try await Self.trail(target, [guarded], routes) == (isMatch ? "guard" : ""))
        }
    }

    @Test(arguments: [
        ("/public", false), ("/public/", false), ("/public/a", false), ("/%70ublic/a", false),
        ("/health", false), ("/health/", false),
        ("/public/../admin", true), ("/public/%2e%2e/admin", true), ("/x/../public/a", true),
        ("/publicity", true), ("/admin", true), ("/health/x", true),
    ])
    func `a path is skipped only if it is public in every reading`(
        target: String, runs: Bool
    ) async throws {
        let guarded = NamedMiddleware("guard").unless(path: "/public/{path...}", "/health")
        for routes in [Self.routes(.off), Self.routes(.clean)] {
            #expect(try await Self.trail(target, [guarded], routes) == (runs ? "guard" : ""))
        }
    }

    @Test func `a request without a path matches no pattern`() async throws {
        for (middleware, trail) in [
            (NamedMiddleware("m").when(path: "/{path...}"), ""),
            (NamedMiddleware("m").unless(path: "/{path...}"), "m"),
        ] {
            let response = try await RouterResponse(
                of: Self.routes(), .options, "*", middleware: [middleware])
            #expect(response.trail == trail)
        }
    }

    @Test func `a middleware that rejects a request does so on its condition`() async throws {
        struct Reject: Middleware {
            func intercept(_ exchange: Exchange, next: Next) async throws {
                throw HTTPError(.forbidden)
            }
        }
        let chain = [Reject().when { $0.request.method != .get }]
        #expect(
            try await RouterResponse(of: Self.routes(), .put, "/a", middleware: chain).status == 403
        )
        #expect(try await RouterResponse(of: Self.routes(), "/a", middleware: chain).status == 200)
    }

    @Test func `the position of a stock middleware is known with a condition, too`() {
        let chain = MiddlewareChain(
            [RequestTimeout(.seconds(1)), AccessLog().unless(path: "/health")],
            handler: Self.routes())
        #expect(
            chain.orderMistakes.map(\.inner) == ["ConditionalMiddleware<AccessLog>"])
    }

    /// Counts the exchanges that it has received, and those that have ended.
    private final class Counter: SyncMiddleware {
        private let counts = Mutex((received: 0, completed: 0, sent: 0))

        var text: String { counts.withLock { "\($0.received) \($0.completed) \($0.sent)" } }
        var observedSteps: ExchangeSteps { .responseWillBeSent }

        func requestReceived(_ exchange: Exchange) -> Response? {
            counts.withLock { $0.received += 1 }
            return nil
        }

        func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
            counts.withLock { $0.sent += 1 }
        }

        func exchangeCompleted(_ exchange: Exchange, _ conclusion: ExchangeConclusion) {
            counts.withLock { $0.completed += 1 }
        }
    }

    @Test func `all functions of a synchronous middleware have the condition`() async throws {
        let counter = Counter()
        let chain = [counter.unless(path: "/health")]
        _ = try await RouterResponse(of: Self.routes(), "/health", middleware: chain)
        #expect(counter.text == "0 0 0")
        _ = try await RouterResponse(of: Self.routes(), "/a", middleware: chain)
        _ = try await RouterResponse(of: Self.routes(), .put, "/a", middleware: chain)
        #expect(counter.text.hasPrefix("2 2 "))
    }

    @Test func `an invalid pattern stops the program with its source location`() async throws {
        let result = await #expect(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) {
            _ = NamedMiddleware("m").when(path: "/admin", "admin/*")
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(
            text.contains(#"the route pattern "admin/*" is invalid: it must begin with a slash"#))
        #expect(text.contains("SpoorMiddlewareTests/ConditionalMiddlewareTests.swift:"))
    }

    @Test func `patterns of the same shape may be repeated`() throws {
        let paths = try PathCondition(["/a/{b}", "/a/{c}"])
        #expect(paths.match(.stub(.get, "/a/x")) == (true, true))
    }
}

@Suite struct ApplicationValuesTests {
    private enum NameKey: ApplicationKey { typealias Value = String }
    private enum CountKey: ApplicationKey { typealias Value = Int }

    /// Reads a value before the routing.
    private struct ReadName: Middleware {
        func intercept(_ exchange: Exchange, next: Next) async throws {
            exchange.response.headers[.server] = try exchange.application[NameKey.self]
            try await next(exchange)
        }
    }

    private static func routes() -> Router {
        var routes = Router()
        routes.get("/name") { exchange in try exchange.application[NameKey.self] }
        routes.get("/count") { exchange in "\(try exchange.application[CountKey.self])" }
        routes.get("/optional") { exchange in
            "\(exchange.application[ifPresent: CountKey.self] ?? 0)"
        }
        return routes
    }

    @Test func `handlers and middlewares read the values that were set at start`() async throws {
        var routes = Self.routes()
        routes.application[NameKey.self] = "orders"
        routes.application[CountKey.self] = 7
        #expect(routes.application[CountKey.self] == 7)
        let named = try await RouterResponse(of: routes, "/name", middleware: [ReadName()])
        #expect(named.text == "orders")
        #expect(named.headers[.server] == "orders")
        #expect(try await RouterResponse(of: routes, "/count").text == "7")
        routes.application[CountKey.self] = nil
        #expect(try await RouterResponse(of: routes, "/optional").text == "0")
    }

    @Test func `a value that was not set is a 500, and the error names the key`() async throws {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(.stub(.get, "/count"), over: transport)
        try await MiddlewareChain(handler: Self.routes()).run(exchange)
        #expect(exchange.response.status == .internalServerError)
        #expect(!transport.text.contains("CountKey"))
        let error = #expect(throws: MissingApplicationValueError.self) {
            try exchange.application[CountKey.self]
        }
        #expect(
            "\(error, default: "")"
                == "the application has no value for the key CountKey: set routes.application[CountKey.self] "
                + "to a value of type Int before the server starts, or read it with application[ifPresent:]"
        )
    }

    @Test func `the values of a chain do not stay on an exchange for another chain`() async throws {
        let exchange = Exchange.stub(.stub(.get, "/optional"), over: RecordingTransport())
        for count in [7, nil, 8] {
            var routes = Self.routes()
            routes.application[CountKey.self] = count
            try await MiddlewareChain(handler: routes).run(exchange)
            #expect(exchange.application[ifPresent: CountKey.self] == count)
            exchange.reset()
        }
    }

    @Test func `the values of mounted and nested routers are those of the whole service`()
        async throws
    {
        var inner = Self.routes()
        inner.application[NameKey.self] = "inner"
        var outer = Router()
        outer.application[CountKey.self] = 3
        outer.mount("/a", inner)
        // The same values, on another way.
        outer.mount("/b", inner)
        #expect(try await RouterResponse(of: outer, "/a/name").text == "inner")
        #expect(try await RouterResponse(of: outer, "/b/count").text == "3")
        var outermost = Router()
        outermost.on(.get, "/name", inner)
        #expect(try await RouterResponse(of: outermost, "/name").text == "inner")
    }

    @Test func `two values for a key are rejected with its name`() throws {
        var inner = Router()
        inner.application[NameKey.self] = "inner"
        var outer = Router()
        outer.application[NameKey.self] = "outer"
        let error = #expect(throws: RouterError.self) {
            try outer.mount(inner, at: "/a", place: "here")
        }
        #expect(
            "\(error, default: "")"
                == "both the router and one that is added to it have a value for the key NameKey: set it once, for the outer one"
        )
    }

    @Test func `a handler that wraps a router provides the router's values`() async throws {
        struct Wrapper: Handler {
            let routes: Router
            func handle(_ exchange: Exchange) async throws { try await routes.handle(exchange) }
        }
        var routes = Self.routes()
        routes.application[NameKey.self] = "wrapped"
        let transport = RecordingTransport()
        try await MiddlewareChain(handler: Wrapper(routes: routes)).run(
            .stub(.stub(.get, "/name"), over: transport))
        #expect(transport.text == "wrapped")
    }
}

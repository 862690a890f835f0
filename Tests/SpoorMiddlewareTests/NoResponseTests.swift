import HTTPTypes
import Logging
import SpoorHTTP
import SpoorMiddleware
import TestSupport
import Testing

@Suite struct NoResponseTests {
    private struct Mishap: Error {}

    /// A middleware that behaves in one of several ways.
    private struct Guarding: Middleware {
        enum Way: CaseIterable {
            case forgetsNext, swallows, setsFieldOnly, setsStatus, sends, writes, callsNext
        }
        let way: Way

        func intercept(_ exchange: Exchange, next: Next) async throws {
            switch way {
            case .forgetsNext: break
            case .swallows: do { try await next(exchange) } catch {}
            case .setsFieldOnly: exchange.response.headers[.location] = "/login"
            case .setsStatus: exchange.response.status = .forbidden
            case .sends: try await exchange.response.send(Response(status: .forbidden, text: "no"))
            case .writes: try await exchange.response.write("part")
            case .callsNext: try await next(exchange)
            }
        }
    }

    private struct EmptyHandler: Handler {
        func handle(_ exchange: Exchange) async throws {}
    }

    private func run(
        _ middlewares: [any Middleware] = [], _ handler: any Handler
    ) async throws -> (exchange: Exchange, transport: RecordingTransport, log: [LogRecorder.Line]) {
        let log = LogRecorder()
        let transport = RecordingTransport()
        let exchange = Exchange.stub(.stub(.get, "/x"), over: transport)
        try await MiddlewareChain(middlewares, handler: handler, logger: log.logger).run(exchange)
        return (exchange, transport, log.lines)
    }

    private func expectFault(
        _ middlewares: [any Middleware], _ handler: any Handler, named parts: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let (exchange, transport, log) = try await run(middlewares, handler)
        #expect(exchange.response.status == .internalServerError, sourceLocation: sourceLocation)
        #expect(transport.isFinished && transport.headCount == 1, sourceLocation: sourceLocation)
        #expect(
            transport.text
                == #"{"type":"about:blank","title":"Internal Server Error","status":500}"#,
            sourceLocation: sourceLocation)
        #expect(log.count == 1 && log.first?.level == .error, sourceLocation: sourceLocation)
        let error = log.first?.metadata["error"].map { "\($0)" } ?? ""
        for part in parts { #expect(error.contains(part), sourceLocation: sourceLocation) }
    }

    @Test(arguments: [Guarding.Way.forgetsNext, .setsFieldOnly])
    private func `a middleware that neither calls next nor answers leads to a 500 that names it`(
        way: Guarding.Way
    ) async throws {
        let handler = SyncHandler { _ in "secret" }
        let named = ["the middleware Guarding has neither called next nor sent a response"]
        try await expectFault([Guarding(way: way)], handler, named: named)
        try await expectFault(
            [Guarding(way: .callsNext), ErrorMiddleware(), Guarding(way: way)], handler,
            named: named
        )
        var routes = Router()
        routes.group([Guarding(way: way)]) { $0.on(.get, "/x", handler) }
        try await expectFault([], routes, named: named)
    }

    @Test func `a middleware that catches an error and sends nothing is logged with the error`()
        async throws
    {
        try await expectFault(
            [Guarding(way: .swallows)], SyncHandler { _ -> String in throw Mishap() },
            named: ["the middleware Guarding has caught an error and sent no response: Mishap()"])
    }

    @Test func `a middleware that catches an error after the head is sent aborts the response`()
        async throws
    {
        let transport = RecordingTransport()
        let handler = StreamingHandler { exchange in
            try await exchange.response.write("half")
            throw Mishap()
        }
        let log = LogRecorder()
        let chain = MiddlewareChain(
            [Guarding(way: .swallows)], handler: handler, logger: log.logger)
        await #expect(throws: Mishap.self) { try await chain.run(.stub(over: transport)) }
        #expect(!transport.isFinished)
        #expect(log.lines.map(\.message) == ["response aborted by error"])
    }

    @Test(arguments: [
        (Guarding.Way.setsStatus, 403, ""), (.sends, 403, "no"), (.writes, 200, "part"),
        (.callsNext, 200, "fine"),
    ])
    private func `a middleware may answer without calling next, also with a status alone`(
        way: Guarding.Way, status: Int, text: String
    ) async throws {
        let (exchange, transport, log) = try await run(
            [Guarding(way: way)], SyncHandler { _ in "fine" })
        #expect(exchange.response.status.code == status)
        #expect(transport.text == text)
        #expect(transport.isFinished && transport.headCount == 1)
        #expect(log.isEmpty)
    }

    @Test
    func `a handler that neither returns nor writes leads to a 500 that names it and its route`()
        async throws
    {
        try await expectFault(
            [], EmptyHandler(), named: ["the handler EmptyHandler has returned without a response"])
        var routes = Router()
        routes.stream(.get, "/x") { _ in }
        let place = "SpoorMiddlewareTests/NoResponseTests.swift:\(#line - 1))"
        try await expectFault(
            [], routes,
            named: ["the handler StreamingHandler of the route GET /x (\(place) has returned"])
        var grouped = Router()
        grouped.group([Guarding(way: .callsNext)]) { $0.on(.get, "/x", EmptyHandler()) }
        try await expectFault(
            [], grouped,
            named: ["the handler EmptyHandler of the route GET /x (SpoorMiddlewareTests/"]
        )
    }

    @Test func `a handler that only sets headers has not answered`() async throws {
        try await expectFault(
            [], StreamingHandler { $0.response.headers[.location] = "/elsewhere" },
            named: ["has returned without a response"])
    }

    @Test(arguments: [HTTPResponse.Status.ok, .noContent, .accepted, .notFound])
    func `a handler that sets the status has answered`(status: HTTPResponse.Status) async throws {
        let (exchange, transport, log) = try await run(
            [], StreamingHandler { $0.response.status = status })
        #expect(exchange.response.status == status)
        #expect(transport.headCount == 1 && transport.isFinished && log.isEmpty)
    }

    @Test func `a handler that ends its response without a body has answered`() async throws {
        let (exchange, transport, log) = try await run(
            [], StreamingHandler { try await $0.response.finish() })
        #expect(exchange.response.status == .ok && transport.isFinished && log.isEmpty)
    }

    @Test func `a handler that returns early because it was cancelled is not at fault`()
        async throws
    {
        let log = LogRecorder()
        let status = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
            group.cancelAll()
            group.addTask {
                let exchange = Exchange.stub(over: RecordingTransport())
                try await MiddlewareChain(handler: EmptyHandler(), logger: log.logger).run(exchange)
                return exchange.response.status
            }
            return try await group.next()
        }
        #expect(status == .serviceUnavailable)
        #expect(log.lines.isEmpty)
    }

    @Test func `a parameter that the route does not have leads to a 500 that names it`()
        async throws
    {
        let asking: [any Handler] = [
            SyncHandler { "\($0.parameters["ID"] ?? "none")" },
            AsyncHandler { "\($0.parameters["ID"] ?? "none")" },
            StreamingHandler { try await $0.response.write($0.parameters["ID"] ?? "none") },
            StreamingHandler { _ = $0.parameters["ID"] },
            StreamingHandler { exchange in
                _ = exchange.parameters["ID"]
                try? await exchange.response.send(Response(text: "all is well"))
            },
        ]
        for handler in asking {
            var routes = Router()
            routes.on(.get, "/{id}", handler)
            try await expectFault(
                [], routes, named: ["the route /{id} has no parameter {ID}: it has {id}"])
            try await expectFault(
                [ErrorMiddleware(), AccessLogless()], routes,
                named: ["the route /{id} has no parameter {ID}: it has {id}"])
        }
    }

    /// A middleware shared by routes, some of which have the parameter.
    private struct AccessLogless: Middleware {
        func intercept(_ exchange: Exchange, next: Next) async throws {
            _ = exchange.parameters[ifPresent: "tenant"]
            try await next(exchange)
            _ = exchange.parameters[ifPresent: "tenant"]
        }
    }

    @Test func `an unknown parameter that is requested after the response is logged`() async throws
    {
        struct Late: Middleware {
            func intercept(_ exchange: Exchange, next: Next) async throws {
                try await next(exchange)
                _ = exchange.parameters["ID"]
            }
        }
        var routes = Router()
        routes.get("/{id}") { _ in "fine" }
        let (exchange, transport, log) = try await run([Late()], routes)
        #expect(exchange.response.status == .ok && transport.text == "fine")
        #expect(
            log.map(\.message) == ["unknown route parameter requested"])
    }
}

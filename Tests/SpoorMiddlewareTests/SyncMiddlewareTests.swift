import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import Synchronization
import TestSupport
import Testing

private struct Mishap: Error {}

/// Lines in the order in which they were added.
private final class Calls: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

/// Records everything that happens; responds or throws for the path with its name.
private struct Recorder: SyncMiddleware {
    let name: String
    let calls: Calls

    func requestReceived(_ exchange: Exchange) throws -> Response? {
        calls.add("\(name) received \(exchange.request.path)")
        switch exchange.request.path {
        case "/respond-\(name)": return Response(text: "from \(name)")
        case "/throw-\(name)": throw HTTPError(.conflict)
        case "/rewrite-\(name)":
            var request = exchange.request
            request.path = "/rewritten"
            try exchange.replaceRequest(with: request)
            return nil
        default: return nil
        }
    }

    func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
        calls.add("\(name) head \(exchange.response.status.code) \(exchange.request.path)")
    }

    func exchangeCompleted(_ exchange: Exchange, _ conclusion: ExchangeConclusion) {
        calls.add("\(name) end \(conclusion.statusText ?? "-") \(exchange.request.path)")
    }
}

/// The asynchronous form of the same.
private struct AsyncRecorder: Middleware {
    let name: String
    let calls: Calls

    private struct Observer: ExchangeObserver {
        let name: String
        let calls: Calls
        func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
            calls.add("\(name) head \(exchange.response.status.code) \(exchange.request.path)")
        }
    }

    func intercept(_ exchange: Exchange, next: Next) async throws {
        calls.add("\(name) received \(exchange.request.path)")
        exchange.addObserver(Observer(name: name, calls: calls))
        defer {
            calls.add(
                "\(name) end \(exchange.conclusion(thrown: nil).statusText ?? "-") \(exchange.request.path)"
            )
        }
        try await next(exchange)
    }
}

@Suite struct SyncMiddlewareTests {
    private static let handler = SyncHandler { exchange in
        if exchange.request.path == "/throw" { throw Mishap() }
        return Response(text: exchange.request.path)
    }

    /// Runs a chain of middlewares, those in capitals being asynchronous; returns the calls and the transport.
    private func run(
        _ names: String, _ path: String
    ) async throws -> (calls: [String], transport: RecordingTransport, exchange: Exchange) {
        let calls = Calls()
        let middlewares = names.map { name -> any Middleware in
            if name.isUppercase { return AsyncRecorder(name: "\(name)", calls: calls) }
            return Recorder(name: "\(name)", calls: calls)
        }
        let transport = RecordingTransport()
        let exchange = Exchange.stub(.stub(.get, path), over: transport)
        try await MiddlewareChain(middlewares, handler: Self.handler).run(exchange)
        return (calls.all, transport, exchange)
    }

    @Test(arguments: ["abc", "Abc", "aBc", "abC", "AbC", "aBC", "ABC", "ABc"])
    func `both forms have the same order`(names: String) async throws {
        let (calls, transport, _) = try await run(names, "/x")
        let order = names.map { "\($0)" }
        let expected =
            order.map { "\($0) received /x" }
            + order.reversed().map { "\($0) head 200 /x" }
            + order.reversed().map { "\($0) end 200 /x" }
        #expect(calls == expected)
        #expect(transport.text == "/x")
    }

    @Test(arguments: ["abc", "Abc", "aBc", "abC"])
    func `a response ends the request at its middleware`(names: String) async throws {
        let (calls, transport, _) = try await run(names, "/respond-b")
        #expect(transport.text == (names.contains("b") ? "from b" : "/respond-b"))
        if names.contains("b") {
            #expect(!calls.contains { $0.lowercased().hasPrefix("c") })
            #expect(
                calls.suffix(2).map { $0.lowercased() } == [
                    "b end 200 /respond-b", "a end 200 /respond-b",
                ])
        }
    }

    @Test func `a middleware that throws does not complete, those outside do after the response`()
        async throws
    {
        let (calls, _, exchange) = try await run("abc", "/throw-b")
        #expect(exchange.response.status == .conflict)
        #expect(
            calls == [
                "a received /throw-b", "b received /throw-b", "a head 409 /throw-b",
                "a end 409 /throw-b",
            ])
    }

    @Test(arguments: ["ab", "aBb"])
    func `an error of the handler is completed with the status that was sent`(
        names: String
    ) async throws {
        let (calls, _, _) = try await run(names, "/throw")
        #expect(calls.filter { $0.hasPrefix("a end") } == ["a end 500 /throw"])
        #expect(calls.filter { $0.hasPrefix("b end") } == ["b end 500 /throw"])
        #expect(calls.filter { $0.hasPrefix("b head") } == ["b head 500 /throw"])
        let head = try #require(calls.firstIndex(of: "a head 500 /throw"))
        let end = try #require(calls.firstIndex(of: "a end 500 /throw"))
        #expect(head < end)
    }

    @Test(arguments: ["abc", "Abc", "abC", "AbC"])
    func `a replaced request is seen by those further in alone`(names: String) async throws {
        let (calls, transport, exchange) = try await run(names, "/rewrite-b")
        #expect(transport.text == "/rewritten")
        #expect(exchange.request.path == "/rewrite-b")
        let outer = names.prefix(1), inner = names.suffix(1)
        for step in ["received", "head 200", "end 200"] {
            #expect(calls.contains("\(outer) \(step) /rewrite-b"))
            #expect(calls.contains("b \(step) /rewrite-b"))
            #expect(calls.contains("\(inner) \(step) /rewritten"))
        }
    }

    @Test(arguments: ["abc", "abC", "bc", "AbC"])
    func `members see their own request with and after the response to an error, too`(
        names: String
    ) async throws {
        struct Throwing: Handler {
            func handle(_ exchange: Exchange) throws { throw Mishap() }
        }
        let calls = Calls()
        var middlewares: [any Middleware] = []
        for name in names {
            let recorder = Recorder(name: "\(name)", calls: calls)
            middlewares.append(
                name.isUppercase ? AsyncRecorder(name: "\(name)", calls: calls) : recorder)
        }
        let exchange = Exchange.stub(
            .stub(.get, "/rewrite-b"), over: RecordingTransport())
        try await MiddlewareChain(middlewares, handler: Throwing()).run(exchange)
        #expect(exchange.response.status == .internalServerError)
        #expect(exchange.request.path == "/rewrite-b")
        for step in ["head", "end"] {
            for name in names {
                // The asynchronous form records the end before there is a response.
                if name.isUppercase, step == "end" { continue }
                let path = name.lowercased() == "c" ? "/rewritten" : "/rewrite-b"
                #expect(calls.all.contains("\(name) \(step) 500 \(path)"))
            }
        }
    }

    @Test(arguments: ["/items/7", "/nothing"])
    func `an observer outside of a replacement reads the parameters of the route`(
        path: String
    ) async throws {
        struct Reader: SyncMiddleware {
            let calls: Calls
            func record(_ step: String, _ exchange: Exchange) {
                let id = exchange.parameters[ifPresent: "id"] ?? "-"
                calls.add("\(step) \(exchange.request.path) \(id)")
            }
            func routeMatched(_ exchange: Exchange) { record("route", exchange) }
            func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
                record("head", exchange)
            }
            func exchangeCompleted(_ exchange: Exchange, _ conclusion: ExchangeConclusion) {
                record("end", exchange)
            }
        }
        /// Puts a prefix before the path.
        struct Prefixing: Middleware {
            func intercept(_ exchange: Exchange, next: Next) async throws {
                var request = exchange.request
                request.path = "/a/long/prefix" + request.path
                try exchange.replaceRequest(with: request)
                try await next(exchange)
            }
        }
        let calls = Calls()
        var routes = Router()
        routes.get("/a/long/prefix/items/{id}") { exchange in exchange.parameters["id"] ?? "-" }
        let transport = RecordingTransport()
        let exchange = Exchange.stub(.stub(.get, path), over: transport)
        try await MiddlewareChain([Reader(calls: calls), Prefixing()], handler: routes)
            .run(exchange)
        if path == "/items/7" {
            #expect(transport.text == "7")
            #expect(calls.all == ["route \(path) 7", "head \(path) 7", "end \(path) 7"])
        } else {
            #expect(calls.all == ["head \(path) -", "end \(path) -"])
        }
    }

    @Test func `the asynchronous form of a synchronous middleware does the same`() async throws {
        /// Calls the middleware as a custom combination of middlewares does.
        struct Wrapper: Middleware {
            let inner: any Middleware
            func intercept(_ exchange: Exchange, next: Next) async throws {
                try await inner.intercept(exchange, next: next)
            }
        }
        let calls = Calls()
        let transport = RecordingTransport()
        for path in ["/x", "/respond-b", "/throw"] {
            let exchange = Exchange.stub(.stub(.get, path), over: transport)
            try await MiddlewareChain(
                [Wrapper(inner: Recorder(name: "b", calls: calls))], handler: Self.handler
            ).run(exchange)
        }
        #expect(
            calls.all == [
                "b received /x", "b head 200 /x", "b end 200 /x", "b received /respond-b",
                "b head 200 /respond-b", "b end 200 /respond-b", "b received /throw",
                "b head 500 /throw", "b end 500 /throw",
            ])
    }

    @Test func `the end of a disconnected exchange is within the middlewares further out`()
        async throws
    {
        enum Scope { @TaskLocal static var name = "none" }
        struct Outer: Middleware {
            func intercept(_ exchange: Exchange, next: Next) async throws {
                try await Scope.$name.withValue("outer") { try await next(exchange) }
            }
        }
        struct Reader: SyncMiddleware {
            let calls: Calls
            func exchangeCompleted(_ exchange: Exchange, _ conclusion: ExchangeConclusion) {
                calls.add("\(Scope.name) \(conclusion.statusText ?? "-")")
            }
        }
        let calls = Calls()
        let transport = RecordingTransport()
        transport.interruption = .peerDisconnected
        let handler = SyncHandler { _ -> String in throw Mishap() }
        await #expect(throws: (any Error).self) {
            try await MiddlewareChain([Outer(), Reader(calls: calls)], handler: handler)
                .run(.stub(over: transport))
        }
        #expect(calls.all == ["outer 499"])
    }

    @Test func `steps that are not observed are not called`() async throws {
        struct Silent: SyncMiddleware {
            var observedSteps: ExchangeSteps { [] }
            func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
                Issue.record("called")
            }
        }
        let transport = RecordingTransport()
        try await MiddlewareChain([Silent()], handler: Self.handler).run(
            .stub(over: transport))
        #expect(transport.isFinished)
    }

    @Test func `an observer sees the route, the end of the body and the head`() async throws {
        struct Observer: SyncMiddleware {
            let calls: Calls
            func routeMatched(_ exchange: Exchange) { calls.add(exchange.route ?? "-") }
            func requestBodyRead(_ exchange: Exchange) { calls.add("body read") }
            func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
                let type = exchange.response.headers[.contentType] ?? "-"
                if case .complete(let body) = body.content {
                    calls.add("\(type), \(body.count) bytes")
                }
            }
            func responseHeadSent(_ exchange: Exchange) {
                calls.add("head sent \(exchange.response.isHeadSent)")
            }
        }
        let calls = Calls()
        var routes = Router()
        routes.post("/{name}") { exchange in
            String(decoding: try await exchange.body.collect(upTo: 100), as: UTF8.self)
        }
        let transport = RecordingTransport(requestBody: [[65], [66]])
        let exchange = Exchange.stub(
            .stub(.post, "/a", bodyLength: .bytes(2)), over: transport)
        try await MiddlewareChain([Observer(calls: calls)], handler: routes).run(exchange)
        #expect(
            calls.all == [
                "/{name}", "body read", "text/plain; charset=utf-8, 2 bytes", "head sent true",
            ])
    }
}

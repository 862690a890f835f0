import HTTPTypes
import JaegerTracing
import SpoorHTTP
import SpoorMiddleware
import Synchronization
import TestSupport
import Testing
import Tracing

@testable import SpoorTracing

/// Sampling by the route, which is known only after the span has started.
@Suite(.finishes(within: .seconds(60))) struct RouteSamplingTests {
    private let reporter = InMemoryReporter()

    private func tracer(_ recorder: FlightRecorder? = nil) -> JaegerTracer {
        var configuration = JaegerTracerConfiguration()
        configuration.flightRecorder = recorder
        return JaegerTracer(
            serviceName: "stub", reporter: reporter,
            sampler: RuleSampler(
                [
                    .operation("GET /wanted/{id}", ConstSampler(true)),
                    .operation("GET /health", ConstSampler(false)),
                ],
                otherwise: ConstSampler(false), defersUntilNamed: true),
            configuration: configuration)
    }

    private func serve(_ tracer: JaegerTracer, _ path: String) async throws {
        try await SpoorTracingTests.serve(ServerTracing(tracer), Request.stub(.get, path)) {
            routes in
            routes.get("/wanted/{id}") { _ in
                tracer.withSpan("inner") { _ in "Wanted\n" }
            }
            routes.get("/health") { _ in
                tracer.withSpan("inner") { _ in "Fine\n" }
            }
            routes.get("/broken") { _ -> String in
                struct Failure: Error {}
                try tracer.withSpan("inner") { _ in throw Failure() }
                return ""
            }
        }
    }

    @Test func `a rule on the route samples its whole traces and no others`() async throws {
        let tracer = tracer()
        for path in ["/wanted/1", "/health", "/elsewhere", "/broken", "/wanted/2"] {
            try await serve(tracer, path)
        }
        let expected = ["inner", "GET /wanted/{id}", "inner", "GET /wanted/{id}"]
        #expect(reporter.spans.map(\.operationName) == expected)
        #expect(reporter.spans[0].parentID == reporter.spans[1].spanID)
        #expect(reporter.spans[1][tag: "http.url"] != nil)
        #expect(reporter.spans[1][tag: "sampler.type"] == "const")
    }

    @Test func `a flight recorder keeps failed traces that no rule samples`() async throws {
        let tracer = tracer(FlightRecorder())
        for path in ["/health", "/broken"] { try await serve(tracer, path) }
        #expect(reporter.spans.map(\.operationName) == ["inner", "GET /broken"])
        #expect(reporter.spans.last?[tag: "sampler.type"] == "flightrecorder")
    }

    @Test func `traceresponse contains the decision for the route`() async throws {
        let tracing = ServerTracing(
            tracer(), configuration: .init(traceResponseHeader: .traceResponse))
        let name = try #require(HTTPField.Name("traceresponse"))
        var flags: [String] = []
        for path in ["/wanted/1", "/health"] {
            let exchange = Exchange.stub(.stub(.get, path), over: RecordingTransport())
            var routes = Router()
            routes.get("/wanted/{id}") { _ in "Wanted\n" }
            routes.get("/health") { _ in "Fine\n" }
            try await MiddlewareChain([tracing], handler: routes).run(exchange)
            flags.append(String(exchange.response.headers[name]?.suffix(1) ?? "none"))
        }
        let isSampled = flags.map { Int($0, radix: 16).map { $0 & 1 == 1 } }
        #expect(isSampled == [true, false])
    }

    @Test func `a received decision needs no route`() async throws {
        let request = Request.stub(
            .get, "/health", headers: ["uber-trace-id": "a:b:0:1"].asHeaders)
        let tracer = tracer()
        try await SpoorTracingTests.serve(ServerTracing(tracer), request) { routes in
            routes.get("/health") { _ in "Fine\n" }
        }
        #expect(reporter.spans.map(\.operationName) == ["GET /health"])
    }

    @Test(arguments: [true, false])
    func `traceresponse makes a deferred sampler decide`(
        isSampled: Bool
    ) async throws {
        let sampler = RuleSampler([], otherwise: ConstSampler(isSampled), defersUntilNamed: true)
        let tracing = ServerTracing(
            JaegerTracer.stub(reporter, sampler: sampler),
            configuration: .init(traceResponseHeader: .traceResponse))
        let name = try #require(HTTPField.Name("traceresponse"))
        let exchange = Exchange.stub(.stub(.get, "/wanted/1"), over: RecordingTransport())
        var routes = Router()
        routes.get("/wanted/{id}") { _ in "Wanted\n" }
        try await MiddlewareChain([tracing], handler: routes).run(exchange)
        let value = exchange.response.headers[name]
        #expect(value?.suffix(2) == (isSampled ? "03" : "02"))
        #expect(reporter.spans.count == (isSampled ? 1 : 0))
    }

    private enum ResponseKind: CaseIterable {
        case noRoute, noMethod, early, whole, pieces, empty, redirected
    }

    /// Responses without a route, each created in another way.
    @Test(arguments: ResponseKind.allCases, [true, false])
    private func `traceresponse contains the decision if there is no route`(
        kind: ResponseKind, isSampled: Bool
    ) async throws {
        struct Turnstile: Middleware {
            func intercept(_ exchange: Exchange, next: Next) async throws {
                throw HTTPError(.unauthorized)
            }
        }
        let sampler = RuleSampler([], otherwise: ConstSampler(isSampled), defersUntilNamed: true)
        let tracing = ServerTracing(
            JaegerTracer.stub(reporter, sampler: sampler),
            configuration: .init(traceResponseHeader: .traceResponse))
        var routes = Router()
        routes.on(.post, "/only/posted") { _ in "x" }
        let handler: any Handler =
            switch kind {
            case .noRoute, .noMethod: routes
            case .early, .whole: SyncHandler { _ in "x" }
            case .pieces: StreamingHandler { try await $0.response.write("x") }
            case .empty: StreamingHandler { $0.response.status = .ok }
            case .redirected: SyncHandler { _ in Response(status: .found) }
            }
        let exchange = Exchange.stub(
            .stub(.get, kind == .noMethod ? "/only/posted" : "/nowhere"),
            over: RecordingTransport())
        try await MiddlewareChain(
            kind == .early ? [tracing, Turnstile()] : [tracing], handler: handler
        ).run(exchange)
        let name = try #require(HTTPField.Name("traceresponse"))
        #expect(exchange.response.headers[name]?.suffix(2) == (isSampled ? "03" : "02"))
        #expect(reporter.spans.count == (isSampled ? 1 : 0))
    }

    @Test(
        arguments: [
            (.traceResponse, false), (.traceID(in: .server), false), (.traceID(in: .server), true),
        ] as [(TraceResponseHeader, Bool)])
    func `a response header with only the trace id does not require a decision`(
        field: TraceResponseHeader, isTagLate: Bool
    ) async throws {
        let sampler = RuleSampler(
            [
                .operation("GET /health", ConstSampler(false)),
                .tag("tier", "gold", ConstSampler(true)),
            ],
            otherwise: ConstSampler(false), defersUntilNamed: true)
        let tracer = JaegerTracer.stub(reporter, sampler: sampler)
        let tracing = ServerTracing(tracer, configuration: .init(traceResponseHeader: field))
        let exchange = Exchange.stub(.stub(.get, "/wanted/1"), over: RecordingTransport())
        var routes = Router()
        routes.stream(.get, "/wanted/{id}") { exchange in
            exchange.response.status = .ok
            if isTagLate { try await exchange.response.write("begun") }
            let context = try #require(ServiceContext.current)
            tracer.activeSpan(identifiedBy: context)?.setTag("tier", "gold")
        }
        try await MiddlewareChain([tracing], handler: routes).run(exchange)
        #expect(reporter.spans.map(\.operationName) == ["GET /wanted/{id}"])
        let name = field.includesDecision ? try #require(HTTPField.Name("traceresponse")) : .server
        let value = try #require(exchange.response.headers[name])
        #expect(field.includesDecision ? value.hasSuffix("-03") : value.utf8.count == 32)
    }

    @Test func `traceresponse contains the decision for a name without a route`() async throws {
        let sampler = RuleSampler(
            [.operation("GET (none)", ConstSampler(true))], otherwise: ConstSampler(false),
            defersUntilNamed: true)
        let tracing = ServerTracing(
            JaegerTracer.stub(reporter, sampler: sampler),
            configuration: .init(
                spanName: { $0.route == nil ? "GET (none)" : nil },
                traceResponseHeader: .traceResponse))
        let exchange = Exchange.stub(.stub(.get, "/nowhere"), over: RecordingTransport())
        try await MiddlewareChain([tracing], handler: Router()).run(exchange)
        #expect(exchange.response.status == .notFound)
        #expect(reporter.spans.map(\.operationName) == ["GET (none)"])
        let name = try #require(HTTPField.Name("traceresponse"))
        #expect(exchange.response.headers[name]?.hasSuffix("-03") == true)
    }

    @Test func `an observer sees the route of an unsampled span`() async throws {
        final class Names: SpanObserver {
            let all = Mutex<[String]>([])
            func spanEnded(_ span: JaegerSpan, as finished: FinishedSpan?) {
                all.withLock { $0.append(span.operationName) }
            }
        }
        let names = Names()
        var configuration = JaegerTracerConfiguration()
        configuration.observer = names
        let tracer = JaegerTracer(
            serviceName: "stub", reporter: reporter, sampler: ConstSampler(false),
            configuration: configuration)
        try await SpoorTracingTests.serve(ServerTracing(tracer))
        #expect(names.all.withLock { $0 } == ["GET /hello/{name}"])
        #expect(reporter.spans.isEmpty)
    }
}

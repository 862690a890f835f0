import HTTPTypes
import InMemoryTracing
import JaegerTracing
import SpoorHTTP
import SpoorMiddleware
import SpoorTracing
import TestSupport
import Testing
import Tracing

@Suite(.finishes(within: .seconds(60))) struct AnyTracerTests {
    private struct Failure: Error {}

    @Test func `a server span of another tracer has name, kind, tags and status`() async throws {
        let tracer = InMemoryTracer()
        try await serve(ServerTracing(tracer)) { routes in
            routes.get("/hello/{name}") { _ in
                #expect(ServiceContext.current?.inMemorySpanContext != nil)
                return Response(status: .serviceUnavailable)
            }
        }
        let span = try #require(tracer.finishedSpans.first)
        #expect(tracer.finishedSpans.count == 1)
        #expect(span.operationName == "GET /hello/{name}")
        #expect(span.kind == .server)
        #expect(span.status?.code == .error)
        #expect(span.attributes.get("component") == "spoor")
        #expect(span.attributes.get("http.method") == "GET")
        #expect(span.attributes.get("http.status_code") == .int64(503))
        #expect(span.attributes.get("peer.port") == .int64(4_711))
        #expect(span.attributes.get("error") == true)
    }

    @Test func `a thrown error is recorded`() async throws {
        let tracer = InMemoryTracer()
        try await serve(ServerTracing(tracer)) { routes in
            routes.get("/hello/{name}") { _ -> String in throw Failure() }
        }
        let span = try #require(tracer.finishedSpans.first)
        #expect(span.errors.first?.error is Failure)
        #expect(span.status?.code == .error)
    }

    @Test func `client and server of another tracer are in one trace`() async throws {
        let tracer = InMemoryTracer()
        let exchange = ClientExchange(request: HTTPClientRequest(.get, "http://a/hello/you"))
        let next = ClientNext([ClientTracing(tracer)]) { exchange in
            let request = Request.stub(.get, "/hello/you", headers: exchange.request.headers)
            exchange.status = try await serve(ServerTracing(tracer), request)
        }
        try await ServiceContext.withValue(nil) { try await next(exchange) }
        let spans = tracer.finishedSpans
        try #require(spans.map(\.kind) == [.server, .client])
        #expect(spans[0].traceID == spans[1].traceID)
        #expect(spans[0].parentSpanID == spans[1].spanID)
    }

    @Test func `Jaeger's client and server are in one trace over real headers`() async throws {
        let reporter = InMemoryReporter()
        let front = JaegerTracer.stub(reporter)
        let back = JaegerTracer.stub(reporter)
        let exchange = ClientExchange(request: HTTPClientRequest(.get, "http://a/hello/you"))
        let next = ClientNext([ClientTracing(front)]) { exchange in
            let request = Request.stub(.get, "/hello/you", headers: exchange.request.headers)
            exchange.status = try await ServiceContext.withValue(nil) {
                try await serve(ServerTracing(back), request)
            }
        }
        try await next(exchange)
        let spans = reporter.spans
        try #require(spans.map { $0[tag: "span.kind"] } == ["server", "client"])
        #expect(spans[0].traceID == spans[1].traceID)
        #expect(spans[0].parentID == spans[1].spanID)
    }
}

import HTTPTypes
import InMemoryTracing
import JaegerTracing
import SpoorHTTP
import SpoorMiddleware
import SpoorTracing
import TestSupport
import Testing
import Tracing

@Suite(.finishes(within: .seconds(60))) struct ClientTracingConfigurationTests {
    private let reporter = InMemoryReporter()

    @discardableResult
    private func send(
        _ tracer: any Tracer, _ configuration: ClientTracingConfiguration
    ) async throws -> Headers {
        let exchange = ClientExchange(request: HTTPClientRequest(.get, "http://a.example/items/7"))
        let next = ClientNext([ClientTracing(tracer, configuration: configuration)]) { exchange in
            exchange.status = .ok
        }
        try await next(exchange)
        return exchange.request.headers
    }

    @Test func `a skipped request has no span, and propagates the caller's context`()
        async throws
    {
        let tracer = JaegerTracer.stub(reporter)
        let configuration = ClientTracingConfiguration(shouldTrace: { !$0.url.hasSuffix("/7") })
        let headers = try await tracer.withSpan("outer", context: .topLevel) { _ in
            try await send(tracer, configuration)
        }
        #expect(reporter.spans.map(\.operationName) == ["outer"])
        let name = try #require(HTTPField.Name("uber-trace-id"))
        let sent = try #require(SpanContext(headers[name] ?? ""))
        #expect(sent.spanID == reporter.spans.first?.spanID)

        let other = InMemoryTracer()
        let foreign = try await other.withSpan("outer", context: .topLevel) { _ in
            try await send(other, configuration)
        }
        #expect(other.finishedSpans.map(\.operationName) == ["outer"])
        #expect(!foreign.isEmpty)
    }

    @Test func `the context is not propagated to third parties`() async throws {
        let tracer = JaegerTracer.stub(reporter)
        let configuration = ClientTracingConfiguration(shouldPropagate: { _ in false })
        #expect(try await send(tracer, configuration).isEmpty)
        #expect(reporter.spans.count == 1)
        #expect(try await send(InMemoryTracer(), configuration).isEmpty)
    }

    @Test func `name and tags can be configured`() async throws {
        let configuration = ClientTracingConfiguration(
            spanName: { "\($0.method) /items/{id}" },
            requestTags: { _ in [SpanTag("shop", "a"), SpanTag("http.method", "mine")] },
            responseTags: { [SpanTag("answered", .bool($0.status == .ok))] })
        try await send(JaegerTracer.stub(reporter), configuration)
        let span = try #require(reporter.spans.first)
        #expect(span.operationName == "GET /items/{id}")
        #expect(span[tag: "shop"] == "a")
        #expect(span[tag: "http.method"] == "mine")
        #expect(span[tag: "answered"] == true)
        try await send(
            JaegerTracer.stub(reporter), ClientTracingConfiguration(spanName: { _ in nil }))
        #expect(reporter.spans.last?.operationName == "GET")
    }
}

import HTTPTypes
import JaegerTracing
import CoreMetrics
import SpoorHTTP
import SpoorMiddleware
import SpoorTracing
import TestSupport
import Testing
import Tracing

@Suite(.finishes(within: .seconds(60))) struct ClientTracingTests {
    private let reporter = InMemoryReporter()

    private struct Failure: Error {}

    /// Sends a request through a middleware to a made-up response.
    ///
    /// - Returns: The headers as they were sent.
    @discardableResult
    private func send(
        _ middleware: ClientTracing,
        _ request: HTTPClientRequest = HTTPClientRequest(
            .get, "http://shop.example:8080/items?id=7"),
        respond: @escaping (ClientExchange) async throws -> Void = { $0.status = .ok }
    ) async throws -> Headers {
        let exchange = ClientExchange(request: request)
        try await ClientNext([middleware], send: respond)(exchange)
        return exchange.request.headers
    }

    private func context(_ headers: Headers) throws -> SpanContext {
        let name = try #require(HTTPField.Name("uber-trace-id"))
        #expect(headers.values(of: name).count == 1)
        return try #require(SpanContext(headers[name] ?? ""))
    }

    @Test func `a request is a client span whose context is injected`() async throws {
        let tracer = JaegerTracer.stub(reporter)
        let headers = try await send(ClientTracing(tracer)) { exchange in
            exchange.peer = .ipv4("192.0.2.9", port: 8080)
            exchange.status = .ok
        }
        let span = try #require(reporter.spans.first)
        let sent = try context(headers)
        #expect(sent.traceID == span.traceID)
        #expect(sent.spanID == span.spanID)
        #expect(sent.isSampled)
        #expect(span.operationName == "GET")
        #expect(
            span.tags.filter { !$0.key.hasPrefix("sampler") } == [
                SpanTag("span.kind", "client"), SpanTag("component", "spoor"),
                SpanTag("http.method", "GET"),
                SpanTag("http.url", "http://shop.example:8080/items"),
                SpanTag("peer.ipv4", "192.0.2.9"), SpanTag("peer.port", 8080),
                SpanTag("http.status_code", 200),
            ])
    }

    @Test func `the current span is the parent, and its baggage is propagated`() async throws {
        let tracer = JaegerTracer.stub(reporter)
        let headers = try await tracer.withSpan("outer", context: .topLevel) { outer in
            outer.setBaggageItem("user", "ann b")
            return try await send(ClientTracing(tracer))
        }
        let spans = reporter.spans
        #expect(spans[0].parentID == spans[1].spanID)
        #expect(headers[try #require(HTTPField.Name("uberctx-user"))] == "ann%20b")
    }

    @Test func `headers that are present are replaced`() async throws {
        let name = try #require(HTTPField.Name("Uber-Trace-ID"))
        var request = HTTPClientRequest(.get, "http://shop.example/")
        request.headers.append(name, "1:2:0:1")
        request.headers.append(name, "3:4:0:1")
        let headers = try await send(ClientTracing(JaegerTracer.stub(reporter)), request)
        #expect(try context(headers).traceID != TraceID(low: 1))
    }

    @Test(arguments: [false, true])
    func `a debug id that is set by hand is kept, a trace only by a pass-through tracer`(
        isOff: Bool
    ) async throws {
        var configuration = JaegerTracerConfiguration()
        configuration.isPassThrough = isOff
        configuration.metricsFactory = NOOPMetricsHandler.instance
        let tracer = JaegerTracer(
            serviceName: "stub", reporter: reporter, configuration: configuration)
        let mine = ["jaeger-debug-id": "x", "uber-trace-id": "1:2:0:1", "baggage": "a=b"].asHeaders
        let request = HTTPClientRequest(.get, "http://shop.example/", headers: mine)
        let headers = try await send(ClientTracing(tracer), request)
        #expect(headers[try #require(HTTPField.Name("jaeger-debug-id"))] == "x")
        #expect((try context(headers).traceID == TraceID(low: 1)) == isOff)
        #expect((headers[try #require(HTTPField.Name("baggage"))] == "a=b") == isOff)
    }

    @Test func `without a tracer the span is a child of the current span`() async throws {
        let tracer = JaegerTracer.stub(reporter)
        try await tracer.withSpan("outer", context: .topLevel) { _ in
            _ = try await send(ClientTracing())
        }
        let spans = reporter.spans
        #expect(spans.map(\.operationName) == ["GET", "outer"])
        #expect(spans[0].parentID == spans[1].spanID)
    }

    @Test func `without a tracer and a span the request is sent unchanged`() async throws {
        let headers = try await ServiceContext.withValue(nil) { try await send(ClientTracing()) }
        #expect(headers.isEmpty)
    }

    @Test func `within the exchange the client span is current`() async throws {
        let tracer = JaegerTracer.stub(reporter)
        try await send(ClientTracing(tracer)) { exchange in
            tracer.withSpan("dial") { _ in }
            exchange.status = .ok
        }
        #expect(reporter.spans[0].parentID == reporter.spans[1].spanID)
    }

    @Test func `an unsampled context is injected, too`() async throws {
        let tracer = JaegerTracer.stub(reporter, sampler: ConstSampler(false))
        let headers = try await send(ClientTracing(tracer))
        #expect(try context(headers).flags == [])
        #expect(reporter.spans.isEmpty)
    }

    @Test(arguments: [(399, nil), (400, true), (500, true)] as [(Int, TagValue?)])
    func `a status of 400 or above is an error`(code: Int, error: TagValue?) async throws {
        try await send(ClientTracing(JaegerTracer.stub(reporter))) { exchange in
            exchange.status = HTTPResponse.Status(code: code)
        }
        #expect(reporter.spans.first?[tag: "error"] == error)
        #expect(reporter.spans.first?[tag: "http.status_code"] == .int(Int64(code)))
    }

    @Test func `a failure is an error, and is thrown to the caller`() async throws {
        await #expect(throws: Failure.self) {
            try await send(ClientTracing(JaegerTracer.stub(reporter))) { exchange in
                exchange.resendCount = 1
                throw Failure()
            }
        }
        let span = try #require(reporter.spans.first)
        #expect(span[tag: "error"] == true)
        #expect(span[tag: "http.request.resend_count"] == 1)
        #expect(span[tag: "http.status_code"] == nil)
        #expect(span.logs.first?.fields[1] == SpanTag("error.kind", "Failure"))
    }

    @Test(
        arguments: [
            (
                "http://ann:pw@Shop.example:8080/a:b@c?d",
                [SpanTag("peer.hostname", "Shop.example"), SpanTag("peer.port", 8080)]
            ),
            (
                "https://shop.example?x",
                [SpanTag("peer.hostname", "shop.example"), SpanTag("peer.port", 443)]
            ),
            ("http://[::1]:1", [SpanTag("peer.ipv6", "::1"), SpanTag("peer.port", 1)]),
            ("http://127.0.0.1/", [SpanTag("peer.ipv4", "127.0.0.1"), SpanTag("peer.port", 80)]),
            (
                "http://1.2.3.256:99999/",
                [SpanTag("peer.hostname", "1.2.3.256"), SpanTag("peer.port", 80)]
            ),
            ("http://", []), ("http://[", []), ("http:///a", []), ("nonsense", []), ("", []),
        ] as [(String, [SpanTag])])
    func `if no peer is reached the peer tags are from the URL`(
        url: String, tags: [SpanTag]
    ) async throws {
        await #expect(throws: Failure.self) {
            try await send(
                ClientTracing(JaegerTracer.stub(reporter)), HTTPClientRequest(.get, url)
            ) { _ in throw Failure() }
        }
        let span = try #require(reporter.spans.first)
        #expect(span.tags.filter { $0.key.hasPrefix("peer.") } == tags)
    }

    @Test func `a cancellation by the caller is not an error`() async throws {
        await #expect(throws: CancellationError.self) {
            try await send(ClientTracing(JaegerTracer.stub(reporter))) { _ in
                throw CancellationError()
            }
        }
        let span = try #require(reporter.spans.first)
        #expect(span[tag: "error"] == nil)
        #expect(span.logs.map(\.fields) == [[SpanTag("event", "cancelled")]])
    }

    @Test(arguments: [
        ("http://a/b?c#d", "http://a/b", "http://a/b?c"),
        ("http://ann:pw@a:1/b@c?d@e", "http://a:1/b@c", "http://a:1/b@c?d@e"),
        ("http://a?b", "http://a", "http://a?b"), ("nonsense", "nonsense", "nonsense"),
        ("", "", ""),
    ])
    func `URLs are recorded without secrets`(url: String, plain: String, full: String) async throws
    {
        let tracer = JaegerTracer.stub(reporter)
        try await send(ClientTracing(tracer), HTTPClientRequest(.get, url))
        try await send(
            ClientTracing(tracer, configuration: .init(recordsQuery: true)),
            HTTPClientRequest(.get, url))
        #expect(reporter.spans.map { $0[tag: "http.url"] } == [.string(plain), .string(full)])
    }

    @Test func `a client without a tracer propagates the context of a skipped exchange`()
        async throws
    {
        let tracing = ServerTracing(
            JaegerTracer.stub(reporter), configuration: .init(shouldTrace: { _ in false }))
        let request = Request.stub(.get, "/x", headers: ["uber-trace-id": "a:b:0:1"].asHeaders)
        let transport = RecordingTransport()
        try await serve(tracing, request, over: transport) { routes in
            routes.get("/x") { _ in try await context(send(ClientTracing())).description }
        }
        let sent = SpanContext(transport.text)
        #expect(sent?.traceID == TraceID(low: 0xa))
        #expect(sent?.spanID == SpanID(0xb))
        #expect(reporter.spans.isEmpty)
    }
}

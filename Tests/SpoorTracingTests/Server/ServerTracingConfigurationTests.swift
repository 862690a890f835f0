import HTTPTypes
import InMemoryTracing
import JaegerTracing
import SpoorHTTP
import SpoorMiddleware
import TestSupport
import Testing
import Tracing

@testable import SpoorTracing

@Suite(.finishes(within: .seconds(60))) struct ServerTracingConfigurationTests {
    private let reporter = InMemoryReporter()

    private func serve(
        _ configuration: ServerTracingConfiguration,
        _ request: Request = .stub(.get, "/hello/you"),
        _ addRoutes: (inout Router) -> Void = { $0.get("/hello/{name}") { _ in "Hello\n" } }
    ) async throws -> Headers {
        let exchange = Exchange.stub(request, over: transport)
        var routes = Router()
        addRoutes(&routes)
        let tracing = ServerTracing(JaegerTracer.stub(reporter), configuration: configuration)
        try await MiddlewareChain([tracing], handler: routes).run(exchange)
        return exchange.response.headers
    }

    private let transport = RecordingTransport()

    // MARK: Names and tags

    @Test func `the span has the name of the route before the handler runs`() async throws {
        _ = try await serve(.init()) { routes in
            routes.get("/hello/{name}") { _ in
                ServiceContext.current?.jaegerSpan?.operationName ?? "none"
            }
        }
        #expect(transport.text == "GET /hello/{name}")
    }

    @Test func `a closure names the span, with and without a route`() async throws {
        let configuration = ServerTracingConfiguration(
            spanName: { $0.route.map { "hello: " + $0 } ?? "lost" })
        _ = try await serve(configuration)
        _ = try await serve(configuration, .stub(.get, "/nowhere"))
        _ = try await serve(.init(spanName: { _ in nil }))
        #expect(
            reporter.spans.map(\.operationName) == [
                "hello: /hello/{name}", "lost", "GET /hello/{name}",
            ])
    }

    @Test func `the handler's name takes precedence over the closure's`() async throws {
        _ = try await serve(.init(spanName: { _ in "mine" })) { routes in
            routes.get("/hello/{name}") { _ in
                ServiceContext.current?.jaegerSpan?.operationName = "handler's"
                return "Hello\n"
            }
        }
        #expect(reporter.spans.map(\.operationName) == ["handler's"])
    }

    @Test func `closures add tags at the start and at the end`() async throws {
        let configuration = ServerTracingConfiguration(
            requestTags: { [SpanTag("tenant", .string($0.request.authority ?? ""))] },
            responseTags: {
                [SpanTag("bytes", .int(Int64($0.response.bodyBytesSent))), SpanTag("tenant", "b")]
            })
        _ = try await serve(configuration)
        let span = try #require(reporter.spans.first)
        #expect(span[tag: "bytes"] == 6)
        #expect(span.tags.filter { $0.key == "tenant" } == [SpanTag("tenant", "b")])
    }

    @Test func `a tag of a closure can raise the priority`() async throws {
        let tracing = ServerTracing(
            JaegerTracer.stub(reporter),
            configuration: .init(requestTags: { _ in [SpanTag("sampling.priority", 0)] }))
        try await SpoorTracingTests.serve(tracing)
        #expect(reporter.spans.isEmpty)
    }

    // MARK: Skipping

    @Test func `a skipped exchange has no span, and propagates the caller's trace`() async throws {
        let configuration = ServerTracingConfiguration(shouldTrace: { $0.request.path != "/health" }
        )
        let request = Request.stub(
            .get, "/health", headers: ["uber-trace-id": "a:b:0:1"].asHeaders)
        let addRoutes: (inout Router) -> Void = { routes in
            routes.get("/health") { _ in ServiceContext.current?.spanContext?.description ?? "none"
            }
        }
        _ = try await serve(configuration, request, addRoutes)
        #expect(SpanContext(transport.text)?.traceID == TraceID(low: 0xa))
        #expect(SpanContext(transport.text)?.spanID == SpanID(0xb))
        #expect(reporter.spans.isEmpty)
        _ = try await serve(configuration)
        #expect(reporter.spans.count == 1)
    }

    @Test func `a skipped exchange without a trace has none`() async throws {
        let configuration = ServerTracingConfiguration(shouldTrace: { _ in false })
        _ = try await ServiceContext.withValue(nil) {
            try await serve(configuration) { routes in
                routes.get("/hello/{name}") { _ in ServiceContext.current == nil ? "none" : "some" }
            }
        }
        #expect(transport.text == "none")
    }

    @Test func `exchanges are skipped with another tracer, too`() async throws {
        let tracer = InMemoryTracer()
        let tracing = ServerTracing(tracer, configuration: .init(shouldTrace: { _ in false }))
        try await SpoorTracingTests.serve(tracing)
        #expect(tracer.finishedSpans.isEmpty)
    }

    // MARK: The response header

    @Test func `traceresponse contains trace, span and flags`() async throws {
        let headers = try await serve(.init(traceResponseHeader: .traceResponse))
        let span = try #require(reporter.spans.first)
        let name = try #require(HTTPField.Name("traceresponse"))
        #expect(headers[name]?.hasPrefix("00-\(span.traceID)-\(span.spanID)-0") == true)
        #expect(headers[name]?.utf8.count == 55)
    }

    @Test func `traceresponse pads a 64-bit trace id`() async throws {
        let request = Request.stub(
            .get, "/hello/you", headers: ["uber-trace-id": "a:b:0:0"].asHeaders)
        let headers = try await serve(.init(traceResponseHeader: .traceResponse), request)
        let name = try #require(HTTPField.Name("traceresponse"))
        let text = try #require(headers[name])
        #expect(text.hasPrefix("00-0000000000000000000000000000000a-"))
        #expect(text.hasSuffix("-00"))
        #expect(text.utf8.count == 55)
        var random = SpanContext(traceID: TraceID(low: 1), spanID: SpanID(2), flags: .sampled)
        random.hasRandomTraceID = true
        let exchange = Exchange.stub(.stub(), over: transport)
        TraceResponseHeader.traceResponse.set(random, on: exchange)
        #expect(exchange.response.headers[name]?.hasSuffix("-0000000000000002-03") == true)
    }

    @Test func `the trace id alone is sent in a custom header, also on errors`() async throws {
        let name = try #require(HTTPField.Name("X-Trace-Id"))
        let headers = try await serve(
            .init(traceResponseHeader: .traceID(in: name)), .stub(.get, "/nowhere"))
        #expect(headers[name] == reporter.spans.first?.traceID.description)
        #expect(try await serve(.init())[name] == nil)
    }

    @Test func `a tracer that injects traceparent is used for it, any other is not`() async throws {
        let name = try #require(HTTPField.Name("traceresponse"))
        let exchange = Exchange.stub(.stub(), over: transport)
        let tracing = ServerTracing(
            InMemoryTracer(), configuration: .init(traceResponseHeader: .traceResponse))
        try await MiddlewareChain([tracing], handler: SyncHandler { _ in "x" }).run(exchange)
        #expect(exchange.response.headers[name] == nil)
    }

    // MARK: Phases

    private func events(_ span: FinishedSpan) -> [TagValue?] {
        span.logs.map { $0.fields.first?.value }
    }

    @Test func `phases are logged in their order`() async throws {
        let request = Request.stub(.post, "/echo", bodyLength: .bytes(5))
        let transport = RecordingTransport(requestBody: [[1, 2], [3, 4, 5]])
        let tracing = ServerTracing(
            JaegerTracer.stub(reporter), configuration: .init(recordsPhases: true))
        try await SpoorTracingTests.serve(tracing, request, over: transport) { routes in
            routes.stream(.post, "/echo") { exchange in
                while let piece = try await exchange.body.next() {
                    try await exchange.response.write(piece)
                }
                _ = try await exchange.body.next()
            }
        }
        let span = try #require(reporter.spans.first)
        #expect(
            events(span) == [
                "http.request.head_received", "http.response.first_byte", "http.request.body_read",
                "http.response.last_byte",
            ])
        #expect(span.logs[2].fields.last == SpanTag("bytes", 5))
        #expect(span.logs[3].fields.last == SpanTag("bytes", 5))
        let instants = span.logs.map(\.nanosecondsSinceEpoch)
        #expect(instants == instants.sorted())
    }

    @Test func `a request without a body has no phase for it, and phases are off by default`()
        async throws
    {
        _ = try await serve(.init(recordsPhases: true))
        _ = try await serve(.init())
        let spans = reporter.spans
        #expect(
            events(spans[0]) == [
                "http.request.head_received", "http.response.first_byte", "http.response.last_byte",
            ])
        #expect(events(spans[1]) == [])
    }

    @Test func `an aborted response has no last byte`() async throws {
        _ = try? await serve(.init(recordsPhases: true)) { routes in
            routes.stream(.get, "/hello/{name}") { exchange in
                try await exchange.response.write("begun")
                throw CancellationError()
            }
        }
        let span = try #require(reporter.spans.first)
        #expect(
            events(span) == ["http.request.head_received", "http.response.first_byte", "error"])
    }

    @Test func `another tracer's spans have the phases as events`() async throws {
        let tracer = InMemoryTracer()
        try await SpoorTracingTests.serve(
            ServerTracing(tracer, configuration: .init(recordsPhases: true)))
        let span = try #require(tracer.finishedSpans.first)
        #expect(
            span.events.map(\.name) == [
                "http.request.head_received", "http.response.first_byte", "http.response.last_byte",
            ])
    }
}

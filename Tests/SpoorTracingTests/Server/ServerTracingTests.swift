import HTTPTypes
import JaegerTracing
import SpoorHTTP
import SpoorMiddleware
import SpoorTesting
import SpoorTracing
import TestSupport
import Testing
import Tracing

@Suite(.finishes(within: .seconds(60))) struct ServerTracingTests {
    private let reporter = InMemoryReporter()

    private struct Failure: Error, CustomStringConvertible { let description = "it broke" }

    private func onlySpan() throws -> FinishedSpan {
        #expect(reporter.spans.count == 1)
        return try #require(reporter.spans.first)
    }

    @Test func `an exchange is a server span named after its route`() async throws {
        try await serve(ServerTracing(JaegerTracer.stub(reporter)))
        let span = try onlySpan()
        #expect(span.operationName == "GET /hello/{name}")
        #expect(span.parentID == nil)
        #expect(
            span.tags == [
                SpanTag("span.kind", "server"), SpanTag("sampler.type", "const"),
                SpanTag("sampler.param", true), SpanTag("component", "spoor"),
                SpanTag("http.method", "GET"), SpanTag("http.url", "http://localhost/hello/you"),
                SpanTag("peer.ipv4", "192.0.2.7"), SpanTag("peer.port", 4711),
                SpanTag("http.status_code", 200),
            ])
        #expect(span.logs.isEmpty)
    }

    @Test func `a received trace is joined`() async throws {
        let request = Request.stub(
            .get, "/hello/you",
            headers: ["Uber-Trace-Id": "a:b:0:1", "uberctx-user": "ann"].asHeaders
        )
        try await serve(ServerTracing(JaegerTracer.stub(reporter)), request) { routes in
            routes.get("/hello/{name}") { _ in
                ServiceContext.current?.jaegerSpan?.baggageItem("user") ?? "nobody"
            }
        }
        let span = try onlySpan()
        #expect(span.traceID == TraceID(low: 0xa))
        #expect(span.parentID == SpanID(0xb))
    }

    @Test(arguments: ["", "junk", "1:2:3", "0:1:0:1", "1:1:0:1:1"])
    func `malformed headers change nothing but the trace`(text: String) async throws {
        let request = Request.stub(
            .get, "/hello/you", headers: ["uber-trace-id": text].asHeaders)
        let transport = RecordingTransport()
        let status = try await serve(
            ServerTracing(JaegerTracer.stub(reporter)), request, over: transport)
        #expect(status == .ok)
        #expect(transport.text == "Hello\n")
        #expect(try onlySpan().parentID == nil)
    }

    @Test func `a debug id is a tag by which the trace is found`() async throws {
        let request = Request.stub(
            .get, "/hello/you", headers: ["jaeger-debug-id": "my-bug"].asHeaders)
        let tracer = JaegerTracer.stub(reporter, sampler: ConstSampler(false))
        try await serve(ServerTracing(tracer), request)
        let span = try onlySpan()
        #expect(span[tag: "jaeger-debug-id"] == "my-bug")
        #expect(span.flags == [.sampled, .debug])
    }

    @Test func `within the handler the span is current`() async throws {
        let tracer = JaegerTracer.stub(reporter)
        try await serve(ServerTracing(tracer)) { routes in
            routes.get("/hello/{name}") { _ in
                await tracer.withSpan("inner") { _ in
                    await Task.yield()
                }
                return "Hello\n"
            }
        }
        let spans = reporter.spans
        try #require(spans.map(\.operationName) == ["inner", "GET /hello/{name}"])
        #expect(spans[0].parentID == spans[1].spanID)
        #expect(spans[0].traceID == spans[1].traceID)
    }

    @Test func `the span covers the body while it streams`() async throws {
        let tracer = JaegerTracer.stub(reporter)
        let reporter = reporter
        try await serve(ServerTracing(tracer)) { routes in
            routes.stream(.get, "/hello/{name}") { exchange in
                for piece in 0..<3 {
                    try await tracer.withSpan("piece") { _ in
                        try await exchange.response.write("\(piece)")
                    }
                    #expect(reporter.spans.count == piece + 1)
                }
            }
        }
        let server = try #require(reporter.spans.last)
        #expect(reporter.spans.count == 4)
        #expect(reporter.spans.prefix(3).allSatisfy { $0.parentID == server.spanID })
    }

    @Test func `an unsampled exchange is not reported but propagates its context`() async throws {
        let tracer = JaegerTracer.stub(reporter, sampler: ConstSampler(false))
        let transport = RecordingTransport()
        try await serve(ServerTracing(tracer), over: transport) { routes in
            routes.get("/hello/{name}") { _ in
                ServiceContext.current?.spanContext?.description ?? "none"
            }
        }
        #expect(reporter.spans.isEmpty)
        #expect(SpanContext(transport.text)?.flags == [])
    }

    @Test func `a handler that requests sampling late gets a complete span`() async throws {
        let tracer = JaegerTracer.stub(reporter, sampler: ConstSampler(false))
        try await serve(ServerTracing(tracer)) { routes in
            routes.get("/hello/{name}") { _ in
                ServiceContext.current?.jaegerSpan?.setTag("sampling.priority", 1)
                return "Hello\n"
            }
        }
        let span = try onlySpan()
        #expect(span[tag: "http.method"] == "GET")
        #expect(span[tag: "http.status_code"] == 200)
    }

    @Test func `a name that the handler set is kept`() async throws {
        try await serve(ServerTracing(JaegerTracer.stub(reporter))) { routes in
            routes.get("/hello/{name}") { _ in
                ServiceContext.current?.jaegerSpan?.operationName = "greet"
                return "Hello\n"
            }
        }
        #expect(try onlySpan().operationName == "greet")
    }

    // MARK: Outcomes

    @Test func `without a route the name is the method, without the path`() async throws {
        let status = try await serve(
            ServerTracing(JaegerTracer.stub(reporter)), .stub(.get, "/nowhere"))
        let span = try onlySpan()
        #expect(status == .notFound)
        #expect(span.operationName == "GET")
        #expect(span[tag: "http.status_code"] == 404)
        #expect(span[tag: "error"] == nil)
        #expect(span.logs.isEmpty)
    }

    @Test func `an unknown method is recorded as unknown`() async throws {
        let method = try #require(HTTPRequest.Method("BREW"))
        try await serve(ServerTracing(JaegerTracer.stub(reporter)), .stub(method, "/hello/you"))
        let span = try onlySpan()
        #expect(span.operationName.hasPrefix("HTTP"))
        #expect(span[tag: "http.method"] == "BREW")
        #expect(span[tag: "http.status_code"] == 501)
    }

    @Test func `a status of 500 or above is an error`() async throws {
        try await serve(ServerTracing(JaegerTracer.stub(reporter))) { routes in
            routes.get("/hello/{name}") { _ in Response(status: .badGateway) }
        }
        let span = try onlySpan()
        #expect(span[tag: "http.status_code"] == 502)
        #expect(span[tag: "error"] == true)
        #expect(span.logs.isEmpty)
    }

    @Test func `an error thrown by a handler is answered, logged and recorded`() async throws {
        let status = try await serve(ServerTracing(JaegerTracer.stub(reporter))) { routes in
            routes.get("/hello/{name}") { _ -> String in throw Failure() }
        }
        let span = try onlySpan()
        #expect(status == .internalServerError)
        #expect(span.operationName == "GET /hello/{name}")
        #expect(span[tag: "http.status_code"] == 500)
        #expect(span[tag: "error"] == true)
        #expect(
            span.logs.map(\.fields) == [
                [
                    SpanTag("event", "error"), SpanTag("error.kind", "Failure"),
                    SpanTag("message", "it broke"),
                ]
            ])
    }

    @Test(arguments: [(403, nil), (503, true)] as [(Int, TagValue?)])
    func `a thrown status is an error only if it is 500 or above`(code: Int, error: TagValue?)
        async throws
    {
        try await serve(ServerTracing(JaegerTracer.stub(reporter))) { routes in
            routes.get("/hello/{name}") { _ -> String in
                throw HTTPError(HTTPResponse.Status(code: code))
            }
        }
        let span = try onlySpan()
        #expect(span[tag: "http.status_code"] == .int(Int64(code)))
        #expect(span[tag: "error"] == error)
        #expect(span.logs.isEmpty == (error == nil))
    }

    @Test func `an aborted response is an error with the status that was sent`() async throws {
        await #expect(throws: Failure.self) {
            try await serve(ServerTracing(JaegerTracer.stub(reporter))) { routes in
                routes.stream(.get, "/hello/{name}") { exchange in
                    try await exchange.response.write("begun")
                    throw Failure()
                }
            }
        }
        let span = try onlySpan()
        #expect(span[tag: "http.status_code"] == 200)
        #expect(span[tag: "error"] == true)
        #expect(span.logs.count == 1)
    }

    @Test func `a peer that disconnects ends the span with an error`() async throws {
        let transport = RecordingTransport()
        transport.fault = Failure()
        await #expect(throws: Failure.self) {
            try await serve(ServerTracing(JaegerTracer.stub(reporter)), over: transport)
        }
        #expect(try onlySpan()[tag: "error"] == true)
    }

    @Test func `a cancelled task ends the span`() async throws {
        let tracer = JaegerTracer.stub(reporter)
        let task = Task {
            try await serve(ServerTracing(tracer)) { routes in
                routes.get("/hello/{name}") { _ in
                    try await Gate().wait()
                    return "never\n"
                }
            }
        }
        task.cancel()
        _ = await task.result
        let span = try onlySpan()
        #expect(span[tag: "error"] == true)
        #expect(span.logs.first?.fields[1] == SpanTag("error.kind", "CancellationError"))
    }

    // MARK: The request

    @Test(arguments: [
        (false, "http://localhost/hello/you"), (true, "http://localhost/hello/you?secret=1"),
    ])
    func `the query is recorded only if configured`(recordsQuery: Bool, url: String) async throws {
        try await serve(
            ServerTracing(
                JaegerTracer.stub(reporter), configuration: .init(recordsQuery: recordsQuery)),
            .stub(.get, "/hello/you?secret=1"))
        #expect(try onlySpan()[tag: "http.url"] == .string(url))
    }

    @Test func `a URL is complete without a Host header, and has no path for the asterisk form`()
        async throws
    {
        try await serve(
            ServerTracing(JaegerTracer.stub(reporter)), Request.stub(.get, "/a", headers: Headers())
        )
        #expect(try onlySpan()[tag: "http.url"] == "http://127.0.0.1:80/a")
        let other = InMemoryReporter()
        try await serve(ServerTracing(JaegerTracer.stub(other)), Request.stub(.options, "*"))
        #expect(other.spans.map { $0[tag: "http.url"] } == ["http://localhost"])
    }

    @Test func `a secure connection is in the URL, user information is not`() async throws {
        let request = Request.stub(
            .get, "/hello/you", headers: ["host": "ann:secret@example.org:8443"].asHeaders)
        try await serve(ServerTracing(JaegerTracer.stub(reporter)), request, isSecure: true)
        #expect(try onlySpan()[tag: "http.url"] == "https://example.org:8443/hello/you")
    }

    @Test func `a long URL is truncated to the limit of tags`() async throws {
        let path = "/hello/" + String(repeating: "x", count: 20_000)
        try await serve(ServerTracing(JaegerTracer.stub(reporter)), .stub(.get, path))
        #expect(try onlySpan()[tag: "http.url"]?.text.utf8.count == 4_096)
    }

    @Test(
        arguments: [
            (
                .ipv6("2001:db8::1", port: 1),
                [SpanTag("peer.ipv6", "2001:db8::1"), SpanTag("peer.port", 1)]
            ),
            (.unix("/run/x.sock"), [SpanTag("peer.address", "unix:/run/x.sock")]),
            (.none, []),
        ] as [(ConnectionInfo.Endpoint, [SpanTag])])
    func `peers of every kind are recorded`(peer: ConnectionInfo.Endpoint, tags: [SpanTag])
        async throws
    {
        try await serve(ServerTracing(JaegerTracer.stub(reporter)), peer: peer)
        #expect(try onlySpan().tags.filter { $0.key.hasPrefix("peer.") } == tags)
    }
}

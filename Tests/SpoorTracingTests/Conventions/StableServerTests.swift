import HTTPTypes
import InMemoryTracing
import JaegerTracing
import SpoorHTTP
import SpoorMiddleware
import SpoorTracing
import TestSupport
import Testing
import Tracing

/// The table of OpenTelemetry's HTTP server spans (semantic conventions 1.44), row by row.
@Suite(.finishes(within: .seconds(60))) struct StableServerTests {
    private let reporter = InMemoryReporter()

    private struct Broken: Error {}

    private func span(
        _ request: Request = .stub(.get, "/hello/you?a=1&sig=x"),
        _ configuration: ServerTracingConfiguration = .init(conventions: .stable),
        peer: ConnectionInfo.Endpoint = .ipv4("192.0.2.7", port: 4711), isSecure: Bool = false,
        _ addRoutes: (inout Router) -> Void = { $0.get("/hello/{name}") { _ in "Hello\n" } }
    ) async throws -> FinishedSpan {
        _ = try? await serve(
            ServerTracing(JaegerTracer.stub(reporter), configuration: configuration), request,
            peer: peer, isSecure: isSecure, addRoutes)
        return try #require(reporter.spans.last)
    }

    @Test func `a request has the required attributes, and none of OpenTracing`() async throws {
        let span = try await span(
            .stub(
                .get, "/hello/you?a=1",
                headers: ["host": "a.example:8080", "user-agent": "curl/8"].asHeaders))
        #expect(span.operationName == "GET /hello/{name}")
        #expect(
            span.tags.filter { !$0.key.hasPrefix("sampler") } == [
                SpanTag("span.kind", "server"), SpanTag("http.request.method", "GET"),
                SpanTag("url.scheme", "http"), SpanTag("url.path", "/hello/you"),
                SpanTag("server.address", "a.example"), SpanTag("server.port", 8080),
                SpanTag("client.address", "192.0.2.7"),
                SpanTag("network.peer.address", "192.0.2.7"),
                SpanTag("network.peer.port", 4711), SpanTag("network.protocol.version", "1.1"),
                SpanTag("user_agent.original", "curl/8"), SpanTag("http.response.status_code", 200),
                SpanTag("http.route", "/hello/{name}"),
            ])
        #expect(span.logs.isEmpty)
    }

    @Test(
        arguments: [
            ("QUERY", "QUERY", nil), ("BREW", "_OTHER", "BREW"), ("get", "_OTHER", "get"),
            ("PATCH", "PATCH", nil),
        ] as [(String, TagValue, TagValue?)])
    func `http.request.method is a known one, and _OTHER is recorded with the original`(
        method: String, expected: TagValue, original: TagValue?
    ) async throws {
        let span = try await span(.stub(try #require(HTTPRequest.Method(method)), "/hello/you"))
        #expect(span[tag: "http.request.method"] == expected)
        #expect(span[tag: "http.request.method_original"] == original)
        #expect(span.operationName.hasPrefix(expected == "_OTHER" ? "HTTP" : method))
    }

    @Test(
        arguments: [
            (false, "", "http", 80), (true, "", "https", 443), (true, ":8443", "https", 8443),
            (false, ":0", "http", 0),
        ] as [(Bool, String, TagValue, TagValue)])
    func `url.scheme and server.port`(
        isSecure: Bool, port: String, scheme: TagValue, expected: TagValue
    ) async throws {
        let span = try await span(
            .stub(.get, "/", headers: ["host": "a.example" + port].asHeaders), isSecure: isSecure)
        #expect(span[tag: "url.scheme"] == scheme)
        #expect(span[tag: "server.port"] == expected)
        #expect(span[tag: "server.address"] == "a.example")
    }

    @Test func `url.query is recorded if configured, without signatures`() async throws {
        #expect(try await span()[tag: "url.query"] == nil)
        let full = ServerTracingConfiguration(conventions: .stable, recordsQuery: true)
        #expect(
            try await span(.stub(.get, "/a?a=1&sig=x"), full)[tag: "url.query"]
                == "a=1&sig=REDACTED")
        #expect(try await span(.stub(.get, "/a"), full)[tag: "url.query"] == nil)
    }

    @Test func `server.address is omitted if the request contains none`() async throws {
        let span = try await span(.stub(.get, "/", headers: Headers()))
        #expect(span[tag: "server.address"] == nil)
        #expect(span[tag: "server.port"] == nil)
        #expect(span[tag: "user_agent.original"] == nil)
    }

    @Test func `http.route is the template, or is omitted`() async throws {
        #expect(try await span(.stub(.get, "/nowhere"))[tag: "http.route"] == nil)
        #expect(try await span()[tag: "http.route"] == "/hello/{name}")
    }

    @Test(
        arguments: [
            (.ipv6("2001:db8::1", port: 1), "2001:db8::1", "2001:db8::1", 1),
            (.unix("/run/x"), nil, "/run/x", nil), (.unix(""), nil, nil, nil),
            (.none, nil, nil, nil),
        ] as [(ConnectionInfo.Endpoint, TagValue?, TagValue?, TagValue?)])
    func `peers of every kind are recorded`(
        peer: ConnectionInfo.Endpoint, client: TagValue?, address: TagValue?, port: TagValue?
    ) async throws {
        let span = try await span(peer: peer)
        #expect(span[tag: "client.address"] == client)
        #expect(span[tag: "network.peer.address"] == address)
        #expect(span[tag: "network.peer.port"] == port)
    }

    @Test func `network.protocol.version of an old client`() async throws {
        var request = Request.stub(.get, "/hello/you")
        request.version = .http10
        #expect(try await span(request)[tag: "network.protocol.version"] == "1.0")
    }

    @Test func `the client before a trusted proxy is recorded`() async throws {
        var configuration = ServerTracingConfiguration(conventions: .both)
        configuration.trustedProxies = [try PeerNetwork("192.0.2.0/24")]
        let request = Request.stub(
            .get, "/hello/you",
            headers: [
                "host": "inner",
                "forwarded": "for=203.0.113.5;host=\"shop.example:444\";proto=https",
            ]
            .asHeaders)
        let trusted = try await span(request, configuration)
        #expect(trusted[tag: "client.address"] == "203.0.113.5")
        #expect(trusted[tag: "http.client_ip"] == "203.0.113.5")
        #expect(trusted[tag: "network.peer.address"] == "192.0.2.7")
        #expect(trusted[tag: "server.address"] == "shop.example")
        #expect(trusted[tag: "server.port"] == 444)
        #expect(trusted[tag: "url.scheme"] == "https")
        let stranger = try await span(request, configuration, peer: .ipv4("198.51.100.1", port: 1))
        #expect(stranger[tag: "client.address"] == "198.51.100.1")
        #expect(stranger[tag: "http.client_ip"] == nil)
        #expect(stranger[tag: "server.address"] == "inner")
    }

    // MARK: Status and error.type

    @Test(
        arguments: [
            (200, nil, nil), (302, nil, nil), (404, nil, nil), (499, nil, nil), (500, true, "500"),
            (503, true, "503"), (599, true, "599"),
        ] as [(Int, TagValue?, TagValue?)])
    func `the status of the span depends on that of the response`(
        code: Int, error: TagValue?, kind: TagValue?
    ) async throws {
        let span = try await span { routes in
            routes.get("/hello/{name}") { _ in Response(status: .init(code: code)) }
        }
        #expect(span[tag: "http.response.status_code"] == .int(Int64(code)))
        #expect(span[tag: "error"] == error)
        #expect(span[tag: "error.type"] == kind)
        #expect(span[tag: "otel.status_code"] == (error == nil ? nil : "ERROR"))
        #expect(span[tag: "otel.status_description"] == nil)
    }

    @Test func `error.type is the type of the thrown error, or the status that it represents`()
        async throws
    {
        let thrown = try await span { routes in
            routes.get("/hello/{name}") { _ -> String in throw Broken() }
        }
        #expect(thrown[tag: "error.type"] == "Broken")
        #expect(thrown[tag: "http.response.status_code"] == 500)
        let status = try await span { routes in
            routes.get("/hello/{name}") { _ -> String in throw HTTPError(.badGateway) }
        }
        #expect(status[tag: "error.type"] == "502")
        let clientError = try await span { routes in
            routes.get("/hello/{name}") { _ -> String in throw HTTPError(.forbidden) }
        }
        #expect(clientError[tag: "error.type"] == nil)
        #expect(clientError[tag: "error"] == nil)
    }

    @Test func `an aborted response has its reason as description`() async throws {
        let span = try await span { routes in
            routes.stream(.get, "/hello/{name}") { exchange in
                try await exchange.response.write("begun")
                throw Broken()
            }
        }
        #expect(span[tag: "http.response.status_code"] == 200)
        #expect(span[tag: "error.type"] == "Broken")
        #expect(span[tag: "otel.status_description"] == "Broken()")
    }

    @Test func `sizes and headers are recorded only if configured`() async throws {
        let plain = try await span()
        #expect(!plain.tags.contains { $0.key.hasSuffix(".size") || $0.key.contains(".header.") })
        let configuration = ServerTracingConfiguration(
            conventions: .stable, capturedRequestHeaders: ["x-*"],
            capturedResponseHeaders: ["content-type", "x-out"],
            recordsBodySizes: true)
        let request = Request.stub(
            .post, "/hello/you", headers: ["x-in": "1", "host": "a"].asHeaders,
            bodyLength: .bytes(5)
        )
        try await serve(
            ServerTracing(JaegerTracer.stub(reporter), configuration: configuration), request,
            over: RecordingTransport(requestBody: [[1, 2], [3, 4, 5]])
        ) { routes in
            routes.post("/hello/{name}") { exchange in
                _ = try await exchange.body.collect(upTo: 10)
                return Response(headers: ["X-Out": "2"], text: "Hello")
            }
        }
        let span = try #require(reporter.spans.last)
        #expect(span[tag: "http.request.body.size"] == 5)
        #expect(span[tag: "http.response.body.size"] == 5)
        #expect(span[tag: "http.request.header.x-in"] == .array(["1"]))
        #expect(span[tag: "http.response.header.x-out"] == .array(["2"]))
        #expect(
            span[tag: "http.response.header.content-type"] == .array(["text/plain; charset=utf-8"]))
    }

    @Test func `both conventions can be recorded together`() async throws {
        let span = try await span(.stub(), .init(conventions: .both)) { routes in
            routes.get("/") { _ in Response(status: .badGateway) }
        }
        for key in [
            "component", "http.method", "http.url", "http.status_code", "peer.ipv4", "error",
        ] {
            #expect(span[tag: key] != nil)
        }
        for key in ["http.request.method", "url.path", "http.response.status_code", "error.type"] {
            #expect(span[tag: key] != nil)
        }
        #expect(Set(span.tags.map(\.key)).count == span.tags.count)
    }

    @Test func `a span of another tracer has an error status, not a tag`() async throws {
        let tracer = InMemoryTracer()
        try await serve(ServerTracing(tracer, configuration: .init(conventions: .stable))) {
            routes in
            routes.get("/hello/{name}") { _ in Response(status: .badGateway) }
        }
        let span = try #require(tracer.finishedSpans.first)
        #expect(span.status?.code == .error)
        #expect(span.attributes.get("error") == nil)
        #expect(span.attributes.get("error.type") == "502")
        #expect(span.attributes.get("http.request.method") == "GET")
        #expect(span.attributes.get("http.route") == "/hello/{name}")
    }
}

import HTTPTypes
import JaegerTracing
import SpoorClient
import SpoorHTTP
import SpoorMiddleware
import SpoorTracing
import TestSupport
import Testing
import Tracing

/// The table of OpenTelemetry's HTTP client spans (semantic conventions 1.44), row by row.
@Suite(.finishes(within: .seconds(60))) struct StableClientTests {
    private let reporter = InMemoryReporter()

    private struct Broken: Error {}

    private func span(
        _ request: HTTPClientRequest = HTTPClientRequest(
            .get, "http://shop.example:8080/items?id=7"),
        _ configuration: ClientTracingConfiguration = .init(conventions: .stable),
        respond: @escaping (ClientExchange) async throws -> Void = { $0.status = .ok }
    ) async throws -> FinishedSpan {
        let middleware = ClientTracing(JaegerTracer.stub(reporter), configuration: configuration)
        let exchange = ClientExchange(request: request)
        try? await ClientNext([middleware], send: respond)(exchange)
        return try #require(reporter.spans.last)
    }

    @Test func `a request has the required attributes, and none of OpenTracing`() async throws {
        let span = try await span { exchange in
            exchange.status = .ok
            exchange.responseVersion = .http11
            exchange.peer = .ipv4("192.0.2.9", port: 8080)
        }
        #expect(span.operationName == "GET")
        #expect(
            span.tags.filter { !$0.key.hasPrefix("sampler") } == [
                SpanTag("span.kind", "client"), SpanTag("http.request.method", "GET"),
                SpanTag("url.full", "http://shop.example:8080/items"),
                SpanTag("server.address", "shop.example"), SpanTag("server.port", 8080),
                SpanTag("network.peer.address", "192.0.2.9"), SpanTag("network.peer.port", 8080),
                SpanTag("http.response.status_code", 200),
                SpanTag("network.protocol.version", "1.1"),
            ])
    }

    @Test(
        arguments: [
            ("http://a/", "a", 80), ("https://a", "a", 443), ("https://[::1]:8443/x", "::1", 8443),
            ("HTTP://a", "a", 80),
        ] as [(String, TagValue, TagValue)])
    func `server.address and server.port are those of the URL`(
        url: String, address: TagValue, port: TagValue
    ) async throws {
        let span = try await span(HTTPClientRequest(.get, url))
        #expect(span[tag: "server.address"] == address)
        #expect(span[tag: "server.port"] == port)
    }

    @Test func `url.full has no credentials and no signature`() async throws {
        let url = "http://ann:pw@a/b?x=1&X-Amz-Signature=abc#top"
        let request = HTTPClientRequest(.get, url)
        #expect(try await span(request)[tag: "url.full"] == "http://REDACTED:REDACTED@a/b")
        let full = ClientTracingConfiguration(conventions: .stable, recordsQuery: true)
        #expect(
            try await span(request, full)[tag: "url.full"]
                == "http://REDACTED:REDACTED@a/b?x=1&X-Amz-Signature=REDACTED")
    }

    @Test func `an unknown method is _OTHER, and the span name is HTTP`() async throws {
        let method = try #require(HTTPRequest.Method("BREW"))
        let span = try await span(HTTPClientRequest(method, "http://a/"))
        #expect(span.operationName == "HTTP")
        #expect(span[tag: "http.request.method"] == "_OTHER")
        #expect(span[tag: "http.request.method_original"] == "BREW")
    }

    @Test(
        arguments: [
            (200, nil, nil), (304, nil, nil), (400, true, "400"), (404, true, "404"),
            (500, true, "500"),
        ] as [(Int, TagValue?, TagValue?)])
    func `a status of 400 or above is an error`(code: Int, error: TagValue?, kind: TagValue?)
        async throws
    {
        let span = try await span { $0.status = .init(code: code) }
        #expect(span[tag: "error"] == error)
        #expect(span[tag: "error.type"] == kind)
        #expect(span[tag: "otel.status_description"] == nil)
    }

    @Test(
        arguments: [
            (ClientError.timedOut(.responseHead, .requestTimeout(.seconds(1))), "timeout"),
            (.tooManyPendingRequests(.maxPendingRequests(1)), "too_many_pending_requests"),
            (.connectionClosed(.responseHead), "connection_broken"), (.shutDown, "shut_down"),
            (.resolve(host: "a", reason: "b"), "name_resolution"), (.noResponse, "no_response"),
            (.urlInvalid("a"), "request_invalid"), (.protocolFault("a"), "response_invalid"),
            (.bodyTooLarge(.maxCollectedBodyBytes(1)), "body_too_large"),
        ] as [(ClientError, TagValue)])
    func `error.type is the kind of the failure`(error: ClientError, kind: TagValue) async throws {
        let span = try await span { _ in throw error }
        #expect(span[tag: "error.type"] == kind)
        #expect(span[tag: "error"] == true)
        #expect(span[tag: "otel.status_description"] == .string("\(error)"))
        #expect(span[tag: "http.response.status_code"] == nil)
    }

    @Test func `error.type is the type of any other error`() async throws {
        #expect(try await span { _ in throw Broken() }[tag: "error.type"] == "Broken")
    }

    @Test(arguments: [true, false])
    func `a request that its caller cancels is not an error`(isClients: Bool) async throws {
        let span = try await span { _ in
            guard isClients else { throw CancellationError() }
            throw ClientError.cancelled
        }
        #expect(span[tag: "error"] == nil)
        #expect(span[tag: "error.type"] == nil)
        #expect(span.logs.map(\.fields) == [[SpanTag("event", "cancelled")]])
    }

    @Test func `a timeout is logged with its phase`() async throws {
        let span = try await span { _ in
            throw ClientError.timedOut(.connect, .connectTimeout(.seconds(1)))
        }
        #expect(
            span.logs.map { $0.fields.prefix(2) }.contains([
                SpanTag("event", "http.timeout"), SpanTag("phase", "connect"),
            ]))
    }

    @Test func `retries are counted from one`() async throws {
        #expect(try await span()[tag: "http.request.resend_count"] == nil)
        let span = try await span {
            $0.resendCount = 1
            $0.status = .ok
        }
        #expect(span[tag: "http.request.resend_count"] == 1)
    }

    @Test func `sizes and headers are recorded only if configured`() async throws {
        var request = HTTPClientRequest(.post, "http://a/", body: .text("12345"))
        request.headers[HTTPField.Name("X-In") ?? .via] = "1"
        let configuration = ClientTracingConfiguration(
            conventions: .stable, capturedRequestHeaders: ["*"], capturedResponseHeaders: ["x-out"],
            recordsBodySizes: true)
        let span = try await span(request, configuration) { exchange in
            exchange.status = .ok
            exchange.responseHeaders[HTTPField.Name("X-Out") ?? .via] = "2"
            exchange.bodyBytesReceived = 7
        }
        #expect(span[tag: "http.request.body.size"] == 5)
        #expect(span[tag: "http.response.body.size"] == 7)
        #expect(
            span.tags.filter { $0.key.contains(".header.") } == [
                SpanTag("http.request.header.x-in", .array(["1"])),
                SpanTag("http.response.header.x-out", .array(["2"])),
            ])
    }
}

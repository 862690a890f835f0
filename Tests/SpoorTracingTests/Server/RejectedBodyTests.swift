import HTTPTypes
import JaegerTracing
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import SpoorTracing
import TestSupport
import Testing

/// The trace id in responses to requests whose body is rejected while a handler reads it.
@Suite(.finishes(within: .seconds(60))) struct RejectedBodyTests {
    private static let requests = [
        // Longer than the handler collects.
        "Content-Length: 6\r\n\r\nabcdef",
        "Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n",
        // Longer than BodyLimit allows.
        "Content-Length: 200\r\n\r\n",
        // Malformed.
        "Transfer-Encoding: chunked\r\n\r\nx\r\n",
        // Too slow.
        "Content-Length: 4\r\n\r\nab",
    ]

    private static func response(
        to request: String, reporter: InMemoryReporter, rejectionHandler: RejectionHandler? = nil
    ) async throws -> String {
        var limits = ServerLimits()
        limits.bodyTimeout = .milliseconds(100)
        return try await withTestClient(
            middleware: [
                ServerTracing(JaegerTracer.stub(reporter)), BodyLimit(maxBytes: 100),
            ],
            handler: AsyncHandler { try await $0.body.collect(upTo: 5) }, limits: limits,
            rejectionHandler: rejectionHandler
        ) { client in
            try await client.roundTrip(["POST /a HTTP/1.1\r\nHost: a\r\n" + request])
        }
    }

    @Test(arguments: requests)
    func `the response to a rejected body contains the trace id`(request: String) async throws {
        let reporter = InMemoryReporter()
        let received = try await Self.response(to: request, reporter: reporter)
        #expect(received.hasPrefix("HTTP/1.1 4"))
        let span = try #require(reporter.spans.first)
        #expect(received.contains(#""traceId":"\#(span.traceID)""#))
    }

    @Test(arguments: requests)
    func `the rejection handler receives the trace id`(request: String) async throws {
        let reporter = InMemoryReporter()
        let response = try await Self.response(to: request, reporter: reporter) { rejected in
            Response(status: rejected.status, text: "trace \(rejected.traceID ?? "-")")
        }
        let span = try #require(reporter.spans.first)
        #expect(response.hasSuffix("trace \(span.traceID)"))
    }

    @Test func `a request that is rejected before the chain runs has no trace id`() async throws {
        let response = try await withTestClient(
            middleware: [ServerTracing(JaegerTracer.stub(InMemoryReporter()))],
            handler: SyncHandler { _ in "x" },
            rejectionHandler: { Response(status: $0.status, text: "trace \($0.traceID ?? "-")") }
        ) { client in
            try await client.roundTrip(["GET /a HTTP/1.1\r\n\r\n"])
        }
        #expect(response.hasSuffix("trace -"))
    }
}

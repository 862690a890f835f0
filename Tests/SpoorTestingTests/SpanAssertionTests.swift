import JaegerTracing
import SpoorTesting
import SpoorTracing
import TestSupport
import Testing

/// The example of asserting spans in the README.
@Suite(.finishes(within: .seconds(60))) struct SpanAssertionTests {
    @Test(arguments: TestMode.allCases)
    func `all spans of a test are recorded when its server has shut down`(over mode: TestMode)
        async throws
    {
        let reporter = InMemoryReporter()
        let tracer = JaegerTracer(serviceName: "greeter", reporter: reporter)
        try await withTestClient(
            over: mode, middleware: [ServerTracing(tracer)], handler: TestedService.routes(),
            clientMiddleware: [ClientTracing(tracer)]
        ) { client in
            _ = try await client.get("/hello/you")
        }
        #expect(
            reporter.spans.mismatch(with: [
                ExpectedSpan(
                    "GET", tags: ["span.kind": "client", "http.status_code": 200],
                    children: [
                        ExpectedSpan(
                            "GET /hello/{name}",
                            tags: ["span.kind": "server", "http.status_code": 200],
                            absentTags: ["error"])
                    ])
            ]) == nil)
        #expect(Set(reporter.spans.map(\.traceID)).count == 1)
    }
}

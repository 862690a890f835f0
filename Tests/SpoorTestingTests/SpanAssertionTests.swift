import JaegerTracing
import SpoorTesting
import SpoorTracing
import TestSupport
import Testing

/// What the README tells of asserting spans.
@Suite(.finishes(within: .seconds(60))) struct SpanAssertionTests {
    @Test(arguments: TestMode.allCases)
    func `the spans of a test are all there when its server has drained`(over mode: TestMode)
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
        let names = reporter.spans.map(\.operationName)
        #expect(Set(names) == ["GET", "GET /hello/{name}"])
        #expect(Set(reporter.spans.map(\.traceID)).count == 1)
    }
}

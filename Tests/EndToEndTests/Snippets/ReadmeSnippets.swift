import Logging
import ServiceLifecycle
import Spoor
import SpoorTesting
import TestSupport
import Testing
import Tracing
import UnixSignals

/// Copies of the snippets of README.md, which tests run; its quick start is the example Greeter.
///
/// `SnippetCopyTests` compares the copies with the page, without line breaks and comments at the ends of lines.
@Suite(.finishes(within: .seconds(60))) struct ReadmeSnippets {
    private let routes: Router = {
        var routes = Router()
        routes.get("/hello/{name}") { "Hello, \($0.parameters["name"] ?? "you")!\n" }
        return routes
    }()

    /// The usual chain, the outermost middleware first.
    func chain(_ tracer: JaegerTracer) -> [any Middleware] {
        [
            ServerTracing(tracer),  // outermost: its span covers everything
            AccessLog(),
            RequestMetrics(),
            ErrorMiddleware(),
            RequestTimeout(.seconds(30)),
            BodyLimit(maxBytes: 1 << 20),
        ]
    }

    /// Runs the tracer without a server; bootstraps the logging and tracing systems of the process.
    static func runTracer() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError, metadataProvider: .jaeger)
        let reporter = HTTPReporter.otlp(endpoint: "http://tempo:4318/v1/traces")
        let tracer = JaegerTracer(
            serviceName: "orders", reporter: reporter, sampler: ProbabilisticSampler(rate: 0.01))
        InstrumentationSystem.bootstrap(tracer)

        let group = ServiceGroup(
            services: [reporter],
            gracefulShutdownSignals: [.sigint, .sigterm], logger: Logger(label: "orders"))
        try await group.run()
    }

    /// Creates a tracer from the environment; bootstraps the tracing system of the process.
    static func bootstrapFromEnvironment() throws -> TracingService {
        let tracing = try TracingService(serviceName: "orders")
        InstrumentationSystem.bootstrap(tracing.tracer)
        return tracing
    }

    @Test(arguments: TestMode.allCases)
    func greets(over mode: TestMode) async throws {
        try await withTestClient(over: mode, middleware: [AccessLog()], handler: routes) { client in
            let response = try await client.get("/hello/you", headers: [.accept: "text/plain"])
            #expect(response.status == .ok)
            #expect(response.text == "Hello, you!\n")
            #expect(response["Content-Length"] == "12")
        }
    }
}

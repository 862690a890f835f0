import Logging
import ServiceLifecycle
import Spoor

/// Copies of the snippets of Documentation/Operation.md, Configuration.md and Reporting.md, which tests run.
///
/// `SnippetCopyTests` compares the copies with the pages, without line breaks and comments at the ends of lines.
struct OperationSnippets: Sendable {
    /// The servers that the snippets have created.
    let servers: AsyncStream<HTTPServer>
    private let created: AsyncStream<HTTPServer>.Continuation

    init() {
        (servers, created) = AsyncStream.makeStream()
    }

    /// Stands for the initializer in the copied snippets: listens on an ephemeral port, and passes the server to the test.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    private func HTTPServer(
        listening _: BindAddress, middleware: [any Middleware] = [], handler: Router,
        rejectionHandler: RejectionHandler? = nil
    ) -> Spoor.HTTPServer {
        let server = Spoor.HTTPServer(
            listening: .loopback(port: 0), middleware: middleware, handler: handler, loopCount: 1,
            rejectionHandler: rejectionHandler)
        created.yield(server)
        return server
    }

    func addTicker(to routes: inout Router, prices: AsyncStream<Double>) {
        routes.stream(.get, "/ticker") { exchange in
            for await price in prices.cancelOnGracefulShutdown() {
                try await exchange.response.write("\(price)\n")
                try await exchange.response.flush()
            }
        }
    }

    func rejectionsInJSON(_ routes: Router) -> Spoor.HTTPServer {
        let server = HTTPServer(listening: .loopback(port: 8080), handler: routes) { rejected in
            Response(
                status: rejected.status,
                text: "{\"error\":\"\(rejected.cause)\",\"id\":\"\(rejected.id)\"}\n",
                contentType: "application/json")
        }
        return server
    }

    func runConfigured(_ routes: Router) async throws {
        let tracing = try TracingService(serviceName: "orders") { configuration in
            configuration.debugThrottler = TokenBucketDebugThrottler()
        }
        let server = HTTPServer(
            listening: .loopback(port: 8080), middleware: [ServerTracing(tracing.tracer)],
            handler: routes)
        try await server.runService(with: [tracing])
    }

    func runExporting(_ server: Spoor.HTTPServer) async throws {
        let jaeger = HTTPReporter(endpoint: "http://jaeger:14268/api/traces")
        let tempo = HTTPReporter.otlp(endpoint: "http://tempo:4318/v1/traces")
        try await server.runService(with: [tempo])
        await jaeger.shutdown()
    }

    func secureEndpoint(
        token: String, freshToken: @escaping @Sendable () async throws -> String
    ) -> (CollectorEndpoint, HTTPReporter) {
        var endpoint = CollectorEndpoint.otlp("https://collector.example/v1/traces")
        endpoint.authorization = .bearer(token)
        endpoint.headerProvider = { [.authorization: "Bearer \(try await freshToken())"] }
        endpoint.compression = .gzip
        endpoint.tls.trustRoots = .file("/etc/ssl/our-roots.pem")
        let reporter = HTTPReporter(endpoint)
        return (endpoint, reporter)
    }
}

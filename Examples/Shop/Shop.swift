import ArgumentParser
import Logging
import Spoor

/// A shop of three services that call each other over HTTP, and one trace through all of them.
///
/// Usually each service is a separate process; here they share one, so that a single command starts them. They communicate
/// only by HTTP.
@main
struct Shop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A shop of three traced services; the front serves GET /items/{id}.",
        discussion: """
            Spans go to a collector on this machine, unless the environment configures another: JAEGER_… and OTEL_…, see \
            Documentation/Configuration.md.
            """)

    @Option(help: "The port of the shop's front, at 127.0.0.1.")
    var port: UInt16 = 8080

    func run() async throws {
        let tracing = try ["shop-stock", "shop-catalog", "shop-front"].map { name in
            try TracingService(serviceName: name)
        }
        let stock = service(tracing[0], port: 0) { _, _ in Stock().routes }
        let catalog = service(tracing[1], port: 0) { client, tracer in
            Catalog(stock: stock, client: client, tracer: tracer).routes
        }
        let front = service(tracing[2], port: port) { client, _ in
            Front(catalog: catalog, stock: stock, client: client).routes
        }
        // The last spans of all services are exported at the same time, after the servers have stopped.
        try await front.runService(with: [ConcurrentServices(tracing), stock, catalog])
    }

    /// Returns a server whose requests and outgoing calls are traced.
    private func service(
        _ tracing: TracingService, port: UInt16, routes: (HTTPClient, JaegerTracer) -> Router
    ) -> HTTPServer {
        let tracer = tracing.tracer
        let client = HTTPClient(middleware: [ClientTracing(tracer)])
        return HTTPServer(
            listening: .loopback(port: port),
            middleware: [ServerTracing(tracer), ErrorMiddleware()],
            handler: routes(client, tracer), loopCount: 1,
            logger: Logger(label: tracer.process.serviceName))
    }
}

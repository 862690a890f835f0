import ArgumentParser
import FoundationEssentials
import Logging
import Spoor

/// A shop of three services that call each other over HTTP, and one trace of it all.
///
/// In real life each service is a process of its own; here they share one, and one reporter, so that a single command
/// starts them. What travels between them is only what HTTP carries.
@main
struct Shop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A shop of three traced services; the front answers GET /items/{id}.",
        discussion: "Spans go to JAEGER_ENDPOINT, or to a collector on this machine.")

    @Option(help: "The port of the shop's front, at 127.0.0.1.")
    var port: UInt16 = 8080

    func run() async throws {
        let reporter = HTTPReporter(
            endpoint: ProcessInfo.processInfo.environment["JAEGER_ENDPOINT"]
                ?? HTTPReporter.localEndpoint)

        let stock = service("shop-stock", port: 0, reporter) { _, _ in Stock().routes }
        let catalog = service("shop-catalog", port: 0, reporter) { client, tracer in
            Catalog(stock: stock, client: client, tracer: tracer).routes
        }
        let front = service("shop-front", port: port, reporter) { client, _ in
            Front(catalog: catalog, stock: stock, client: client).routes
        }
        try await front.runUntilSignal(with: [reporter, stock, catalog])
    }

    /// A server with a name of its own, whose requests are traced, and whose calls carry the trace on.
    private func service(
        _ name: String, port: UInt16, _ reporter: HTTPReporter,
        routes: (HTTPClient, JaegerTracer) -> Router
    ) -> HTTPServer {
        let tracer = JaegerTracer(serviceName: name, reporter: reporter)
        let client = HTTPClient(middleware: [ClientTracing(tracer)])
        return HTTPServer(
            listening: .loopback(port: port),
            middleware: [ServerTracing(tracer), ErrorResponses()],
            handler: routes(client, tracer), loopCount: 1, logger: Logger(label: name))
    }
}

import ArgumentParser
import Hummingbird
import JaegerReporter
import JaegerTracing
import Logging
import Tracing

/// A service with Hummingbird, whose tracing middleware creates spans with Spoor's tracer.
///
/// It does not use Spoor's server; the tracer is a backend of swift-distributed-tracing.
@main
struct HummingbirdService: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Greets over HTTP; Hummingbird serves, Spoor traces.")

    @Option(help: "The port to listen on, at 127.0.0.1.")
    var port = 8080

    @Option(help: "The collector that takes the spans.")
    var collector = HTTPReporter.localEndpoint

    func run() async throws {
        let reporter = HTTPReporter(endpoint: collector)
        InstrumentationSystem.bootstrap(
            JaegerTracer(serviceName: "hummingbird-service", reporter: reporter))

        let router = Router()
        router.add(middleware: TracingMiddleware())
        router.get("/hello/{name}") { _, context in
            let name = try context.parameters.require("name")
            return withSpan("choose the words") { span in
                span.attributes["name.length"] = name.count
                return "Hello, \(name)!\n"
            }
        }
        router.get("/fail") { _, _ -> String in throw Fault.onPurpose }

        // Services stop in reverse order: first the server, then the reporter, which exports the last spans.
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            services: [reporter],
            logger: Logger(label: "hummingbird-service"))
        try await application.runService()
    }
}

/// An error to be shown in a trace.
enum Fault: Error {
    case onPurpose
}

import ArgumentParser
import Hummingbird
import JaegerReporter
import JaegerTracing
import Logging
import Tracing

/// A service on Hummingbird: its tracing middleware makes the spans, with Spoor's tracer behind it.
///
/// Nothing of Spoor's server is here; the tracer is one of swift-distributed-tracing like any other.
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

        // Services stop in the opposite order: first the server, then the reporter, which sends what is left.
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            services: [reporter],
            logger: Logger(label: "hummingbird-service"))
        try await application.runService()
    }
}

/// What went wrong: nothing, but a trace should show it.
enum Fault: Error {
    case onPurpose
}

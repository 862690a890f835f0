import ArgumentParser
import Hummingbird
import Logging
import NIOPosix
import Tracing

/// Hummingbird with the responses of `HelloServer`, on one event loop.
///
/// With `--traced` each request passes its tracing middleware with a no-op tracer: this measures the middleware alone, without
/// recording and export of spans.
@main
struct HummingbirdHello: AsyncParsableCommand {
    @Option(help: "The port to listen on, on the loopback interface.")
    var port = 8080

    @Flag(help: "Put the tracing middleware, with a no-op tracer, before the routes.")
    var traced = false

    func run() async throws {
        let router = Router()
        if traced {
            InstrumentationSystem.bootstrap(NoOpTracer())
            router.add(middleware: TracingMiddleware())
        }
        router.get("/") { _, _ in "Hello, world!" }
        router.get("/hello/{name}") { _, context in
            "Hello, \(try context.parameters.require("name"))!"
        }

        var logger = Logger(label: "HummingbirdHello")
        logger.logLevel = .error
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)),
            logger: logger)
        try await application.runService()
    }
}

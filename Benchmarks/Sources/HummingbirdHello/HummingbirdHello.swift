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

    @Flag(help: "Add the thousand routes of SpoorRoutes.")
    var routes = false

    /// The orders of SpoorEcho.
    struct Order: ResponseCodable {
        let id: Int
        let customer: String
        let price: Double
        let isPaid: Bool
        let tags: [String]
        let note: String?
    }

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
        router.post("/echo") { request, context in
            try await request.decode(as: [Order].self, context: context)
        }
        if routes { addRoutes(to: router) }

        var logger = Logger(label: "HummingbirdHello")
        logger.logLevel = .error
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)),
            logger: logger)
        try await application.runService()
    }

    /// The routes of SpoorRoutes: ten for each of a hundred resources.
    private func addRoutes(to router: Router<BasicRequestContext>) {
        for number in 0..<100 {
            let resource = router.group("api/resource\(number)")
            resource.get { _, _ in "Hello, world!" }
            resource.post { _, _ in "Hello, world!" }
            resource.get("search") { _, _ in "Hello, world!" }
            resource.get("{id}") { _, _ in "Hello, world!" }
            resource.put("{id}") { _, _ in "Hello, world!" }
            resource.delete("{id}") { _, _ in "Hello, world!" }
            resource.get("{id}/history") { _, _ in "Hello, world!" }
            resource.get("{id}/items") { _, _ in "Hello, world!" }
            resource.post("{id}/items") { _, _ in "Hello, world!" }
            resource.get("{id}/items/{item}") { _, _ in "Hello, world!" }
        }
    }
}

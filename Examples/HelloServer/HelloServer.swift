import ArgumentParser
import ServiceLifecycle
import Spoor

/// The smallest service: `GET /` and `GET /hello/{name}`, with a trace of every request if wanted.
@main
struct HelloServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says hello over HTTP, and leaves a trail if told where to.")

    @Option(help: "The port to listen on, at 127.0.0.1.")
    var port: UInt16 = 8080

    @Flag(
        help:
            "Listen at the sockets that the service manager has passed on (LISTEN_FDS), not at the port."
    )
    var inherited = false

    @Option(help: "How many event loops to run; one a core if not given.")
    var loops: Int?

    @Option(help: "Trace every request to this collector: http://127.0.0.1:14268/api/traces.")
    var trace: String?

    func run() async throws {
        var routes = Router()
        routes.get("/") { _ in Response(text: "Hello, world!", contentType: "text/plain") }
        routes.get("/hello/{name}") { exchange in
            "Hello, \(exchange.parameters["name"] ?? "you")!\n"
        }

        var middleware: [any Middleware] = []
        var services: [any Service] = []
        if let trace {
            let reporter = HTTPReporter(endpoint: trace)
            let tracer = JaegerTracer(serviceName: "hello", reporter: reporter)
            middleware.append(ServerTracing(tracer))
            services.append(reporter)
        }
        let server = HTTPServer(
            listening: inherited ? .inherited() : .loopback(port: port), middleware: middleware,
            handler: routes,
            loopCount: loops)
        try await server.runUntilSignal(with: services)
    }
}

import ArgumentParser
import ServiceLifecycle
import Spoor

/// The smallest service: `GET /` and `GET /hello/{name}`, optionally with a trace of each request.
@main
struct HelloServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answers hello over HTTP; with --trace, reports its spans to a collector.")

    @Option(help: "The port to listen on, at 127.0.0.1.")
    var port: UInt16 = 8080

    @Flag(
        help:
            "Listen at the sockets that the service manager has passed on (LISTEN_FDS), not at the port."
    )
    var inherited = false

    @Option(help: "How many event loops to run; one a core if not given.")
    var loops: Int?

    @Option(help: "A certificate chain in a PEM file: speak TLS. With --tls-key.")
    var tlsCert: String?

    @Option(help: "The private key of the certificate, in a PEM file.")
    var tlsKey: String?

    @Option(help: "Trace every request to this collector: http://127.0.0.1:14268/api/traces.")
    var trace: String?

    func validate() throws {
        guard (tlsCert == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-cert and --tls-key go together.")
        }
    }

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
        var address = BindAddress.loopback(port: port)
        if let tlsCert, let tlsKey {
            address = address.tls(
                TLSServerConfiguration(certificateChainFile: tlsCert, privateKeyFile: tlsKey))
        }
        let server = HTTPServer(
            listening: inherited ? .systemdSocket() : address, middleware: middleware,
            handler: routes,
            loopCount: loops)
        try await server.runService(with: services)
    }
}

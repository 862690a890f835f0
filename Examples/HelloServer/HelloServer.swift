import ArgumentParser
import Logging
import Spoor

/// The smallest service: `GET /` and `GET /hello/{name}`, with a trace of every request if wanted.
@main
struct HelloServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says hello over HTTP, and leaves a trail if told where to.")

    @Option(help: "The port to listen on, at 127.0.0.1.")
    var port: UInt16 = 8080

    @Option(help: "How many event loops to run; one a core if not given.")
    var loops: Int?

    func run() async throws {
        var routes = Router()
        routes.get("/") { _ in Response(text: "Hello, world!", contentType: "text/plain") }
        routes.get("/hello/{name}") { exchange in
            Response(text: "Hello, \(exchange.parameters["name"] ?? "you")!\n")
        }
        let server = HTTPServer(
            listening: .loopback(port: port), handler: routes, loopCount: loops)
        try await server.runUntilSignal()
    }
}

import ArgumentParser
import Spoor
import SpoorJSON

/// A service that decodes the orders of a JSON body and sends them back, on one event loop.
@main
struct SpoorEcho: AsyncParsableCommand {
    @Option(help: "The port to listen on, on the loopback interface.")
    var port: UInt16 = 8080

    /// A value as services have them: texts, numbers, a list, and an optional.
    struct Order: Codable, Sendable {
        let id: Int
        let customer: String
        let price: Double
        let isPaid: Bool
        let tags: [String]
        let note: String?
    }

    func run() async throws {
        var routes = Router()
        routes.get("/") { _ in Response(text: "Hello, world!", contentType: "text/plain") }
        routes.post("/echo") { exchange in
            try await Response.json(exchange.json([Order].self))
        }
        let server = HTTPServer(
            listening: .loopback(port: port), handler: routes, loopCount: 1)
        try await server.runService()
    }
}

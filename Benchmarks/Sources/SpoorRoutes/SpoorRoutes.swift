import ArgumentParser
import Spoor

/// A service of a thousand routes, each of which has the response of `HelloServer`, on one event loop.
@main
struct SpoorRoutes: AsyncParsableCommand {
    @Option(help: "The port to listen on, on the loopback interface.")
    var port: UInt16 = 8080

    func run() async throws {
        var routes = Router()
        routes.get("/", hello)
        for number in 0..<100 {
            routes.group("/api/resource\(number)") { resource in
                resource.get("", hello)
                resource.post("", hello)
                resource.get("/search", hello)
                resource.get("/{id}", hello)
                resource.put("/{id}", hello)
                resource.delete("/{id}", hello)
                resource.get("/{id}/history", hello)
                resource.get("/{id}/items", hello)
                resource.post("/{id}/items", hello)
                resource.get("/{id}/items/{item}", hello)
            }
        }
        let server = HTTPServer(
            listening: .loopback(port: port), handler: routes, loopCount: 1)
        try await server.runService()
    }

    private var hello: @Sendable (Exchange) throws -> Response {
        { _ in Response(text: "Hello, world!", contentType: "text/plain") }
    }
}

import ArgumentParser
import Foundation
import FlyingFox

/// FlyingFox with the responses of `HelloServer`; its socket pool has one event loop.
@main
struct FlyingFoxHello: AsyncParsableCommand {
    @Option(help: "The port to listen on, on the loopback interface.")
    var port: UInt16 = 8080

    func run() async throws {
        let server = HTTPServer(
            address: try .inet(ip4: "127.0.0.1", port: port), logger: .disabled)
        await server.appendRoute("GET /") { _ in text("Hello, world!") }
        await server.appendRoute("GET /hello/:name") { request in
            text("Hello, \(request.routeParameters["name"] ?? "")!")
        }
        try await server.run()
    }
}

private func text(_ body: String) -> HTTPResponse {
    HTTPResponse(
        statusCode: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
        body: Data(body.utf8))
}

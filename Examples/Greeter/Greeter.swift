import Spoor

/// The quick start of the README, unchanged: a program that links only `Spoor`.
@main
struct Greeter {
    static func main() async {
        await exitOnError { try await serve() }
    }

    static func serve() async throws {
        let reporter = HTTPReporter()  // to http://127.0.0.1:14268/api/traces
        let tracer = JaegerTracer(serviceName: "greeter", reporter: reporter)
        let client = HTTPClient(middleware: [ClientTracing(tracer)])

        var routes = Router()
        routes.get("/hello/{name}") { exchange in
            "Hello, \(exchange.parameters["name"] ?? "you")!\n"
        }
        routes.get("/weather/{city}") { exchange in
            let city = exchange.parameters["city"] ?? ""
            let response = try await client.execute(
                HTTPClientRequest(.get, "http://127.0.0.1:9000", path: URLPath("cities", city)))
            guard response.status == .ok else { throw HTTPError(.badGateway) }
            return Response(text: response.text)
        }

        let server = HTTPServer(
            listening: .loopback(port: 8080),
            middleware: [ServerTracing(tracer), AccessLog(), ErrorMiddleware()],
            handler: routes)
        try await server.runService(with: [reporter])
    }
}

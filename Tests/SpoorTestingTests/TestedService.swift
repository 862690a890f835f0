import HTTPTypes
import SpoorHTTP
import SpoorMiddleware

/// A service with a route for everything in which one mode could differ from another.
enum TestedService {
    /// The name of a trailer.
    static let sum = HTTPField.Name("X-Sum") ?? .eTag
    static let middleware: [any Middleware] = [Stamp()]

    static func routes() -> Router {
        var routes = Router()
        routes.get("/hello/{name}") { exchange in "hello \(exchange.parameters["name"] ?? "-")" }
        routes.delete("/hello/{name}") { _ in HTTPResponse.Status.noContent }
        routes.stream(.post, "/echo") { exchange in
            exchange.response.headers[.contentType] = exchange.request.headers[.contentType]
            while let piece = try await exchange.body.next() {
                try await exchange.response.write(piece)
            }
        }
        routes.put("/length") { exchange in
            let count = try await exchange.body.collect(upTo: 1 << 20).count
            let value = exchange.body.trailers[sum] ?? "-"
            return "\(exchange.body.length) \(count) \(value)"
        }
        routes.post("/unread") { _ in HTTPResponse.Status.accepted }
        routes.stream(.get, "/count/{max}") { exchange in
            for number in 0..<(Int(exchange.parameters["max"] ?? "") ?? 0) {
                try await exchange.response.write("\(number);")
                try await exchange.response.flush()
            }
        }
        routes.stream(.get, "/trailers") { exchange in
            try await exchange.response.write("body")
            try await exchange.response.finish(trailers: Headers([sum: "sum"]))
        }
        routes.stream(.get, "/upgrade") { exchange in
            let stream = try await exchange.upgrade(to: "echo")
            while let bytes = try await stream.read() { try await stream.write(bytes) }
        }
        routes.get("/refused") { _ -> String in throw HTTPError(.conflict, "not now") }
        routes.get("/failing") { _ -> String in throw Failure() }
        routes.stream(.get, "/broken") { exchange in
            try await exchange.response.write("half")
            try await exchange.response.flush()
            throw Failure()
        }
        return routes
    }

    struct Failure: Error {}

    struct Stamp: Middleware {
        func intercept(_ exchange: Exchange, next: Next) async throws {
            exchange.response.headers[.server] = "stamped"
            try await next(exchange)
        }
    }
}

import Spoor

/// What the customer sees: asks the catalog and the stock, and puts the answers together.
struct Front: Sendable {
    let catalog: HTTPServer
    let stock: HTTPServer
    let client: HTTPClient

    var routes: Router {
        var routes = Router()
        routes.get("/") { exchange in
            let host = exchange.request.authority ?? "127.0.0.1:8080"
            return "A shop. Try: curl -H 'jaeger-debug-id: my-bug' http://\(host)/items/7\n"
        }
        routes.get("/items/{id}") { exchange in
            let id = exchange.parameters["id"] ?? ""
            let item = try await client.text(from: catalog, "/catalog/\(id)")
            let stock = try await client.text(from: stock, "/stock/\(id)")
            return Response(
                text: "{\"item\":\(item),\"stock\":\(stock)}\n", contentType: "application/json")
        }
        return routes
    }
}

extension HTTPClient {
    /// The body of another service's answer; its 404 becomes ours, anything else that is not 200 a 502.
    func text(from server: HTTPServer, _ path: String) async throws -> String {
        let address = try await server.boundAddresses()[0]
        let answer = try await send(ClientRequest(.get, "http://\(address)\(path)"))
        switch answer.status {
        case .ok: return answer.text
        case .notFound: throw HTTPError(.notFound)
        default: throw HTTPError(.badGateway, "\(path) answered \(answer.status)")
        }
    }
}

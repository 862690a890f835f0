import Spoor

/// The public service: calls the catalog and the stock, and combines their responses.
struct Front: Sendable {
    /// The response for an item.
    struct Offer: Codable {
        var item: Catalog.Item
        var stock: Int
    }

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
            // The decoded parameter can be any text: URLPath encodes it, so that it stays one path segment.
            let id = exchange.parameters["id"] ?? ""
            let item = try await client.json(
                Catalog.Item.self, from: catalog, URLPath("catalog", id))
            let count = try await client.json(Stock.Count.self, from: stock, URLPath("stock", id))
            return try Response(json: Offer(item: item, stock: count.pieces))
        }
        return routes
    }
}

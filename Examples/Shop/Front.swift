import Spoor

/// What the customer sees: asks the catalog and the stock, and puts the answers together.
struct Front: Sendable {
    /// What the front says of an item.
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
            // Decoded, and so any text: URLPath encodes it again, so that it stays one segment.
            let id = exchange.parameters["id"] ?? ""
            let item = try await client.json(
                Catalog.Item.self, from: catalog, URLPath("catalog", id))
            let count = try await client.json(Stock.Count.self, from: stock, URLPath("stock", id))
            return try Response(json: Offer(item: item, stock: count.pieces))
        }
        return routes
    }
}

import Spoor
import Tracing

/// The service with the names of the items; it calls the stock for the availability of an item.
struct Catalog: Sendable {
    /// The response for an item.
    struct Item: Codable {
        var name: String
        var isAvailable: Bool
    }

    let stock: HTTPServer
    let client: HTTPClient
    let tracer: JaegerTracer

    private static let names = ["lantern", "compass", "map", "rope", "tent", "kettle", "whistle"]

    var routes: Router {
        var routes = Router()
        routes.get("/catalog/{id}") { exchange in
            guard let id = exchange.parameters["id"].flatMap({ Int($0) }), id > 0 else {
                throw HTTPError(.notFound)
            }
            let name = tracer.withSpan("look up the name") { span in
                span.setTag("item.id", Int64(id))
                return Self.names[id % Self.names.count]
            }
            let count = try await client.json(
                Stock.Count.self, from: stock, URLPath("stock", String(id)))
            return try Response(json: Item(name: name, isAvailable: count.pieces > 0))
        }
        return routes
    }
}

import Spoor

/// The service with the number of pieces of each item.
struct Stock: Sendable {
    /// The response for an item.
    struct Count: Codable {
        var pieces: Int
    }

    var routes: Router {
        var routes = Router()
        routes.get("/stock/{id}") { exchange in
            guard let id = exchange.parameters["id"].flatMap({ Int($0) }) else {
                throw HTTPError(.notFound)
            }
            return try Response(json: Count(pieces: id % 5 * 3))
        }
        return routes
    }
}

import Spoor

/// Knows how many pieces of an item there are.
struct Stock: Sendable {
    /// What the stock says of an item.
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

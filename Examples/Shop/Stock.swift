import Spoor

/// Knows how many pieces of an item there are.
struct Stock: Sendable {
    var routes: Router {
        var routes = Router()
        routes.get("/stock/{id}") { exchange in
            guard let id = exchange.parameters["id"].flatMap({ Int($0) }) else {
                throw HTTPError(.notFound)
            }
            return Response(text: "\(id % 5 * 3)", contentType: "application/json")
        }
        return routes
    }
}

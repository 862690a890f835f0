import Spoor

/// Copies of the snippets of Documentation/Routing.md, which tests run.
///
/// `SnippetCopyTests` compares the copies with the page, without line breaks and comments at the ends of lines.
struct RoutingSnippets {
    func addNestedRouter(to routes: inout Router) {
        var tenants = Router()
        tenants.get("/tenants/{tenant}/users/{id}") { exchange in
            "\(exchange.parameters["tenant"] ?? ""): \(exchange.parameters["id"] ?? "")\n"
        }
        routes.on(.get, "/tenants/{tenant}/{path...}", tenants)
    }

    func addRoutes(to routes: inout Router) {
        routes.get("/users/{id}") { exchange in "user \(exchange.parameters["id"] ?? "")\n" }
        routes.patch("/users/{id}") { _ in HTTPResponse.Status.noContent }
        routes.stream(.get, "/log") { exchange in try await exchange.response.write("line\n") }
        routes.on(.get, "/assets/{path...}", StaticFiles(directory: "Public"))
    }

    func addGroup(to routes: inout Router) {
        routes.group("/orders", [BodyLimit(maxBytes: 1 << 20)]) { orders in
            orders.get { _ in "all orders\n" }
            orders.get("/{id}") { exchange in "order \(exchange.parameters["id"] ?? "")\n" }
        }
    }

    func mount(in routes: inout Router) {
        var admin = Router()
        admin.get { _ in "dashboard\n" }
        admin.get("/users/{id}") { exchange in "user \(exchange.parameters["id"] ?? "")\n" }
        routes.mount("/admin", admin)
        routes.mount("/static", StaticFiles(directory: "Public"))
    }

    func addFallback(to routes: inout Router) {
        routes.fallback { exchange in
            Response(status: .notFound, text: "There is no \(exchange.request.path)\n")
        }
    }

    func addHosts(to routes: inout Router) {
        routes.host("api.example.com") { api in api.get("/status") { _ in "the API\n" } }
        routes.host("*.example.com") { tenants in
            tenants.get("/status") { exchange in
                "the tenant of \(exchange.request.authority ?? "")\n"
            }
        }
    }

    actor OrderCounter {
        private var count = 0

        func next() -> Int {
            count += 1
            return count
        }
    }

    /// The key of the counter that all requests share.
    enum CounterKey: ApplicationKey {
        typealias Value = OrderCounter
    }

    func addCounter(to routes: inout Router) {
        routes.application[CounterKey.self] = OrderCounter()
        routes.post("/counter") { exchange in
            let counter = try exchange.application[CounterKey.self]
            return "order \(await counter.next())\n"
        }
    }

    func addTable(to routes: inout Router) {
        let table = routes.description
        routes.get("/debug/routes") { _ in table }
    }
}

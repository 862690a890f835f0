import Logging
import Spoor
import SpoorJSON
import Tracing

/// Copies of the snippets of Documentation/Handlers.md, which tests run.
///
/// `SnippetCopyTests` compares the copies with the page, without line breaks and comments at the ends of lines.
struct HandlerSnippets {
    func addRequestRoutes(to routes: inout Router) {
        routes.get("/orders/{id}") { exchange in
            let id = exchange.parameters["id"] ?? ""
            let language = exchange.request.headers[.acceptLanguage] ?? "en"
            let page = exchange.request.queryItems["page"].flatMap { Int($0) } ?? 1
            let tags = exchange.request.queryItems.values(of: "tag")
            return "order \(id), page \(page), \(language), \(tags)\n"
        }
        routes.delete("/orders/{id}") { exchange in
            let id = try exchange.parameters.require("id", as: Int.self)
            return Response(status: .ok, text: "deleted \(id)\n")
        }
        routes.get("/orders") { exchange in
            let query = exchange.query
            let limit = try query.get("limit", default: 20)
            let after = try query.get("after", as: Int.self)
            let tags = try query.all("tag", as: String.self)
            return "\(limit) orders after \(after ?? 0), \(tags)\n"
        }
        routes.put("/notes/{id}") { exchange in
            let bytes = try await exchange.body.collect(upTo: 1 << 20)
            return "\(bytes.count) bytes, text: \(String(decoding: bytes, as: UTF8.self))\n"
        }
        routes.post("/count") { exchange in
            var count = 0
            while let bytes = try await exchange.body.next() { count += bytes.count }
            return "\(count) bytes\n"
        }
        routes.post("/search") { exchange in
            let body = try await exchange.body.collect(upTo: 64 << 10)
            let form = URLQuery(encoded: String(decoding: body, as: UTF8.self))
            return "You search for \(form["text"] ?? "nothing").\n"
        }
        routes.post("/jobs") { exchange in
            exchange.response.status = .accepted
            exchange.response.headers[.cacheControl] = "no-store"
            return "queued\n"
        }
    }

    func addHeaderRoutes(to routes: inout Router) {
        routes.get("/profile") { exchange in
            let headers = exchange.request.headers
            guard let token = try headers.authorization?.bearerToken else {
                throw HTTPError(.unauthorized, headers: [.wwwAuthenticate: "Bearer"])
            }
            let language = headers.acceptLanguage.preferred(among: ["en", "de"]) ?? "en"
            let version = try headers.get("X-API-Version", default: 1)
            return Response(
                headers: ["X-API-Version": "\(version)"], text: "\(token.utf8.count) \(language)\n")
        }
        routes.get("/stock") { exchange in
            let validators = Validators(entityTag: EntityTag(opaque: "v7"))
            switch exchange.request.precondition(for: validators) {
            case .holds: return Response(headers: validators.headers, text: "7 items\n")
            case .notModified: return Response(status: .notModified, headers: validators.headers)
            case .failed: throw HTTPError(.preconditionFailed)
            }
        }
    }

    func addRedirectRoutes(to routes: inout Router) {
        routes.post("/carts/{id}/order") { exchange in
            Response.redirect(to: URLPath("orders", exchange.parameters["id"] ?? ""))
        }
        routes.get("/old") { _ in
            try Response.redirect(to: "https://shop.example/new", .permanentRedirect)
        }
        routes.post("/login") { exchange in
            try Response.redirect(toLocal: exchange.query.get("next", default: "/"))
        }
    }

    func addResponseRoutes(
        to routes: inout Router, prices: AsyncStream<Double>, rows: AsyncStream<String>
    ) {
        routes.get("/report") { _ in
            Response.file(at: "report.pdf").attachment(named: "Bericht für März.pdf")
        }
        routes.get("/orders.csv") { _ in
            Response(text: "id;city\n", contentType: "text/csv").attachment(named: "Übersicht.csv")
        }
        routes.on(
            .get, "/assets/{path...}",
            StaticFiles(directory: "Public", cacheControl: "max-age=3600"))
        routes.get("/export") { _ in Response.stream(rows, contentType: "text/csv") }
        routes.stream(.get, "/numbers") { exchange in
            exchange.response.headers[.contentType] = "text/plain"
            for number in 1...1000 {
                try await exchange.response.write("\(number)\n")
            }
        }
        routes.get("/prices") { _ in
            Response.events(
                prices.map { ServerSentEvent("\($0)", event: "price") },
                lastEvent: ServerSentEvent("bye", event: "end"))
        }
        routes.stream(.get, "/echo") { exchange in
            let stream = try await exchange.upgrade(to: "echo")
            while let bytes = try await stream.read() {
                try await stream.write(bytes)
            }
        }
        routes.get("/invoices/{id}") { exchange in
            guard exchange.parameters["id"] == "1" else {
                throw HTTPError(.notFound, "no such invoice")
            }
            return "invoice 1\n"
        }
        routes.post("/seats/{row}") { exchange in
            let row = try exchange.parameters.require("row", as: Int.self)
            var check = Validation()
            check.require((1...30).contains(row), .path("row"), "must be between 1 and 30")
            try check.throwIfInvalid()
            guard row != 7 else {
                throw Problem(
                    .conflict, "row 7 is taken", type: "https://shop.example/problems/taken",
                    extensions: ["row": 7])
            }
            return "reserved row \(row)\n"
        }
        routes.get("/healthz") { _ in HTTPResponse.Status.ok }
        routes.get("/readyz") { exchange in
            exchange.isServerShuttingDown ? HTTPResponse.Status.serviceUnavailable : .ok
        }
        let database = BlockingPool(name: "database", maxThreads: 4, maxQueuedJobs: 100)
        routes.get("/users") { _ in
            try await database.run { "42 users\n" }
        }
    }

    func addClientRoute(to routes: inout Router, client: HTTPClient) {
        routes.get("/weather/{city}") { exchange in
            let response = try await client.execute(
                HTTPClientRequest(
                    .get, "http://127.0.0.1:9000",
                    path: URLPath("cities", exchange.parameters["city"] ?? ""),
                    query: ["units": "metric"], timeout: .seconds(2)))
            guard response.status == .ok else { throw HTTPError(.badGateway) }
            return response.text
        }
    }

    func jsonRoutes() -> Router {
        var routes = Router()
        routes.post("/orders") { exchange in try await exchange.json(Order.self) }
        routes.post("/drafts") { exchange in
            let order = try await exchange.json(Order.self)
            return try Response.json(
                order, status: .created, headers: [.location: "/orders/\(order.id)"])
        }
        return routes
    }

    struct Order: Codable {
        var id: Int
    }

    func addExchangeRoutes(to routes: inout Router, store: Store) {
        routes.post("/orders/import") { exchange in
            var count = 0
            for try await order in exchange.jsonLines(Order.self) {
                await store.insert(order)
                count += 1
            }
            return "\(count) orders\n"
        }
        routes.get("/orders/export") { _ in Response.jsonLines(await store.orders()) }
    }

    actor Store {
        private var all: [Order] = []

        func insert(_ order: Order) { all.append(order) }

        func orders() -> AsyncStream<Order> {
            AsyncStream { [all] stream in
                for order in all { stream.yield(order) }
                stream.finish()
            }
        }
    }

    func addRoutes(to routes: inout Router, tracer: JaegerTracer, logger: Logger) {
        routes.get("/stock/{id}") { exchange in
            ServiceContext.current?.jaegerSpan?.setTag("item.id", exchange.parameters["id"] ?? "")
            let count = try await tracer.withSpan("count") { _ in try await countItems() }
            logger.info("counted", metadata: ["count": "\(count)"])
            return "\(count)\n"
        }
    }

    func countItems() async throws -> Int { 7 }

    /// The value of a cookie (RFC 6265 §4.2).
    func cookie(_ name: String, of exchange: Exchange) -> String? {
        let pairs = (exchange.request.headers[.cookie] ?? "").split(separator: ";").map {
            $0.drop { $0 == " " }
        }
        return pairs.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    func setTheme(_ exchange: Exchange) {
        exchange.response.headers.append(.setCookie, "theme=dark; Path=/; HttpOnly; SameSite=Lax")
    }

    /// The client's address; `X-Forwarded-For` is used if the peer is a proxy on this machine.
    func clientAddress(of exchange: Exchange) -> IPAddress? {
        let peer: IPAddress? =
            switch exchange.connection.peer {
            case .ipv4(let host, _), .ipv6(let host, _): IPAddress(host)
            case .unix, .none: nil
            }
        guard let peer, peer.unmapped.isLoopback else { return peer }
        return exchange.request.headers.xForwarded.last?.client?.address ?? peer
    }
}

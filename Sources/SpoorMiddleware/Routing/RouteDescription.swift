public import HTTPTypes

/// A route of a router as documents, tests and administration pages list it.
public struct RouteDescription: Hashable, Sendable {
    /// The kind of an entry of a router.
    public enum Kind: Hashable, Sendable {
        /// A route.
        case route
        /// A handler that is mounted at a prefix, with all paths below it.
        case mount
        /// The handler for the paths below a prefix that no route matches.
        case fallback
    }

    /// The kind of the entry.
    public let kind: Kind
    /// The method; nil for every method, and for a fallback.
    public let method: HTTPRequest.Method?
    /// The host or the pattern of hosts, in lower case; nil for all hosts.
    public let host: String?
    /// The whole pattern, with the prefixes of groups and mounted routers: the value of ``Exchange/route``.
    ///
    /// For a fallback, it is the prefix.
    public let pattern: String
    /// The names of the pattern's parameters, in order.
    public let parameters: [String]
    /// The names of the types of the middlewares that the route has from its groups, the outermost first.
    public let middlewares: [String]
    /// The name of the handler's type.
    public let handler: String
    /// The source location where the route was added, such as `App/Routes.swift:12`; for a route of a mounted router
    /// also that where it was mounted.
    public let location: String

    init(_ record: RouteRecord) {
        let route = record.identity
        kind =
            switch route.kind {
            case .route: .route
            case .mount: .mount
            case .fallback: .fallback
            }
        method = route.method.method
        host = route.host?.description
        pattern = route.template
        parameters = (try? RoutePattern(route.template).names) ?? []
        middlewares = (record.group?.middlewares ?? []).map { "\(type(of: $0))" }
        handler = "\(type(of: record.handler))"
        location = route.place
    }
}

extension RouteDescription: CustomStringConvertible {
    /// The method, host and pattern, and the location: `GET example.com/users/{id} (App/Routes.swift:12)`.
    public var description: String { "\(title) \(address) (\(location))" }

    /// The method, or the word for an entry without one.
    fileprivate var title: String { kind == .fallback ? "fallback" : method?.rawValue ?? "any" }

    /// The host and the pattern.
    fileprivate var address: String { (host ?? "") + pattern }
}

extension Router {
    /// All routes, in the order in which they were added, with those of mounted routers and the fallbacks.
    ///
    /// A router that is the handler of a route, instead of being mounted, is one entry, and its routes are not listed.
    public var routes: [RouteDescription] { routeSet.records.map(RouteDescription.init) }
}

extension Router: CustomStringConvertible {
    /// The routes as a table: method, host and pattern, location, and middlewares, one route on each line.
    public var description: String {
        let routes = routes
        let titles = routes.map(\.title.count).max() ?? 0
        let addresses = routes.map(\.address.count).max() ?? 0
        return routes.map { route in
            let columns = [
                route.title.padded(to: titles), route.address.padded(to: addresses), route.location,
            ]
            let middlewares = route.middlewares.joined(separator: ", ")
            return columns.joined(separator: "  ") + (middlewares.isEmpty ? "" : "  \(middlewares)")
                + "\n"
        }.joined()
    }
}

extension String {
    fileprivate func padded(to count: Int) -> String {
        self + String(repeating: " ", count: max(0, count - self.count))
    }
}

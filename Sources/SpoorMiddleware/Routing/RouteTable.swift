import HTTPTypes
import SpoorHTTP
import SpoorText

/// The routes of a router as requests use them: returns the answerer of the matching route, or the answerer for
/// requests without a matching route.
///
/// A class, so that the innermost element of a chain holds the routes by one reference.
final class RouteTable: Sendable {
    private let routes: RouteSet
    private let tree: RouteTree
    /// Whether all routes are in one tree: there are none for a host.
    private let hasOneTree: Bool
    private let matchesUncleanPaths: Bool

    init(_ routes: RouteSet) {
        var routes = routes
        routes.index()
        self.routes = routes
        tree = routes.tree
        hasOneTree = routes.hosts.isEmpty
        matchesUncleanPaths = routes.pathCleaning == .off
    }

    /// Returns the answerer of a request and sets the route on the exchange.
    ///
    /// - Throws: ``HTTPError`` when no route matches.
    func answerer(for exchange: Exchange) throws -> Answerer {
        if !exchange.state.value.parameterRanges.isEmpty {
            return try nestedAnswerer(for: exchange)
        }
        guard hasOneTree, matchesUncleanPaths || PathCleaner.isClean(exchange.request),
            let endpoint = tree.mostSpecificEndpoint(for: exchange)
        else { return try decidedAnswerer(for: exchange) }
        exchange.didRoute(endpoint.template)
        return endpoint.answerer
    }

    /// Returns the answerer for a router within another whose route has placeholders; their positions are kept after
    /// those of the inner route.
    @inline(never)
    private func nestedAnswerer(for exchange: Exchange) throws -> Answerer {
        let outerPlaces = exchange.state.value.parameterRanges
        let outerRoute = exchange.state.value.route
        var outerRoutes = exchange.state.value.outerRoutes
        if let outerRoute, !outerRoute.names.isEmpty { outerRoutes.insert(outerRoute, at: 0) }
        exchange.state.value.removeParameters()
        let answerer = try answerer(for: exchange)
        exchange.state.value.parameterRanges += outerPlaces
        exchange.state.value.outerRoutes = outerRoutes
        return answerer
    }

    /// Returns the answerer of a request that needs more than the common case.
    @inline(never)
    private func decidedAnswerer(for exchange: Exchange) throws -> Answerer {
        if routes.pathCleaning == .clean { exchange.request.cleanPath() }
        switch routes.decide(exchange.request, ranges: &exchange.state.value.parameterRanges) {
        case .route(let endpoint):
            exchange.didRoute(endpoint.template)
            return endpoint.answerer
        case .fallback(let endpoint):
            return endpoint.answerer
        case .redirect(let location, let endpoint):
            exchange.didRoute(endpoint.template)
            // RFC 9110 §15.4.9: unlike with 301, the method is preserved.
            let response = Response(status: .permanentRedirect, headers: [.location: location])
            return Answerer(
                RouteGroup.wrap(
                    SyncHandler { _ in response }, in: endpoint.group, of: endpoint.route))
        case .otherMethods(let endpoints):
            return try otherMethodsAnswerer(endpoints, for: exchange)
        case .allMethods:
            return try Answerer(Self.answer(allowing: routes.methods, exchange))
        case .notFound:
            throw HTTPError(.notFound)
        case .notImplemented:
            throw HTTPError(.notImplemented)
        }
    }

    /// Returns the answerer of a request whose path matches routes of other methods only.
    ///
    /// It passes through the middlewares that all of these routes have, so that those of a group for CORS, logs or
    /// authentication see it as they see the group's requests.
    private func otherMethodsAnswerer(
        _ endpoints: [RouteEndpoint], for exchange: Exchange
    ) throws -> Answerer {
        guard let first = endpoints.first else { throw HTTPError(.notFound) }
        exchange.didRoute(first.template)
        let group = endpoints.dropFirst().reduce(first.group) {
            RouteGroup.common($0, $1.group)
        }
        let methods = endpoints.compactMap(\.route.method.method)
        guard let group, !group.links.isEmpty else {
            return try Answerer(Self.answer(allowing: methods, exchange))
        }
        let handler = SyncHandler { exchange in
            try Self.answer(allowing: methods, exchange).respond(exchange)
        }
        return Answerer(RouteGroup.wrap(handler, in: group, of: first.route))
    }

    /// RFC 9110 §15.5.6: a 405 lists the allowed methods; §9.3.7: so does the response to OPTIONS.
    private static func answer(
        allowing methods: [HTTPRequest.Method], _ exchange: Exchange
    ) throws -> SyncHandler {
        var names: [String] = []
        for method in methods where !names.contains(method.rawValue) {
            names.append(method.rawValue)
        }
        if names.contains("GET"), !names.contains("HEAD") { names.append("HEAD") }
        if !names.contains("OPTIONS") { names.append("OPTIONS") }
        let headers: Headers = [.allow: names.joined(separator: ", ")]
        guard exchange.request.knownMethod == .options else {
            throw HTTPError(.methodNotAllowed, headers: headers)
        }
        return SyncHandler { _ in Response(status: .noContent, headers: headers) }
    }
}

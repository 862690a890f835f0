import HTTPTypes
import SpoorHTTP
import SpoorText

/// The routes of a router as requests use them: returns the responder of the matching route, or the responder for
/// requests without a matching route.
///
/// A class, so that the innermost element of a chain holds the routes by one reference.
final class RouteTable: ResponderSelector {
    private let routes: RouteSet
    private let tree: RouteTree
    /// Whether the common case needs no further condition: all routes are in one tree, since there are none for a host,
    /// and paths are matched as received.
    private let isPlain: Bool

    init(_ routes: RouteSet) {
        var routes = routes
        routes.index()
        self.routes = routes
        tree = routes.tree
        isPlain = routes.hosts.isEmpty && routes.pathCleaning == .off
    }

    func responder(for exchange: Exchange) throws -> Responder {
        if !exchange.state.value.parameterRanges.isEmpty {
            return try nestedResponder(for: exchange)
        }
        guard isPlain, let endpoint = tree.mostSpecificEndpoint(for: exchange) else {
            return try decidedResponder(for: exchange)
        }
        exchange.didRoute(endpoint.template)
        return endpoint.responder
    }

    /// Returns the responder for a router within another whose route has parameters; their positions are kept after
    /// those of the inner route.
    @inline(never)
    private func nestedResponder(for exchange: Exchange) throws -> Responder {
        let outerRanges = exchange.state.value.parameterRanges
        let outerRoute = exchange.state.value.route
        var outerRoutes = exchange.state.value.outerRoutes
        if let outerRoute, !outerRoute.names.isEmpty {
            outerRoutes.insert(
                OuterRoute(outerRoute, requestVersion: exchange.routedVersion), at: 0)
        }
        exchange.state.value.removeParameters()
        // If the inner router has no route, too.
        defer { appendOuterRanges(outerRanges, of: outerRoutes, to: exchange) }
        return try responder(for: exchange)
    }

    private func appendOuterRanges(
        _ ranges: [Range<Int>], of outerRoutes: [OuterRoute], to exchange: Exchange
    ) {
        // A route that was matched for a 405 or a redirect only has no values.
        let count = exchange.state.value.route?.names.count ?? 0
        while exchange.state.value.parameterRanges.count < count {
            exchange.state.value.parameterRanges.append(RouteParameters.noRange)
        }
        exchange.state.value.parameterRanges += ranges
        exchange.state.value.outerRoutes = outerRoutes
    }

    /// Returns the responder of a request that needs more than the common case.
    @inline(never)
    private func decidedResponder(for exchange: Exchange) throws -> Responder {
        if !isPlain, routes.hosts.isEmpty, PathCleaner.isClean(exchange.request),
            let endpoint = tree.mostSpecificEndpoint(for: exchange)
        {
            exchange.didRoute(endpoint.template)
            return endpoint.responder
        }
        // RFC 3986 §2.1: software that reads such an escape in another way would see another path.
        let path = exchange.request.pathRange
        guard PercentEncoding.isWellFormed(exchange.request.head.bytes.span.extracting(path)) else {
            throw HTTPError(
                .badRequest, "the path has a % that is not followed by two hexadecimal digits")
        }
        if routes.pathCleaning == .clean { exchange.request.cleanPath() }
        switch routes.decide(exchange.request, ranges: &exchange.state.value.parameterRanges) {
        case .route(let endpoint):
            exchange.didRoute(endpoint.template)
            return endpoint.responder
        case .fallback(let endpoint):
            return endpoint.responder
        case .redirect(let location, let endpoint):
            exchange.didRoute(endpoint.template)
            // RFC 9110 §15.4.9: unlike with 301, the method is preserved.
            let response = Response(status: .permanentRedirect, headers: [.location: location])
            return Responder(
                RouteGroup.wrap(
                    SyncHandler { _ in response }, in: endpoint.group, of: endpoint.route))
        case .otherMethods(let endpoints):
            return try otherMethodsResponder(endpoints, for: exchange)
        case .allMethods:
            return try Responder(Self.response(allowing: routes.methods, exchange))
        case .notFound:
            throw HTTPError(.notFound)
        case .notImplemented:
            throw HTTPError(.notImplemented)
        }
    }

    /// Returns the responder of a request whose path matches routes of other methods only.
    ///
    /// It passes through the middlewares that all of these routes have, so that those of a group for CORS, logs or
    /// authentication see it as they see the group's requests.
    private func otherMethodsResponder(
        _ endpoints: [RouteEndpoint], for exchange: Exchange
    ) throws -> Responder {
        guard let first = endpoints.first else { throw HTTPError(.notFound) }
        exchange.didRoute(first.template)
        let group = endpoints.dropFirst().reduce(first.group) {
            RouteGroup.common($0, $1.group)
        }
        let methods = endpoints.compactMap(\.route.method.method)
        guard let group, !group.middlewares.isEmpty else {
            return try Responder(Self.response(allowing: methods, exchange))
        }
        let handler = SyncHandler { exchange in
            try Self.response(allowing: methods, exchange).respond(exchange)
        }
        return Responder(RouteGroup.wrap(handler, in: group, of: first.route))
    }

    /// RFC 9110 §15.5.6: a 405 lists the allowed methods; §9.3.7: so does the response to OPTIONS.
    private static func response(
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

import HTTPTypes
import SpoorHTTP
import SpoorText

/// The routes of a router as requests use them: returns the answerer of the matching route, or the answerer for
/// requests without a matching route.
///
/// A class, so that the innermost element of a chain holds the routes by one reference.
final class RouteTable: Sendable {
    private let tree: RouteTree

    init(_ tree: RouteTree) {
        self.tree = tree
    }

    /// Returns the answerer of a request and sets the route on the exchange.
    ///
    /// - Throws: ``HTTPError`` when no route matches.
    func answerer(for exchange: Exchange) throws -> Answerer {
        if !exchange.state.value.parameterRanges.isEmpty {
            return try nestedAnswerer(for: exchange)
        }
        guard
            let endpoint = tree.mostSpecificEndpoint(for: exchange)
                ?? searchedEndpoint(for: exchange)
        else { return try unrouted(exchange) }
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

    /// Returns the endpoint of a request if the most specific node has none for its method.
    @inline(never)
    private func searchedEndpoint(for exchange: Exchange) -> RouteTree.Endpoint? {
        guard let method = exchange.request.knownMethod else {
            let method = exchange.request.method
            return search(for: exchange) { $0.route.method == method }
        }
        if let endpoint = search(for: exchange, where: { $0.answers(method) }) { return endpoint }
        guard method == .head else { return nil }
        return search(for: exchange) { $0.answers(.get) }
    }

    private func search(
        for exchange: Exchange, where condition: (RouteTree.Endpoint) -> Bool
    ) -> RouteTree.Endpoint? {
        tree.endpoint(
            exchange.request.headers.bytes, path: exchange.request.pathRange,
            ranges: &exchange.state.value.parameterRanges, where: condition)
    }

    // MARK: Requests without a matching route

    /// Returns the answerer of a request whose path and method match no route.
    private func unrouted(_ exchange: Exchange) throws -> Answerer {
        if exchange.request.targetForm == .asterisk {
            return try rejected(exchange, allowed: tree.methods)
        }
        let matching = tree.endpoints(
            exchange.request.headers.bytes, path: exchange.request.pathRange)
        guard let first = matching.first else {
            try rejectUnknownMethod(exchange)
            throw HTTPError(.notFound)
        }
        exchange.didRoute(first.template)
        return try rejected(exchange, allowed: matching.map(\.route.method))
    }

    /// RFC 9110 §15.5.6: a 405 lists the allowed methods; §9.3.7: so does the response to OPTIONS.
    private func rejected(_ exchange: Exchange, allowed: [HTTPRequest.Method]) throws -> Answerer {
        try rejectUnknownMethod(exchange)
        var names: [String] = []
        for method in allowed where !names.contains(method.rawValue) {
            names.append(method.rawValue)
        }
        if names.contains("GET"), !names.contains("HEAD") { names.append("HEAD") }
        if !names.contains("OPTIONS") { names.append("OPTIONS") }
        let headers: Headers = [.allow: names.joined(separator: ", ")]
        if exchange.request.knownMethod == .options {
            return Answerer(
                SyncHandler { _ in Response(status: .noContent, headers: headers) })
        }
        throw HTTPError(.methodNotAllowed, headers: headers)
    }

    /// RFC 9110 §9.1: a method that the server does not recognise is answered with 501.
    private func rejectUnknownMethod(_ exchange: Exchange) throws {
        guard exchange.request.knownMethod == nil else { return }
        guard tree.methods.contains(exchange.request.method) else {
            throw HTTPError(.notImplemented)
        }
    }
}

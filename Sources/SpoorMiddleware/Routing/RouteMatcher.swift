import HTTPTypes
package import SpoorHTTP

/// Decides what a router does with requests, without running handlers: for tests and for the fuzzer.
///
/// It is the search that requests use, without the shorter way of the common case.
package struct RouteMatcher: Sendable {
    private let routes: RouteSet

    /// Creates a matcher for the routes of a router.
    package init(_ router: Router) {
        var routes = router.routeSet
        routes.index()
        self.routes = routes
    }

    /// What a router does with a request.
    package enum Outcome: Hashable, Sendable {
        /// The route of this pattern handles it, with these values of the parameters, as received.
        case route(String, [[UInt8]])
        /// The fallback of this prefix handles it.
        case fallback(String)
        /// 308 to this reference, for the route of this pattern.
        case redirect(String, String)
        /// 405, or 204 to `OPTIONS`, with these methods of routes.
        case otherMethods([String])
        /// 404.
        case notFound
        /// 501.
        case notImplemented
    }

    /// Decides about a request.
    package func outcome(of received: Request) -> Outcome {
        var request = received
        if routes.pathCleaning == .clean { request.cleanPath() }
        var ranges: [Range<Int>] = []
        switch routes.decide(request, ranges: &ranges) {
        case .route(let endpoint):
            let bytes = request.head.bytes
            return .route(endpoint.route.template, ranges.map { Array(bytes[$0]) })
        case .fallback(let endpoint): return .fallback(endpoint.route.template)
        case .redirect(let location, let endpoint):
            return .redirect(location, endpoint.route.template)
        case .otherMethods(let endpoints):
            return .otherMethods(endpoints.compactMap(\.route.method.method?.rawValue))
        case .allMethods: return .otherMethods(routes.methods.map(\.rawValue))
        case .notFound: return .notFound
        case .notImplemented: return .notImplemented
        }
    }
}

import SpoorHTTP

/// A handler with middlewares of its own around it, as the routes of a group have; errors pass through to the chain outside.
struct WrappedHandler: Handler {
    private let chain: MiddlewareChain

    init(_ links: [any Middleware], of route: RouteIdentity, handler: any Handler) {
        chain = MiddlewareChain(links, within: nil, of: route, handler: handler)
    }

    func handle(_ exchange: Exchange) async throws {
        try await Next(chain: chain, index: 0)(exchange)
    }
}

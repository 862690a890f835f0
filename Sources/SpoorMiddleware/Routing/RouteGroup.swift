import SpoorHTTP

/// The middlewares that a group adds to its routes, together with those of the groups around it.
///
/// A class, so that the group of a route is known by its identity: the response to a request that matches only the
/// paths of a group passes through the middlewares of that group.
final class RouteGroup: Sendable {
    /// The group around this one.
    let parent: RouteGroup?
    /// The middlewares of this group and of those around it, the outermost first.
    let middlewares: [any Middleware]
    /// The number of groups around this one.
    private let depth: Int

    init(_ middlewares: [any Middleware], within parent: RouteGroup?) {
        self.parent = parent
        self.middlewares = (parent?.middlewares ?? []) + middlewares
        depth = parent.map { $0.depth + 1 } ?? 0
    }

    /// The middlewares that this group adds to those of its parent.
    var ownMiddlewares: [any Middleware] {
        Array(middlewares.dropFirst(parent?.middlewares.count ?? 0))
    }

    /// Returns a handler with the middlewares of a group around it, if there are any.
    static func wrap(
        _ handler: any Handler, in group: RouteGroup?, of route: RouteIdentity
    ) -> any Handler {
        guard let middlewares = group?.middlewares, !middlewares.isEmpty else { return handler }
        return WrappedHandler(middlewares, of: route, handler: handler)
    }

    /// Returns the innermost group that contains both groups; nil if there is none.
    static func common(_ one: RouteGroup?, _ other: RouteGroup?) -> RouteGroup? {
        var one = one
        var other = other
        while let first = one, let second = other {
            if first === second { return first }
            if first.depth >= second.depth { one = first.parent }
            if second.depth >= first.depth { other = second.parent }
        }
        return nil
    }
}

/// A handler with additional middlewares around it, as the routes of a group have; errors propagate to the outer
/// chain.
private struct WrappedHandler: Handler {
    private let chain: MiddlewareChain

    init(_ middlewares: [any Middleware], of route: RouteIdentity, handler: any Handler) {
        chain = MiddlewareChain(middlewares, within: nil, of: route, handler: handler)
    }

    func handle(_ exchange: Exchange) async throws {
        try await Next(chain: chain, index: 0)(exchange)
    }
}

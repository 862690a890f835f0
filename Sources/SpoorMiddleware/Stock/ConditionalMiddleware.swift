public import SpoorHTTP

/// A middleware that runs for some requests only; for any other, the rest of the chain runs without it.
///
/// Created by `when` and `unless` of any middleware. It is asynchronous, also around a ``SyncMiddleware``. Where the condition is a group of routes, prefer
/// ``Router/group(_:_:file:line:_:)``: then the routes themselves state which middlewares they have.
public struct ConditionalMiddleware<Base: Middleware>: Middleware {
    private let base: Base
    /// The middleware, if it is synchronous: whether it is, is determined once.
    private let group: SyncMiddlewareGroup?
    private let condition: @Sendable (Exchange) -> Bool

    fileprivate init(_ base: Base, _ condition: @escaping @Sendable (Exchange) -> Bool) {
        self.base = base
        group = (base as? any SyncMiddleware).map { SyncMiddlewareGroup([$0]) }
        self.condition = condition
    }

    /// Runs the middleware, or the rest of the chain without it.
    ///
    /// - Throws: Errors of the middleware, or of the rest of the chain.
    public func intercept(_ exchange: Exchange, next: Next) async throws {
        guard condition(exchange) else { return try await next(exchange) }
        if let group {
            try await group.intercept(exchange, next: next)
        } else {
            try await base.intercept(exchange, next: next)
        }
    }
}

extension ConditionalMiddleware: StockMiddleware where Base: StockMiddleware {
    package static var position: StockPosition { Base.position }
}

extension Middleware {
    /// Returns a middleware that runs for the exchanges that satisfy a condition.
    ///
    /// ```swift
    /// BodyLimit(maxBytes: 1 << 20).when { $0.request.method == .post }
    /// ```
    ///
    /// - Parameter condition: Whether this middleware runs; called once for each request, before the rest of the chain.
    public func when(
        _ condition: @escaping @Sendable (Exchange) -> Bool
    ) -> ConditionalMiddleware<Self> {
        ConditionalMiddleware(self, condition)
    }

    /// Returns a middleware that runs for the exchanges that do not satisfy a condition.
    ///
    /// - Parameter condition: Whether this middleware is skipped; called once for each request, before the rest of the
    ///   chain.
    public func unless(
        _ condition: @escaping @Sendable (Exchange) -> Bool
    ) -> ConditionalMiddleware<Self> {
        ConditionalMiddleware(self) { !condition($0) }
    }

    /// Returns a middleware that runs for the requests whose path matches one of several patterns.
    ///
    /// ```swift
    /// RequireLogin().when(path: "/admin/{path...}")
    /// ```
    ///
    /// Patterns are those of routes, compared as a router compares them: decoded, segment by segment. So that
    /// it can be used for access control with any rules of the router, a slash at the end makes no difference,
    /// `/admin/{path...}` matches `/admin` as well, and the middleware also runs if only the clean path matches:
    /// `/x/../admin` (``Router/PathCleaning``).
    ///
    /// An invalid pattern stops the program.
    public func when(
        path patterns: String..., file: StaticString = #fileID, line: UInt = #line
    ) -> ConditionalMiddleware<Self> {
        let paths = PathCondition(patterns, file: file, line: line)
        return ConditionalMiddleware(self) { exchange in
            let match = paths.match(exchange.request)
            return match.received || match.clean
        }
    }

    /// Returns a middleware that runs for the requests whose path matches none of several patterns.
    ///
    /// ```swift
    /// RequireLogin().unless(path: "/health", "/public/{path...}")
    /// ```
    ///
    /// Patterns are compared as by ``when(path:file:line:)``. So that it can be used for access control, the middleware
    /// also runs if only one of the received path and the clean path matches: `/public/../admin` is not skipped.
    ///
    /// An invalid pattern stops the program.
    public func unless(
        path patterns: String..., file: StaticString = #fileID, line: UInt = #line
    ) -> ConditionalMiddleware<Self> {
        let paths = PathCondition(patterns, file: file, line: line)
        return ConditionalMiddleware(self) { exchange in
            let match = paths.match(exchange.request)
            return !(match.received && match.clean)
        }
    }
}

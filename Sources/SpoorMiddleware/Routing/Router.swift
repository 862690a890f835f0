public import HTTPTypes
public import SpoorHTTP

/// A handler that dispatches requests to other handlers by method and path.
///
/// ```swift
/// var routes = Router()
/// routes.get("/hello/{name}") { exchange in "Hello, \(exchange.parameters["name"] ?? "you")!\n" }
/// routes.get("/reports/{name}.json") { exchange in try await report(exchange.parameters["name"]) }
/// routes.stream(.get, "/events") { exchange in try await exchange.response.send(ServerSentEvent("one")) }
/// ```
///
/// A pattern is a path whose segments are literals, `{name}` for one segment or for a part of it between literals,
/// or, at the end, `{name...}` for the rest of the path. Of the routes that match path and method the most specific
/// one answers: segment by segment from the left, a literal takes precedence over a placeholder with literal text
/// around it, that one over a plain placeholder, and all of them over `{name...}`. Paths are matched as received,
/// percent-decoded once, segment by segment; a path with a trailing slash is another path.
///
/// Without a matching `HEAD` route, `HEAD` is answered by the `GET` route, without the body. No route for the path:
/// 404; none for the method: 405 with an `Allow` of all routes that match the path, or 204 with the same `Allow` for
/// `OPTIONS`; a method that no route has and HTTP does not define: 501.
///
/// Every route counts for the 405: with `OPTIONS /{path...}` no path is unknown, and a `GET` that matches no other
/// route is answered with 405 instead of 404, as in net/http and chi. To answer preflight requests (CORS) use a
/// middleware around the router, which leaves the routes as they are.
///
/// A router may be the handler of another router's route. It matches the whole path again, so its patterns begin with
/// that of the outer route, whose placeholders are in ``RouteParameters`` as well. An outer route for some methods
/// answers requests with other methods itself, with 405 and an `Allow` of the methods that it was added for; for an
/// `Allow` of the inner routes add the inner router for every method.
///
/// An invalid pattern, and a route that conflicts with an existing one, stop the program when the route is added,
/// with a message that contains the reason and the source location (``on(_:_:file:line:_:)-(_,_,_,_,Handler)``).
public struct Router: Handler {
    private var tree = RouteTree()
    /// The middlewares of the group whose routes are being added.
    private var links: [any Middleware] = []

    /// Creates a router without routes.
    public init() {}

    /// Adds a route to a handler of any type.
    ///
    /// An invalid pattern, and a second route of the same method and shape, are mistakes in the program and stop it
    /// (in release builds as well) with the reason, the patterns, and the source locations.
    ///
    /// - Parameters:
    ///   - method: The method of the requests.
    ///   - pattern: The paths that match, such as `/users/{id}`.
    ///   - file: The file in which the route is added, for messages.
    ///   - line: The line on which the route is added, for messages.
    ///   - handler: The handler.
    public mutating func on(
        _ method: HTTPRequest.Method, _ pattern: String,
        file: StaticString = #fileID, line: UInt = #line,
        _ handler: any Handler
    ) {
        let route = RouteIdentity(method: method, template: pattern, place: "\(file):\(line)")
        do {
            try add(route, handler)
        } catch {
            // Unlike the message of a precondition, this one appears in release builds, too.
            fatalError("\(error) (\(route.place))", file: file, line: line)
        }
    }

    /// Adds a route.
    ///
    /// - Throws: ``RoutePatternError`` or ``RouteConflict``.
    mutating func add(_ route: RouteIdentity, _ handler: any Handler) throws {
        try tree.add(
            RoutePattern(route.template), route,
            handler: links.isEmpty ? handler : WrappedHandler(links, of: route, handler: handler),
            isMounted: handler is any MountedHandler)
    }

    /// Adds routes with additional middlewares, which run inside those of the server.
    ///
    /// ```swift
    /// routes.group([BodyLimit(maxBytes: 1 << 30), RequestTimeout(.seconds(300))]) { routes in
    ///     routes.post("/upload") { exchange in … }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - middleware: The middlewares, the outermost first; those of an enclosing group are further out.
    ///   - add: Adds the routes.
    public mutating func group(_ middleware: [any Middleware], _ add: (inout Router) -> Void) {
        let around = links
        links += middleware
        add(&self)
        links = around
    }

    /// Chooses the route and runs its handler.
    ///
    /// - Throws: ``HTTPError`` when no route matches, or what the handler throws.
    public func handle(_ exchange: Exchange) async throws {
        // Called only by a handler that wraps the router: a chain caches the table.
        try await table.answerer(for: exchange).answer(exchange)
    }
}

extension Router: RoutingHandler {
    var table: RouteTable { RouteTable(tree) }
}

/// A handler with additional middlewares around it, as the routes of a group have; errors propagate to the outer
/// chain.
private struct WrappedHandler: Handler {
    private let chain: MiddlewareChain

    init(_ links: [any Middleware], of route: RouteIdentity, handler: any Handler) {
        chain = MiddlewareChain(links, within: nil, of: route, handler: handler)
    }

    func handle(_ exchange: Exchange) async throws {
        try await Next(chain: chain, index: 0)(exchange)
    }
}

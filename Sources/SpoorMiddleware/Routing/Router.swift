public import HTTPTypes
public import SpoorHTTP

/// A handler that chooses another by method and path.
///
/// ```swift
/// var routes = Router()
/// routes.get("/hello/{name}") { exchange in "Hello, \(exchange.parameters["name"] ?? "you")!\n" }
/// routes.get("/reports/{name}.json") { exchange in try await report(exchange.parameters["name"]) }
/// routes.stream(.get, "/events") { exchange in try await exchange.response.send(ServerSentEvent("one")) }
/// ```
///
/// A pattern is a path whose segments are literals, `{name}` for one segment or a part of it between literals, or, at the end,
/// `{name...}` for all that is left. Of the routes that match path and method the most specific one answers: segment by
/// segment from the left, a literal wins over a placeholder with literal text around it, that one over a plain placeholder,
/// and any of them over `{name...}`. Paths are matched as they came, percent-decoded once, segment by segment; a trailing
/// slash makes another path.
///
/// `HEAD` is answered by the `GET` route, without the body, where no `HEAD` route matches. No route for the path: 404; none
/// for the method: 405 with an `Allow` of all routes that match the path, or 204 with the same for `OPTIONS`; a method that
/// no route knows and HTTP does not define: 501.
///
/// Every route counts for the 405: with `OPTIONS /{path...}` no path is unknown, and a `GET` where no other route matches is
/// answered with 405 and not with 404, as by net/http and chi. To answer preflight requests (CORS) use a middleware around the
/// router, which leaves the routes as they are.
///
/// A router may be the handler of another router's route. It matches the whole path again, so its patterns begin with that of
/// the outer route, whose placeholders are in ``RouteParameters`` as well. An outer route for some methods answers requests
/// of others itself, with 405 and an `Allow` of the methods that it was added for; for an `Allow` of the inner routes add the
/// inner router for every method.
///
/// An invalid pattern, and a route that matches the same as one that is there already, stop the program when the route is
/// added, with a message that says why and where (``on(_:_:file:line:_:)-(_,_,_,_,Handler)``).
public struct Router: Handler {
    private var tree = RouteTree()
    /// The middlewares of the group whose routes are being added.
    private var links: [any Middleware] = []

    /// Makes a router without routes.
    public init() {}

    /// Adds a route to a handler of any kind.
    ///
    /// An invalid pattern, and a second route of the same method and shape, are mistakes in the program and stop it (in release
    /// builds as well) with the reason, the patterns, and the places in the source.
    ///
    /// - Parameters:
    ///   - method: The method of the requests.
    ///   - pattern: The paths that match, such as `/users/{id}`.
    ///   - file: The file that the route is added in, for messages.
    ///   - line: The line that the route is added in.
    ///   - handler: What answers.
    public mutating func on(
        _ method: HTTPRequest.Method, _ pattern: String,
        file: StaticString = #fileID, line: UInt = #line,
        _ handler: any Handler
    ) {
        let route = RouteIdentity(method: method, template: pattern, place: "\(file):\(line)")
        do {
            try add(route, handler)
        } catch {
            // Unlike a precondition's, the message appears in release builds too.
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

    /// Adds routes that have middlewares of their own, inside of those of the whole server.
    ///
    /// ```swift
    /// routes.group([BodyLimit(maxBytes: 1 << 30), RequestTimeout(.seconds(300))]) { routes in
    ///     routes.post("/upload") { exchange in … }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - middleware: The middlewares, the outermost first; those of a group around this one are further out.
    ///   - add: Adds the routes.
    public mutating func group(_ middleware: [any Middleware], _ add: (inout Router) -> Void) {
        let around = links
        links += middleware
        add(&self)
        links = around
    }

    /// Chooses the route and runs its handler.
    ///
    /// - Throws: ``HTTPError`` when there is no route, or what the handler throws.
    public func handle(_ exchange: Exchange) async throws {
        // Called only by a handler that wraps the router: a chain keeps the table.
        try await table.answerer(for: exchange).answer(exchange)
    }
}

extension Router: RoutingHandler {
    var table: RouteTable { RouteTable(tree) }
}

/// A handler with middlewares of its own around it, as the routes of a group have; errors pass through to the chain outside.
private struct WrappedHandler: Handler {
    private let chain: MiddlewareChain

    init(_ links: [any Middleware], of route: RouteIdentity, handler: any Handler) {
        chain = MiddlewareChain(links, within: nil, of: route, handler: handler)
    }

    func handle(_ exchange: Exchange) async throws {
        try await Next(chain: chain, index: 0)(exchange)
    }
}

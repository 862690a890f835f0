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
/// one answers: segment by segment from the left, a literal takes precedence over a parameter with literal text
/// around it, that one over a plain parameter, and all of them over `{name...}`. Paths are matched as received,
/// percent-decoded once, segment by segment; ``TrailingSlash`` and ``PathCleaning`` state whether other forms of a
/// path match as well.
///
/// Without a matching `HEAD` route, `HEAD` is answered by the `GET` route, without the body. No route for the path:
/// the fallback (``fallback(file:line:_:)-(_,_,Handler)``) or 404; none for the method: 405 with an `Allow` of all
/// routes that match the path, or 204 with the same `Allow` for `OPTIONS`; a method that no route has and HTTP does
/// not define: 501.
///
/// Every route counts for the 405: with `OPTIONS /{path...}` no path is unknown, and a `GET` that matches no other
/// route is answered with 405 instead of 404, as in net/http and chi. To answer preflight requests (CORS) use a
/// middleware around the router or in a group, which leaves the routes as they are.
///
/// ``mount(_:_:file:line:)`` adds the routes of another router under a prefix. A router may also be the handler of
/// another router's route. Then it matches the whole path again, so its patterns include that of the outer route, and
/// ``RouteParameters`` has the parameters of both. If the outer route is for some methods only, the outer router
/// answers other methods with 405 and an `Allow` of these methods.
///
/// An invalid pattern, and a route that conflicts with an existing one, stop the program when the route is added,
/// with a message that contains the reason and the source location (``on(_:_:file:line:_:)-(_,_,_,_,Handler)``).
public struct Router: Handler {
    /// What a path with a slash at its end means, compared with the same path without it.
    ///
    /// A route that matches a path as it was received always takes precedence. The root `/` has no other form, and
    /// neither has a path that ends in two slashes.
    public enum TrailingSlash: Hashable, Sendable {
        /// They are different paths: `/users/` is not found if there is only `/users`.
        case strict
        /// A request is redirected to the other form of its path if only that matches a route. The status is 308, so
        /// the method is kept, and so is the query (RFC 9110 §15.4.9).
        case redirect
        /// They are the same path. Routes that differ in the slash only conflict.
        case ignore
    }

    /// What happens with a path that has empty segments or dot segments, such as `/a//b`, `/a/./b` and `/a/%2e%2e/b`.
    ///
    /// The clean path is that of RFC 3986 §5.2.4 without empty segments, except a slash at its end. An encoded slash,
    /// `%2F`, is part of a segment, and a backslash is a character like any other.
    public enum PathCleaning: Hashable, Sendable {
        /// Nothing: they are ordinary segments, which no literal matches.
        case off
        /// If the clean path matches a route, the request is redirected to the clean path, with 308 and the query.
        /// Otherwise it gets the same response as a request for the clean path, such as a 404.
        case redirect
        /// The router replaces the path of the request by the clean one before it chooses a route: handlers and the
        /// middlewares of groups see what was matched. Middlewares around the router see the path as received until
        /// they call `next`; let those that decide by the path run in a group, or use ``redirect``.
        case clean
    }

    /// Values that all requests of the service share: see ``ApplicationValues``.
    ///
    /// If this router is the handler of a chain, the middlewares of the chain can read the values as well. Adding
    /// another router, by mounting it or as the handler of a route, adds its values. Two values for the same key that
    /// were set separately stop the program.
    public var application = ApplicationValues()

    var routeSet: RouteSet
    var scope = Scope()

    /// Where routes are added: the prefix, the host and the middlewares of the group.
    struct Scope: Sendable {
        var prefix = ""
        var host: HostPattern?
        var group: RouteGroup?
    }

    /// Creates a router without routes.
    ///
    /// - Parameters:
    ///   - trailingSlash: What a slash at the end of a path means.
    ///   - pathCleaning: What happens with a path that has empty segments or dot segments.
    public init(trailingSlash: TrailingSlash = .strict, pathCleaning: PathCleaning = .off) {
        routeSet = RouteSet(trailingSlash: trailingSlash, pathCleaning: pathCleaning)
    }

    /// Adds a route to a handler of any type.
    ///
    /// An invalid pattern, and a second route of the same method and shape, are mistakes in the program and stop it
    /// (in release builds as well) with the reason, the patterns, and the source locations.
    ///
    /// - Parameters:
    ///   - method: The method of the requests, which may be a custom one.
    ///   - pattern: The paths that match, such as `/users/{id}`; within a group, what follows the prefix.
    ///   - file: The file in which the route is added, for messages.
    ///   - line: The line on which the route is added, for messages.
    ///   - handler: The handler.
    public mutating func on(
        _ method: HTTPRequest.Method, _ pattern: String = "",
        file: StaticString = #fileID, line: UInt = #line,
        _ handler: any Handler
    ) {
        add(.one(method), pattern, file: file, line: line, handler)
    }

    /// Adds a route for a method or every method.
    @usableFromInline
    mutating func add(
        _ method: RouteMethod, _ pattern: String, file: StaticString, line: UInt,
        _ handler: any Handler
    ) {
        stoppingOnError(file: file, line: line) { router in
            let place = "\(file):\(line)"
            let route = RouteIdentity(
                method, host: router.scope.host, template: try router.template(of: pattern),
                place: place)
            try router.add(route, handler)
        }
    }

    /// Adds a route whose template is complete, with the middlewares of the group.
    ///
    /// - Throws: ``RoutePatternError``, ``RouteConflict`` or ``RouterError``.
    mutating func add(_ route: RouteIdentity, _ handler: any Handler) throws {
        if let router = handler as? Router { application = try applicationAdding(router) }
        try routeSet.add(RouteRecord(identity: route, group: scope.group, handler: handler))
    }

    /// Returns the template of a pattern within the group.
    ///
    /// - Throws: ``RoutePatternError`` for a pattern without a slash at its start, which would change the prefix.
    private func template(of pattern: String) throws -> String {
        guard pattern.isEmpty || pattern.hasPrefix("/") else {
            throw RoutePatternError(template: pattern, reason: .noLeadingSlash)
        }
        guard !scope.prefix.isEmpty else { return pattern.isEmpty ? "/" : pattern }
        return pattern.isEmpty || pattern == "/" ? scope.prefix : scope.prefix + pattern
    }

    /// Adds the values of a router within this one.
    ///
    /// - Throws: ``RouterError`` if both have a value for the same key.
    func applicationAdding(_ router: Router) throws -> ApplicationValues {
        var application = application
        if let key = application.add(router.application) { throw RouterError.twoValues(key) }
        return application
    }

    /// Calls a closure that adds something; stops the program if that is a mistake.
    mutating func stoppingOnError(
        file: StaticString, line: UInt, _ body: (inout Router) throws -> Void
    ) {
        Self.stoppingOnError(file: file, line: line) { try body(&self) }
    }

    /// Returns the result of a closure; stops the program if it throws.
    static func stoppingOnError<Result>(
        file: StaticString, line: UInt, _ body: () throws -> Result
    ) -> Result {
        do {
            return try body()
        } catch {
            // Unlike the message of a precondition, this one appears in release builds, too.
            fatalError("\(error) (\(file):\(line))", file: file, line: line)
        }
    }

    /// Chooses the route and runs its handler.
    ///
    /// - Throws: ``HTTPError`` when no route matches, or what the handler throws.
    public func handle(_ exchange: Exchange) async throws {
        // Called only by a handler that wraps the router: a chain caches the table, and sets the values.
        exchange.setApplicationIfAbsent(application.storage)
        try await responderSelector.responder(for: exchange).respond(to: exchange)
    }
}

extension Router: RoutingHandler {
    var responderSelector: any ResponderSelector { RouteTable(routeSet) }
}

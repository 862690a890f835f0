public import HTTPTypes
public import SpoorHTTP

/// A handler that chooses another by method and path.
///
/// ```swift
/// var routes = Router()
/// routes.get("/hello/{name}") { exchange in "Hello, \(exchange.parameters["name"] ?? "you")!\n" }
/// ```
///
/// A literal segment wins over a placeholder. Paths are matched as they came, percent-decoded once, segment by segment;
/// a trailing slash makes another path. `HEAD` is answered by the `GET` route, without the body. No route: 404; none for the
/// method: 405 with `Allow`, or 204 with `Allow` for `OPTIONS`; a method that no route knows and HTTP does not define: 501.
public struct Router: Handler {
    private var tree = RouteTree()
    private var methods: [HTTPRequest.Method] = []
    /// The middlewares of the group whose routes are being added.
    private var links: [any Middleware] = []

    /// Makes a router without routes.
    public init() {}

    /// Adds a route to a handler of any kind.
    ///
    /// Two routes of the same shape and method are a mistake in the program and stop it (precondition).
    public mutating func on(
        _ method: HTTPRequest.Method, _ template: String, _ handler: any Handler
    ) {
        if !methods.contains(method) { methods.append(method) }
        let isNew = tree.add(
            RoutePattern(template), method: method,
            handler: links.isEmpty ? handler : WrappedHandler(links, handler: handler),
            isMounted: handler is any MountedHandler)
        precondition(isNew, "a route \(method) of the shape \(template) is there already")
    }

    /// Adds a route to a closure that awaits nothing and returns the answer.
    @inlinable
    public mutating func on(
        _ method: HTTPRequest.Method, _ template: String,
        _ respond: @escaping @Sendable (Exchange) throws -> some ResponseConvertible
    ) {
        on(method, template, Respond(respond))
    }

    /// Adds a route to a closure that awaits and returns the answer.
    public mutating func on(
        _ method: HTTPRequest.Method, _ template: String,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        on(method, template, RespondAsync(respond))
    }

    /// Adds a route to a closure that answers through `exchange.response`.
    public mutating func on(
        _ method: HTTPRequest.Method, _ template: String,
        _ answer: @escaping @Sendable @concurrent (Exchange) async throws -> Void
    ) {
        on(method, template, RespondStreaming(answer))
    }

    /// Adds routes that have middlewares of their own, inside of those of the whole server.
    ///
    /// ```swift
    /// routes.group([BodyLimit(bytesMax: 1 << 30), RequestTimeout(.seconds(300))]) { routes in
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
        try await route(exchange).answer(exchange)
    }

    /// Chooses the route and notes it on the exchange.
    func route(_ exchange: Exchange) throws -> Answerer {
        let bytes = exchange.request.fields.bytes
        let endpoints = tree.endpoints(
            bytes, path: exchange.request.pathRange, ranges: &exchange.state.value.parameterRanges)
        guard let chosen = choose(endpoints, for: exchange) else {
            guard let first = endpoints.first else { return try unrouted(exchange) }
            exchange.route = first.template
            exchange.didRoute(first.number)
            return try refused(exchange, allowed: endpoints.map(\.method))
        }
        exchange.route = chosen.template
        exchange.state.value.parameterNames = chosen.names
        exchange.didRoute(chosen.number)
        return chosen.answerer
    }

    private func choose(_ endpoints: [RouteTree.Endpoint], for exchange: Exchange)
        -> RouteTree.Endpoint?
    {
        guard let known = exchange.request.knownMethod else {
            let method = exchange.request.method
            return endpoints.first { $0.method == method }
        }
        for endpoint in endpoints where endpoint.answers(known) { return endpoint }
        guard known == .head else { return nil }
        return endpoints.first { $0.answers(.get) }
    }

    private func unrouted(_ exchange: Exchange) throws -> Answerer {
        if exchange.request.targetForm == .asterisk {
            return try refused(exchange, allowed: methods)
        }
        try refuseUnknownMethod(exchange)
        throw HTTPError(.notFound)
    }

    /// RFC 9110 §15.5.6: a 405 lists what is allowed; §9.3.7: so does the answer to OPTIONS.
    private func refused(_ exchange: Exchange, allowed: [HTTPRequest.Method]) throws -> Answerer {
        try refuseUnknownMethod(exchange)
        var allowed = allowed.map(\.rawValue)
        if allowed.contains("GET"), !allowed.contains("HEAD") { allowed.append("HEAD") }
        if !allowed.contains("OPTIONS") { allowed.append("OPTIONS") }
        let fields: Fields = [.allow: allowed.joined(separator: ", ")]
        if exchange.request.knownMethod == .options {
            return Answerer(
                Respond { _ in Response(status: .noContent, fields: fields) })
        }
        throw HTTPError(.methodNotAllowed, fields: fields)
    }

    /// RFC 9110 §9.1: a method that the server does not recognise at all is answered with 501.
    private func refuseUnknownMethod(_ exchange: Exchange) throws {
        guard exchange.request.knownMethod == nil else { return }
        guard methods.contains(exchange.request.method) else {
            throw HTTPError(.notImplemented)
        }
    }
}

// MARK: - The usual methods

extension Router {
    /// Adds a `GET` route to a closure that awaits nothing and returns the answer.
    @inlinable
    public mutating func get(
        _ template: String,
        _ respond: @escaping @Sendable (Exchange) throws -> some ResponseConvertible
    ) {
        on(.get, template, respond)
    }

    /// Adds a `GET` route to a closure that awaits and returns the answer.
    public mutating func get(
        _ template: String,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        on(.get, template, respond)
    }

    /// Adds a `GET` route to a closure that answers through `exchange.response`.
    public mutating func get(
        _ template: String,
        _ answer: @escaping @Sendable @concurrent (Exchange) async throws -> Void
    ) {
        on(.get, template, answer)
    }

    /// Adds a `POST` route to a closure that awaits and returns the answer.
    public mutating func post(
        _ template: String,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        on(.post, template, respond)
    }

    /// Adds a `POST` route to a closure that answers through `exchange.response`.
    public mutating func post(
        _ template: String,
        _ answer: @escaping @Sendable @concurrent (Exchange) async throws -> Void
    ) {
        on(.post, template, answer)
    }

    /// Adds a `PUT` route to a closure that awaits and returns the answer.
    public mutating func put(
        _ template: String,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        on(.put, template, respond)
    }

    /// Adds a `DELETE` route to a closure that awaits and returns the answer.
    public mutating func delete(
        _ template: String,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        on(.delete, template, respond)
    }
}

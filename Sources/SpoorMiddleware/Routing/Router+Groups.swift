public import SpoorHTTP

/// Groups of routes with a prefix, a host or middlewares in common.
extension Router {
    /// Adds routes with additional middlewares, which run inside those of the server.
    ///
    /// ```swift
    /// routes.group([BodyLimit(maxBytes: 1 << 30), RequestTimeout(.seconds(300))]) { routes in
    ///     routes.post("/upload") { exchange in … }
    /// }
    /// ```
    ///
    /// The middlewares run for the routes of the group and for its fallback; and for a 405, an `OPTIONS` or a redirect
    /// that the router answers for a path that only routes of the group match. They do not run for the 404 of a path
    /// that no route matches, nor for routes that are added to the router outside of the group.
    ///
    /// - Parameters:
    ///   - middleware: The middlewares, the outermost first; those of an enclosing group are further out.
    ///   - add: Adds the routes.
    public mutating func group(
        _ middleware: [any Middleware], _ add: (inout Router) throws -> Void
    ) rethrows {
        try addGroup(middleware, add) { _ in }
    }

    /// Adds routes whose paths begin with a prefix, and which may have additional middlewares.
    ///
    /// ```swift
    /// routes.group("/orders", [RequireLogin()]) { orders in
    ///     orders.get { exchange in … }           // GET /orders
    ///     orders.get("/{id}") { exchange in … }  // GET /orders/{id}
    /// }
    /// ```
    ///
    /// Without a pattern, or with the pattern `/`, a route is for the prefix itself. An invalid prefix stops the program,
    /// as an invalid pattern does: see ``on(_:_:file:line:_:)-(_,_,_,_,Handler)``.
    ///
    /// - Parameters:
    ///   - prefix: The beginning of the patterns, such as `/orders` or `/tenants/{tenant}`: whole segments, without a
    ///     slash at the end. It follows the prefix of an enclosing group.
    ///   - middleware: The middlewares, the outermost first: see ``group(_:_:)``.
    ///   - file: The file in which the group is added, for messages.
    ///   - line: The line on which the group is added, for messages.
    ///   - add: Adds the routes.
    public mutating func group(
        _ prefix: String, _ middleware: [any Middleware] = [],
        file: StaticString = #fileID, line: UInt = #line,
        _ add: (inout Router) throws -> Void
    ) rethrows {
        var whole = scope.prefix
        stoppingOnError(file: file, line: line) { router in
            whole = try router.prefix(adding: prefix)
        }
        try addGroup(middleware, add) { $0.prefix = whole }
    }

    /// Adds routes for requests to a host, which may have additional middlewares.
    ///
    /// ```swift
    /// routes.host("api.example.com") { api in api.get("/orders") { exchange in … } }
    /// routes.host("*.example.com") { tenants in tenants.get { exchange in … } }
    /// ```
    ///
    /// The host is that of the request's target or of its `Host` header (RFC 9112 §3.2.2), compared without case,
    /// port and dot at the end. `*.example.com` is for all names below the domain, also those of several labels, but
    /// not for the domain itself. A name takes precedence over such a pattern, a longer domain over a shorter one, and
    /// all of them over routes without a host, which are for all hosts.
    ///
    /// The header is chosen by the client: behind a proxy, restrict there which hosts are forwarded. A host that is not
    /// a name, a pattern of this form or an IP address (IPv6 in brackets) stops the program, and so does a host within
    /// another.
    ///
    /// - Parameters:
    ///   - host: The host, without a port.
    ///   - middleware: The middlewares, the outermost first: see ``group(_:_:)``.
    ///   - file: The file in which the routes are added, for messages.
    ///   - line: The line on which the routes are added, for messages.
    ///   - add: Adds the routes.
    public mutating func host(
        _ host: String, _ middleware: [any Middleware] = [],
        file: StaticString = #fileID, line: UInt = #line,
        _ add: (inout Router) throws -> Void
    ) rethrows {
        var pattern: HostPattern?
        stoppingOnError(file: file, line: line) { router in
            pattern = try router.nestedHost(HostPattern(host))
        }
        try addGroup(middleware, add) { $0.host = pattern }
    }

    private mutating func addGroup(
        _ middleware: [any Middleware], _ add: (inout Router) throws -> Void,
        _ change: (inout Scope) -> Void
    ) rethrows {
        let outerScope = scope
        change(&scope)
        if !middleware.isEmpty { scope.group = RouteGroup(middleware, within: outerScope.group) }
        defer { scope = outerScope }
        try add(&self)
    }

    /// Returns the prefix of this scope, followed by another one.
    ///
    /// - Throws: ``RoutePatternError`` or ``RouterError``.
    func prefix(adding prefix: String) throws -> String {
        guard !prefix.isEmpty, prefix != "/" else { return scope.prefix }
        let pattern = try RoutePattern(prefix)
        guard pattern.segments.last != .literal([]) else { throw RouterError.prefixSlash(prefix) }
        guard !pattern.segments.contains(.rest) else { throw RouterError.prefixRest(prefix) }
        // Parsed together, because a parameter with the same name in both prefixes is an error.
        return try RoutePattern(scope.prefix + prefix).template
    }

    /// Returns a host as that of this scope.
    ///
    /// - Throws: ``RouterError`` if the scope has a host already.
    func nestedHost(_ host: HostPattern) throws -> HostPattern {
        if let outer = scope.host {
            throw RouterError.nestedHost(host.description, outer.description)
        }
        return host
    }
}

// MARK: - Fallbacks

extension Router {
    /// Adds the handler for paths that no route matches, instead of a 404.
    ///
    /// ```swift
    /// routes.fallback { exchange in Response(status: .notFound, text: "There is no \(exchange.request.path)\n") }
    /// ```
    ///
    /// The status is that of the response: return 404 unless the path exists. In a group with a prefix, it handles the
    /// prefix and the paths below it, at the boundary of a segment; of several fallbacks, the one with the most
    /// specific prefix handles the request. For a host it handles all paths that no route of that host matches. It has
    /// the precedence of a route `/{path...}` under the same prefix.
    ///
    /// It handles neither a path that routes for other methods match (405) nor a 404 that a handler throws. It runs
    /// within the middlewares of its group. ``Exchange/route`` is nil, and there are no parameters. A second fallback
    /// for the same prefix and host stops the program.
    public mutating func fallback(
        file: StaticString = #fileID, line: UInt = #line, _ handler: any Handler
    ) {
        stoppingOnError(file: file, line: line) { router in
            let route = RouteIdentity(
                .any, host: router.scope.host,
                template: router.scope.prefix.isEmpty ? "/" : router.scope.prefix,
                place: "\(file):\(line)", kind: .fallback)
            try router.add(route, handler)
        }
    }

    /// Adds a synchronous closure for paths that no route matches: see ``fallback(file:line:_:)-(_,_,Handler)``.
    @inlinable
    public mutating func fallback(
        file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable (Exchange) throws -> some ResponseConvertible
    ) {
        fallback(file: file, line: line, SyncHandler(respond))
    }

    /// Adds an asynchronous closure for paths that no route matches: see
    /// ``fallback(file:line:_:)-(_,_,Handler)``.
    public mutating func fallback(
        file: StaticString = #fileID, line: UInt = #line,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        fallback(file: file, line: line, AsyncHandler(respond))
    }

    /// Not available: the closure's value is not a response.
    @available(
        *, unavailable,
        message:
            "the closure returns no response: return a Response, a String, [UInt8], a status, an optional of these (nil is 404) or another ResponseConvertible (where a closure only throws, write { _ -> Response in throw … }); to write through exchange.response, use StreamingHandler"
    )
    public mutating func fallback<Value>(
        file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
    ) {}
}

// MARK: - Mounting

extension Router {
    /// Adds the routes of another router, or another handler, under a prefix.
    ///
    /// ```swift
    /// routes.mount("/admin", adminRoutes)                          // a Router: its GET /users is GET /admin/users
    /// routes.mount("/assets", StaticFiles(directory: "Public"))    // any handler: every method, all paths below
    /// ```
    ///
    /// The routes of a router are added as if it were a group of this one: with their hosts, their middlewares and its
    /// fallback. So precedence, 405 and conflicts are the same as without mounting. Routes that are added to the
    /// mounted router later are not included. Its ``TrailingSlash`` and ``PathCleaning`` must be the default ones or
    /// those of this router, which apply to the whole path.
    ///
    /// Any other handler handles the prefix and all paths below it, at the boundary of a segment: `/assets` matches
    /// `/assets` and `/assets/a`, but not `/assetsx`. The rest of the path is the parameter `path`; the path of the
    /// request stays the whole one.
    ///
    /// - Parameters:
    ///   - prefix: The beginning of the paths, as of a group; empty for none.
    ///   - handler: The router or the handler.
    ///   - file: The file in which it is mounted, for messages.
    ///   - line: The line on which it is mounted, for messages.
    public mutating func mount(
        _ prefix: String, _ handler: any Handler,
        file: StaticString = #fileID, line: UInt = #line
    ) {
        stoppingOnError(file: file, line: line) { router in
            let place = "\(file):\(line)"
            if let mounted = handler as? Router {
                return try router.mount(mounted, at: prefix, place: place)
            }
            let route = RouteIdentity(
                .any, host: router.scope.host,
                template: try router.prefix(adding: prefix) + "/{path...}", place: place,
                kind: .mount)
            try router.add(route, handler)
        }
    }

    /// Adds the routes of another router.
    ///
    /// - Throws: ``RoutePatternError``, ``RouteConflict`` or ``RouterError``.
    mutating func mount(_ mounted: Router, at prefix: String, place: String) throws {
        try checkRules(of: mounted)
        application = try applicationAdding(mounted)
        let outerScope = scope
        defer { scope = outerScope }
        scope.prefix = try self.prefix(adding: prefix)
        var groups: [ObjectIdentifier: RouteGroup] = [:]
        for record in mounted.routeSet.records {
            let inner = record.identity
            let route = RouteIdentity(
                inner.method, host: try inner.host.map(nestedHost) ?? scope.host,
                template: scope.template(of: inner), place: "\(inner.place), mounted at \(place)",
                kind: inner.kind)
            let group = copy(of: record.group, &groups)
            try routeSet.add(RouteRecord(identity: route, group: group, handler: record.handler))
        }
    }

    /// Returns a group of a mounted router within the group of this scope.
    private func copy(
        of group: RouteGroup?, _ copies: inout [ObjectIdentifier: RouteGroup]
    ) -> RouteGroup? {
        guard let group else { return scope.group }
        if let copy = copies[ObjectIdentifier(group)] { return copy }
        let copy = RouteGroup(group.ownMiddlewares, within: self.copy(of: group.parent, &copies))
        copies[ObjectIdentifier(group)] = copy
        return copy
    }

    private func checkRules(of mounted: Router) throws(RouterError) {
        let slash = mounted.routeSet.trailingSlash
        guard slash == .strict || slash == routeSet.trailingSlash else {
            throw .differentRule(
                "trailingSlash: .\(slash)", "trailingSlash: .\(routeSet.trailingSlash)")
        }
        let cleaning = mounted.routeSet.pathCleaning
        guard cleaning == .off || cleaning == routeSet.pathCleaning else {
            throw .differentRule(
                "pathCleaning: .\(cleaning)", "pathCleaning: .\(routeSet.pathCleaning)")
        }
    }
}

extension Router.Scope {
    /// Returns the template of a route of a mounted router.
    fileprivate func template(of route: RouteIdentity) -> String {
        guard !prefix.isEmpty else { return route.template }
        return route.template == "/" ? prefix : prefix + route.template
    }
}

/// A mistake in the structure of a router.
enum RouterError: Error, Hashable, CustomStringConvertible {
    case prefixSlash(String)
    case prefixRest(String)
    case nestedHost(String, String)
    case differentRule(String, String)
    case twoValues(String)

    var description: String {
        switch self {
        case .prefixSlash(let prefix):
            "the prefix \"\(prefix)\" ends in a slash: write \"\(prefix.dropLast())\", since patterns begin with one"
        case .prefixRest(let prefix):
            "the prefix \"\(prefix)\" has a parameter for the rest of the path, which only a route may have at its end"
        case .nestedHost(let inner, let outer):
            "the routes of the host \(inner) are added to those of the host \(outer): a request has one host"
        case .differentRule(let inner, let outer):
            "a router with \(inner) is mounted in one with \(outer): set it for the outer one, whose rules apply to the whole path"
        case .twoValues(let key):
            "both the router and one that is added to it have a value for the key \(key): set it once, for the outer one"
        }
    }
}

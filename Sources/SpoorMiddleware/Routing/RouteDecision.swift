import HTTPTypes
import SpoorHTTP
import SpoorText

/// What a router does with a request; decided from its head alone.
enum RouteDecision {
    /// The route's handler answers.
    case route(RouteEndpoint)
    /// No route matches the path; the fallback answers.
    case fallback(RouteEndpoint)
    /// The path has another form, of which this is the route: 308 to the path and the query in that form.
    case redirect(to: String, RouteEndpoint)
    /// Routes match the path, but none matches the method: 405, or 204 to `OPTIONS`.
    case otherMethods([RouteEndpoint])
    /// The target is `*`, of an `OPTIONS` request about the whole server (RFC 9110 §9.3.7).
    case allMethods
    /// 404.
    case notFound
    /// 501.
    case notImplemented
}

extension RouteSet {
    /// Decides about a request.
    ///
    /// - Parameter ranges: Empty; receives the positions of the parameters' values of a route, in order.
    func decide(_ request: Request, ranges: inout [Range<Int>]) -> RouteDecision {
        if request.targetForm == .asterisk {
            return isUnknownMethod(request) ? .notImplemented : .allMethods
        }
        guard pathCleaning == .redirect,
            let cleaned = PathCleaner.clean(request.head.bytes, request.pathRange)
        else {
            let found = find(
                request, request.head.bytes, request.pathRange, ranges: &ranges)
            return found ?? undecided(request, request.head.bytes, request.pathRange)
        }
        // The positions would be those in the cleaned path, which the request does not contain.
        var unused: [Range<Int>] = []
        guard let found = find(request, cleaned, cleaned.indices, ranges: &unused) else {
            return undecided(request, cleaned, cleaned.indices)
        }
        guard case .route(let endpoint) = found else { return found }
        return .redirect(to: request.reference(toPath: cleaned), endpoint)
    }

    /// Returns the decision for a path that a route of the method matches, with or without a slash at its end; nil if
    /// there is none.
    private func find(
        _ request: Request, _ bytes: [UInt8], _ path: Range<Int>, ranges: inout [Range<Int>]
    ) -> RouteDecision? {
        let endpoint = endpoint(request, bytes, path, ranges: &ranges)
        if case .route? = endpoint { return endpoint }
        guard trailingSlash == .redirect else { return endpoint }
        var unused: [Range<Int>] = []
        guard
            case .route(let target)? = self.endpoint(
                request, bytes, path, ending: .toggled, ranges: &unused)
        else {
            guard case .fallback? = endpoint else { return endpoint }
            // A path that differs by the slash only is not unknown.
            return isKnown(request, bytes, path, ending: .toggled) ? nil : endpoint
        }
        ranges.removeAll(keepingCapacity: true)
        return .redirect(to: request.reference(toPath: Self.toggled(bytes[path])), target)
    }

    private static func toggled(_ path: ArraySlice<UInt8>) -> [UInt8] {
        path.last == .slash ? Array(path.dropLast()) : path + [.slash]
    }

    /// Returns the route or the fallback of a path.
    private func endpoint(
        _ request: Request, _ bytes: [UInt8], _ path: Range<Int>,
        ending: RouteSearch.Ending = .asReceived, ranges: inout [Range<Int>]
    ) -> RouteDecision? {
        guard let method = request.knownMethod else {
            return endpoint(
                request, bytes, path, .custom(request.method), ending, ranges: &ranges)
        }
        guard method == .head else {
            return endpoint(request, bytes, path, .known(method), ending, ranges: &ranges)
        }
        return endpoint(request, bytes, path, .exactly(.head), ending, ranges: &ranges)
            ?? endpoint(request, bytes, path, .known(.get), ending, ranges: &ranges)
    }

    private func endpoint(
        _ request: Request, _ bytes: [UInt8], _ path: Range<Int>, _ method: RouteSearch.Method,
        _ ending: RouteSearch.Ending, ranges: inout [Range<Int>]
    ) -> RouteDecision? {
        guard var search = search(bytes, path, method, ending) else { return nil }
        // The memory of the exchange is used, and kept.
        swap(&search.ranges, &ranges)
        defer { swap(&search.ranges, &ranges) }
        guard self.search(&search, of: request), let found = search.found else { return nil }
        guard search.hasFoundFallback else { return .route(found) }
        search.ranges.removeAll(keepingCapacity: true)
        return .fallback(found)
    }

    private func search(
        _ bytes: [UInt8], _ path: Range<Int>, _ method: RouteSearch.Method,
        _ ending: RouteSearch.Ending
    ) -> RouteSearch? {
        RouteSearch(
            bytes, path: path, for: method, ending: ending,
            ignoresTrailingSlash: trailingSlash == .ignore)
    }

    // MARK: No route

    /// Returns the decision for a request that no route and no fallback handles.
    private func undecided(
        _ request: Request, _ bytes: [UInt8], _ path: Range<Int>
    ) -> RouteDecision {
        // RFC 9110 §9.1: a method that the server does not recognise is answered with 501.
        if isUnknownMethod(request) { return .notImplemented }
        let matching = endpoints(request, bytes, path, ending: .asReceived)
        if !matching.isEmpty { return .otherMethods(matching) }
        guard trailingSlash == .redirect else { return .notFound }
        let others = endpoints(request, bytes, path, ending: .toggled)
        return others.isEmpty ? .notFound : .otherMethods(others)
    }

    private func isUnknownMethod(_ request: Request) -> Bool {
        request.knownMethod == nil && !has(request.method)
    }

    private func isKnown(
        _ request: Request, _ bytes: [UInt8], _ path: Range<Int>, ending: RouteSearch.Ending
    ) -> Bool {
        !endpoints(request, bytes, path, ending: ending).isEmpty
    }

    /// Returns the endpoints of all routes that match a path, whatever the method, the most specific first.
    private func endpoints(
        _ request: Request, _ bytes: [UInt8], _ path: Range<Int>, ending: RouteSearch.Ending
    ) -> [RouteEndpoint] {
        guard var search = search(bytes, path, .none, ending) else { return [] }
        _ = self.search(&search, of: request)
        return search.collected
    }
}

import HTTPTypes
import SpoorHTTP
import SpoorText

/// All routes of a router: those for all hosts, those of each host, and the rules for paths that match none as they are.
///
/// Mounting a router adds its routes here, under a prefix; so a conflict is found, and a 405 lists the methods,
/// whichever router a route comes from.
struct RouteSet: Sendable {
    let trailingSlash: Router.TrailingSlash
    let pathCleaning: Router.PathCleaning

    /// The routes for all hosts.
    private(set) var tree: RouteTree
    /// The routes of each host, in the order in which they are tried.
    private(set) var hosts: [HostRoutes] = []
    /// What was added, in order.
    private(set) var records: [RouteRecord] = []

    /// The routes of one host.
    struct HostRoutes: Sendable {
        let host: HostPattern
        var tree: RouteTree
    }

    init(trailingSlash: Router.TrailingSlash, pathCleaning: Router.PathCleaning) {
        self.trailingSlash = trailingSlash
        self.pathCleaning = pathCleaning
        tree = RouteTree(ignoresTrailingSlash: trailingSlash == .ignore)
    }

    /// The methods of all routes, in the order in which they were added; for a route of every method the common ones.
    private(set) var methods: [HTTPRequest.Method] = []
    /// Whether there is a route for every method.
    private var hasRouteForAnyMethod = false

    /// Returns whether a route is for this method.
    func has(_ method: HTTPRequest.Method) -> Bool {
        hasRouteForAnyMethod || methods.contains(method)
    }

    /// Adds a route, or a fallback.
    ///
    /// - Throws: ``RoutePatternError`` or ``RouteConflict``.
    mutating func add(_ record: RouteRecord) throws {
        if let host = record.identity.host {
            let index = hosts.firstIndex { $0.host == host } ?? addHost(host)
            try record.add(to: &hosts[index].tree)
        } else {
            try record.add(to: &tree)
        }
        records.append(record)
        guard record.identity.kind != .fallback else { return }
        switch record.identity.method {
        case .one(let method):
            if !methods.contains(method) { methods.append(method) }
        case .any:
            hasRouteForAnyMethod = true
            let common = KnownMethod.allCases.filter { $0 != .connect }.map(\.method)
            methods += common.filter { !methods.contains($0) }
        }
    }

    private mutating func addHost(_ host: HostPattern) -> Int {
        let place = hosts.firstIndex { $0.host.rank < host.rank } ?? hosts.endIndex
        let tree = RouteTree(ignoresTrailingSlash: trailingSlash == .ignore)
        hosts.insert(HostRoutes(host: host, tree: tree), at: place)
        return place
    }

    /// Makes searches fast, after the last route was added.
    mutating func index() {
        tree.index()
        for index in hosts.indices { hosts[index].tree.index() }
    }

    // MARK: Searching

    /// Continues a search in all trees whose hosts match, the most specific first; returns whether an endpoint was
    /// found.
    func search(_ search: inout RouteSearch, of request: Request) -> Bool {
        if !hosts.isEmpty, let place = request.authorityPlace {
            let requested = RequestedHost(request.head.bytes, authority: place)
            for index in hosts.indices where hosts[index].host.matches(requested) {
                if hosts[index].tree.search(&search) { return true }
            }
        }
        return tree.search(&search)
    }
}

/// A route as it was added, from which a router that mounts this one makes its own.
struct RouteRecord: Sendable {
    let identity: RouteIdentity
    /// The group that the route was added in, if any.
    let group: RouteGroup?
    /// The handler, without the middlewares of the group.
    let handler: any Handler

    /// Adds the route to a tree.
    ///
    /// - Throws: ``RoutePatternError`` or ``RouteConflict``.
    fileprivate func add(to tree: inout RouteTree) throws {
        let isRoot = identity.kind == .fallback && identity.template == "/"
        let pattern = isRoot ? nil : try RoutePattern(identity.template)
        let endpoint = RouteEndpoint(
            identity, names: identity.kind == .fallback ? [] : pattern?.names ?? [], group: group,
            handler: handler)
        guard let pattern, identity.kind != .fallback else {
            return try tree.addFallback(at: pattern, endpoint)
        }
        let isMounted = identity.kind == .mount || handler is any MountedHandler
        try tree.add(pattern, endpoint, isMounted: isMounted)
    }
}

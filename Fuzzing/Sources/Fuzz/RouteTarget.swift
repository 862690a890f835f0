import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorText

/// The head of a request, after a byte that selects the rules of the router: it has one route, which a redirect leads
/// to in one step, on the same host.
func fuzzRoute(_ input: Span<UInt8>) {
    guard !input.isEmpty else { return }
    var parser = RequestHeadParser(limits: .loose)
    var request = Request()
    guard case .complete? = try? parser.parse(input.extracting(1..<input.count), into: &request)
    else { return }
    let matcher = matchers[Int(input[0]) % matchers.count]
    switch matcher.outcome(of: request) {
    case .route(_, let values):
        precondition(values.reduce(0) { $0 + $1.count } <= request.path.utf8.count, "grew")
    case .redirect(let location, let template):
        checkReference(location)
        precondition(location.utf8.count <= 3 * request.target.utf8.count + 3, "grew")
        let next = redirected(request, to: location)
        guard case .route(template, _) = matcher.outcome(of: next) else {
            preconditionFailure("not the route that the redirect is for")
        }
    case .otherMethods(let methods): precondition(!methods.isEmpty)
    case .fallback, .notFound, .notImplemented: break
    }
}

/// A router for each combination of the rules.
private let matchers: [RouteMatcher] = {
    let slashes: [Router.TrailingSlash] = [.strict, .redirect, .ignore]
    let cleanings: [Router.PathCleaning] = [.off, .redirect, .clean]
    return slashes.flatMap { slash in cleanings.map { RouteMatcher(router(slash, $0)) } }
}()

private func router(
    _ slash: Router.TrailingSlash, _ cleaning: Router.PathCleaning
) -> Router {
    var router = Router(trailingSlash: slash, pathCleaning: cleaning)
    let handler = SyncHandler { _ in Response() }
    for pattern in ["/", "/a", "/a/{x}", "/a/b/", "/b/{x}/{y}/", "/c{x}.j", "/d/{x...}", "/%2f"] {
        router.get(pattern, handler)
    }
    for index in 0..<9 { router.put("/e/\(index)", handler) }
    router.any("/f", handler)
    router.group("/g") { group in
        group.post("/{x}", handler)
        group.fallback(handler)
    }
    for host in ["a", "*.a", "*.b.a", "[::1]"] {
        router.host(host) { $0.get("/h/{x}", handler) }
    }
    return router
}

/// A reference that a browser resolves to the same host.
private func checkReference(_ location: String) {
    let bytes = Array(location.utf8)
    precondition(bytes.first == .slash, "not a path")
    precondition(bytes.count < 2 || bytes[1] != .slash, "another host")
    precondition(bytes.allSatisfy { $0.isVisible && $0 != .backslash && $0 != .numberSign })
}

/// The request that a client sends to follow a redirect.
private func redirected(_ request: Request, to location: String) -> Request {
    var next = request
    let start = next.head.bytes.count
    next.head.bytes += Array(location.utf8)
    next.targetRange = start..<next.head.bytes.count
    let mark = next.head.bytes[start...].firstIndex(of: .questionMark)
    next.pathRange = start..<(mark ?? next.head.bytes.count)
    next.queryRange = mark.map { $0 + 1..<next.head.bytes.count }
    return next
}

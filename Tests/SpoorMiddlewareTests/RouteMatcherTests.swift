import HTTPTypes
import SpoorHTTP
import SpoorText
import TestSupport
import Testing

@testable import SpoorMiddleware

/// Compares the decisions of random routers with a slow model and with each other.
@Suite struct RouteMatcherTests {
    private static let segments = [
        "a", "b", "ab", "acb", "c", "d", "e", "f", "g", "h", "{p}", "a{p}", "{p}b", "a{p}b",
    ]
    private static let requested = [
        "a", "b", "ab", "acb", "ac", "cb", "", ".", "..", "%61", "a%62", "%2e", "%2E.", "h", "g",
        "\\", "a%2Fb", "%",
    ]
    private static let methods: [RouteMethod] = [.one(.get), .one(.put), .any]

    private typealias Generator = SeededGenerator

    private static func pattern(_ generator: inout Generator) -> String {
        var pattern = ""
        for index in 0..<Int.random(in: 1...3, using: &generator) {
            let segment = segments.randomElement(using: &generator) ?? "a"
            pattern += "/" + segment.replacing("{p}", with: "{p\(index)}")
        }
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return pattern + "/{rest...}"
        case 1: return pattern + "/"
        default: return pattern
        }
    }

    private static func router(
        _ slash: Router.TrailingSlash, _ cleaning: Router.PathCleaning,
        _ generator: inout Generator
    ) -> Router {
        var router = Router(trailingSlash: slash, pathCleaning: cleaning)
        for _ in 0..<Int.random(in: 2...20, using: &generator) {
            let method = methods.randomElement(using: &generator) ?? .any
            let route = RouteIdentity(method, template: pattern(&generator), place: "")
            // A route that conflicts with another one is not added.
            try? router.add(route, SyncHandler { _ in "" })
        }
        return router
    }

    /// A target of random segments, or one that is likely to match a route.
    private static func target(_ router: Router, _ generator: inout Generator) -> String {
        if Bool.random(using: &generator),
            let route = router.routes.randomElement(using: &generator)
        {
            let value = requested.randomElement(using: &generator) ?? ""
            return route.pattern.replacing(/{.*?}/, with: value)
        }
        let count = Int.random(in: 1...4, using: &generator)
        let path = (0..<count).map { _ in requested.randomElement(using: &generator) ?? "" }
        return "/" + path.joined(separator: "/")
            + (Bool.random(using: &generator) ? "?q=//a" : "")
    }

    private static let rules: [(Router.TrailingSlash, Router.PathCleaning)] =
        Router.TrailingSlash.allTested.flatMap { slash in
            [Router.PathCleaning.off, .redirect, .clean].map { (slash, $0) }
        }

    @Test(arguments: rules)
    func `the common case and the search decide the same`(
        slash: Router.TrailingSlash, cleaning: Router.PathCleaning
    ) {
        var generator = SeededGenerator(seed: 31)
        var common = 0
        for _ in 0..<40 {
            let router = Self.router(slash, cleaning, &generator)
            let matcher = RouteMatcher(router)
            var tree = router.routeSet.tree
            tree.index()
            for _ in 0..<40 {
                let request = Request.stub(.get, Self.target(router, &generator))
                var cleaned = request
                if cleaning != .off { cleaned.cleanPath() }
                let exchange = Exchange.stub(cleaned, over: RecordingTransport())
                guard let endpoint = tree.mostSpecificEndpoint(for: exchange) else {
                    #expect(exchange.state.value.parameterRanges.isEmpty)
                    continue
                }
                common += 1
                let values = exchange.state.value.parameterRanges.map {
                    Array(cleaned.headers.bytes[$0])
                }
                #expect(
                    matcher.outcome(of: cleaned) == .route(endpoint.route.template, values),
                    "\(request.target) of \(router)")
            }
        }
        #expect(common > 100)
    }

    @Test(arguments: rules)
    func `a redirect leads to its route in one step, on the same host and with the query`(
        slash: Router.TrailingSlash, cleaning: Router.PathCleaning
    ) {
        var generator = SeededGenerator(seed: 32)
        var redirects = 0
        for _ in 0..<40 {
            let router = Self.router(slash, cleaning, &generator)
            let matcher = RouteMatcher(router)
            for _ in 0..<40 {
                let target = Self.target(router, &generator)
                guard
                    case .redirect(let location, let template) = matcher.outcome(
                        of: .stub(.get, target))
                else { continue }
                redirects += 1
                #expect(location.hasPrefix("/"))
                #expect(!location.hasPrefix("//") && !location.contains("\\"))
                #expect(location.contains("?") == target.contains("?"))
                #expect(location.hasSuffix("?q=//a") == target.hasSuffix("?q=//a"))
                guard case .route(template, _) = matcher.outcome(of: .stub(.get, location)) else {
                    Issue.record("\(target) to \(location), not to \(template), of \(router)")
                    continue
                }
            }
        }
        #expect((redirects > 0) == (slash == .redirect || cleaning == .redirect))
    }

    @Test(arguments: Router.TrailingSlash.allTested)
    func `decides like a comparison with each route`(slash: Router.TrailingSlash) {
        var generator = SeededGenerator(seed: 33)
        for _ in 0..<40 {
            let router = Self.router(slash, .off, &generator)
            let matcher = RouteMatcher(router)
            for _ in 0..<40 {
                let request = Request.stub(.get, Self.target(router, &generator))
                let expected = Self.model(router, request.path, slash)
                let outcome = matcher.outcome(of: request)
                switch outcome {
                case .route(let template, _): #expect(expected.same.contains(template))
                case .redirect(_, let template):
                    #expect(expected.same.isEmpty && expected.toggled.contains(template))
                case .otherMethods:
                    #expect(expected.same.isEmpty && expected.toggled.isEmpty && expected.isKnown)
                case .notFound:
                    #expect(
                        expected.same.isEmpty && expected.toggled.isEmpty && !expected.isKnown)
                case .fallback, .notImplemented: Issue.record("\(outcome)")
                }
            }
        }
    }

    /// The routes for `GET` that match a path, and those that match its other form.
    private static func model(
        _ router: Router, _ path: String, _ slash: Router.TrailingSlash
    ) -> (same: [String], toggled: [String], isKnown: Bool) {
        let other: String? =
            path == "/" || path.hasSuffix("//")
            ? nil : path.hasSuffix("/") ? String(path.dropLast()) : path + "/"
        var paths = [path]
        if slash == .ignore, let other { paths.append(other) }
        let matching = router.routes.filter { route in
            paths.contains { matches($0, route.pattern) }
        }
        let toggled = router.routes.filter { route in
            slash == .redirect && other.map { matches($0, route.pattern) } == true
        }
        func forGet(_ routes: [RouteDescription]) -> [String] {
            routes.filter { $0.method == nil || $0.method == .get }.map(\.pattern)
        }
        return (forGet(matching), forGet(toggled), !(matching + toggled).isEmpty)
    }

    /// Whether a path matches a pattern, compared segment by segment.
    private static func matches(_ path: String, _ pattern: String) -> Bool {
        let parts = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            .map { PercentEncoding.decodedText($0.utf8) }
        for (index, part) in parts.enumerated() {
            if part == "{rest...}" { return segments.count > index }
            guard index < segments.count else { return false }
            guard let open = part.firstIndex(of: "{"), let close = part.firstIndex(of: "}") else {
                if segments[index] == part { continue }
                return false
            }
            let prefix = part[..<open]
            let suffix = part[close...].dropFirst()
            guard segments[index].count > prefix.count + suffix.count,
                segments[index].hasPrefix(prefix), segments[index].hasSuffix(suffix)
            else { return false }
        }
        return parts.count == segments.count
    }

    @Test func `a router with many routes finds each of them, and no others`() {
        var router = Router()
        let words = (0..<500).map { "r\($0)" }
        for word in words {
            router.group("/api") { $0.get("/\(word)") { _ in "" } }
            router.put("/\(word)/{id}/\(word)") { _ in "" }
        }
        let matcher = RouteMatcher(router)
        for word in words {
            #expect(
                matcher.outcome(of: .stub(.get, "/api/\(word)")) == .route("/api/\(word)", []))
            #expect(
                matcher.outcome(of: .stub(.get, "/api/%72\(word.dropFirst())"))
                    == .route("/api/\(word)", []))
            #expect(
                matcher.outcome(of: .stub(.put, "/\(word)/7/\(word)"))
                    == .route("/\(word)/{id}/\(word)", [Array("7".utf8)]))
            #expect(matcher.outcome(of: .stub(.get, "/api/\(word)x")) == .notFound)
            #expect(
                matcher.outcome(of: .stub(.get, "/\(word)/7/\(word)")) == .otherMethods(["PUT"]))
        }
        #expect(matcher.outcome(of: .stub(.get, "/api/")) == .notFound)
        #expect(matcher.outcome(of: .stub(.get, "/api/r")) == .notFound)
    }

    @Test(
        arguments: [
            (HTTPRequest.Method.head, "/get", 200, nil), (.head, "/post", 405, "POST, OPTIONS"),
            (.delete, "/get", 405, "GET, HEAD, OPTIONS"),
            (.options, "/get", 204, "GET, HEAD, OPTIONS"),
            (.options, "/post", 204, "POST, OPTIONS"),
        ] as [(HTTPRequest.Method, String, Int, String?)])
    func `Allow lists what would be answered`(
        method: HTTPRequest.Method, target: String, status: Int, allow: String?
    ) async throws {
        var routes = Router()
        routes.get("/get") { _ in "" }
        routes.post("/post") { _ in "" }
        let response = try await RouterResponse(of: routes, method, target)
        #expect(response.status == status)
        #expect(response.allow == allow)
    }
}

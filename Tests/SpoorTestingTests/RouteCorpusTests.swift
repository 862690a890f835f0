import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import TestSupport
import Testing

/// The inputs of the fuzz target `route`: heads of requests, decided by routers with all rules without a trap.
@Suite struct RouteCorpusTests {
    private static func matcher(
        _ slash: Router.TrailingSlash, _ cleaning: Router.PathCleaning
    ) -> RouteMatcher {
        var routes = Router(trailingSlash: slash, pathCleaning: cleaning)
        for pattern in ["/a", "/a/{x}", "/b/{x}/{y}/", "/c{x}.j", "/d/{x...}"] {
            routes.get(pattern) { _ in "" }
        }
        routes.host("*.a") { $0.get("/h/{x}") { _ in "" } }
        return RouteMatcher(routes)
    }

    @Test func `no request is redirected to another host or to a path without a route`() throws {
        let inputs = try Corpus.inputs(of: "route")
        #expect(inputs.count > 100)
        var outcomes: Set<String> = []
        for slash in [Router.TrailingSlash.strict, .redirect, .ignore] {
            for cleaning in [Router.PathCleaning.off, .redirect, .clean] {
                let matcher = Self.matcher(slash, cleaning)
                for input in inputs {
                    var parser = RequestHeadParser(limits: HTTP1Limits())
                    var request = Request()
                    let head = Array(input.bytes.dropFirst())
                    guard case .complete? = try? parser.parse(head.span, into: &request) else {
                        continue
                    }
                    let outcome = matcher.outcome(of: request)
                    outcomes.insert(String("\(outcome)".prefix { $0 != "(" }))
                    guard case .redirect(let location, _) = outcome else { continue }
                    #expect(location.hasPrefix("/") && !location.hasPrefix("//"), "\(input.name)")
                    #expect(!location.contains("\\"), "\(input.name)")
                }
            }
        }
        #expect(outcomes.isSuperset(of: ["route", "redirect", "otherMethods", "notFound"]))
    }
}

import SpoorHTTP
import Testing

@testable import SpoorTracing

@Suite struct SemanticConventionsTests {
    @Test(
        arguments: [
            (nil, .openTracing), ("", .openTracing), ("database", .openTracing), ("http", .stable),
            ("http/dup", .both), ("http,http/dup", .both), ("database, http ", .stable),
            ("https", .openTracing),
        ] as [(String?, SemanticConventions)])
    func `OpenTelemetry's variable is understood`(text: String?, conventions: SemanticConventions) {
        #expect(SemanticConventions(stabilityOptIn: text) == conventions)
    }

    @Test(arguments: [
        ("GET", "GET"), ("HEAD", "HEAD"), ("POST", "POST"), ("PUT", "PUT"), ("DELETE", "DELETE"),
        ("CONNECT", "CONNECT"), ("OPTIONS", "OPTIONS"), ("TRACE", "TRACE"), ("PATCH", "PATCH"),
        ("QUERY", "QUERY"), ("get", nil), ("BREW", nil), ("PROPFIND", nil),
    ])
    func `methods that are known are told by name`(method: String, name: String?) {
        #expect(rules().method(method) == name)
        #expect(TagRules.spanName(rules().method(method), route: nil) == name ?? "HTTP")
        #expect(TagRules.spanName(rules().method(method), route: "/a") == "\(name ?? "HTTP") /a")
    }

    @Test func `the known methods can be others`() {
        #expect(rules(["BREW"]).method("BREW") == "BREW")
        #expect(rules(["BREW"]).method("GET") == nil)
    }

    private func rules(_ methods: Set<String> = SemanticConventions.knownMethods) -> TagRules {
        TagRules(
            conventions: .stable, recordsQuery: false, recordsBodySizes: false,
            secretQueryKeys: [], knownMethods: methods)
    }
}

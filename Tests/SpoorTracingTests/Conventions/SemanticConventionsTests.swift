import HTTPTypes
import JaegerTracing
import SpoorHTTP
import SpoorMiddleware
import Testing
import Tracing

@testable import SpoorTracing

@Suite struct SemanticConventionsTests {
    @Test(
        arguments: [
            (nil, .openTracing), ("", .openTracing), ("database", .openTracing), ("http", .stable),
            ("http/dup", .both), ("http,http/dup", .both), ("database, http ", .stable),
            ("https", .openTracing),
        ] as [(String?, SemanticConventions)])
    func `OpenTelemetry's variable is parsed`(text: String?, conventions: SemanticConventions) {
        #expect(SemanticConventions(stabilityOptIn: text) == conventions)
    }

    // MARK: Tracer and middleware

    private let reporter = InMemoryReporter()

    private func tracer(_ conventions: SemanticConventions) -> JaegerTracer {
        var configuration = JaegerTracerConfiguration()
        configuration.conventions = conventions
        return JaegerTracer(
            serviceName: "stub", reporter: reporter, configuration: configuration)
    }

    private func recorded() -> [SemanticConventions] {
        reporter.spans.compactMap { span in
            switch (span[tag: "http.method"] != nil, span[tag: "http.request.method"] != nil) {
            case (true, true): .both
            case (true, false): .openTracing
            case (false, true): .stable
            case (false, false): nil
            }
        }
    }

    @Test(arguments: SemanticConventions.allCases)
    func `a server uses the conventions of its tracer by default`(
        conventions: SemanticConventions
    ) async throws {
        let tracer = tracer(conventions)
        try await serve(ServerTracing(tracer))
        try await serve(ServerTracing(tracer, configuration: .init(conventions: .both)))
        #expect(recorded() == [conventions, .both])
    }

    @Test(arguments: SemanticConventions.allCases)
    func `a client uses the conventions of its tracer, also of the current one`(
        conventions: SemanticConventions
    ) async throws {
        let tracer = tracer(conventions)
        let clients = [
            ClientTracing(tracer), ClientTracing(),
            ClientTracing(configuration: .init(conventions: .both)),
        ]
        for client in clients {
            try await tracer.withSpan("outer", context: .topLevel) { _ in
                let next = ClientNext([client]) { $0.status = .internalServerError }
                try await next(
                    ClientExchange(request: HTTPClientRequest(.get, "http://a.example/")))
            }
        }
        #expect(recorded() == [conventions, conventions, .both])
        let hasType = reporter.spans.map { $0[tag: "error.type"] != nil }
        let isStable = conventions != .openTracing
        #expect(hasType == [isStable, false, isStable, false, true, false])
    }

    // MARK: Methods

    @Test(arguments: [
        ("GET", "GET"), ("HEAD", "HEAD"), ("POST", "POST"), ("PUT", "PUT"), ("DELETE", "DELETE"),
        ("CONNECT", "CONNECT"), ("OPTIONS", "OPTIONS"), ("TRACE", "TRACE"), ("PATCH", "PATCH"),
        ("QUERY", "QUERY"), ("get", nil), ("BREW", nil), ("PROPFIND", nil),
    ])
    func `known methods are recorded by name`(method: String, name: String?) {
        #expect(rules().method(method) == name)
        #expect(TagRules.spanName(rules().method(method), route: nil) == name ?? "HTTP")
        #expect(TagRules.spanName(rules().method(method), route: "/a") == "\(name ?? "HTTP") /a")
    }

    @Test func `the known methods can be configured`() {
        #expect(rules(["BREW"]).method("BREW") == "BREW")
        #expect(rules(["BREW"]).method("GET") == nil)
    }

    private func rules(_ methods: Set<String> = SemanticConventions.knownMethods) -> TagRules {
        TagRules(HTTPSpanOptions<Void, Void>(knownMethods: methods))
    }
}

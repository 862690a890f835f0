import Spoor
import SpoorJSON
import SpoorJSONTesting
import SpoorTesting
import TestSupport
import Testing

/// Copies of the snippets of Documentation/Testing.md, run as tests.
///
/// `SnippetCopyTests` compares the copies with the page, without line breaks and comments at the ends of lines.
@Suite(.finishes(within: .seconds(60))) struct TestingSnippets {
    @Test(arguments: TestMode.allCases)
    func rejectsLongBodies(over mode: TestMode) async throws {
        var routes = Router()
        routes.post("/notes") { exchange in try await exchange.body.collect(upTo: 10) }
        try await withTestClient(over: mode, handler: routes) { client async throws in
            #expect(
                try await client.post("/notes", body: .text("a long text")).status
                    == .contentTooLarge)
        }
    }

    @Test func `spans are checked after the server has stopped`() async throws {
        var routes = Router()
        routes.get("/hello/{name}") { _ in "hello" }
        let reporter = InMemoryReporter()
        let tracer = JaegerTracer(serviceName: "greeter", reporter: reporter)
        try await withTestClient(
            middleware: [ServerTracing(tracer)], handler: routes,
            clientMiddleware: [ClientTracing(tracer)]
        ) { client in
            _ = try await client.get("/hello/you")
        }
        #expect(
            reporter.spans.mismatch(with: [
                ExpectedSpan(
                    "GET", tags: ["span.kind": "client"],
                    children: [
                        ExpectedSpan(
                            "GET /hello/{name}", tags: ["http.status_code": 200],
                            absentTags: ["error"])
                    ])
            ]) == nil)
    }

    @Test func `JSON is sent and read`() async throws {
        var routes = Router()
        struct Order: Codable, Equatable {
            var id: Int
        }
        routes.post("/orders") { exchange in try await exchange.json(Order.self) }
        try await withTestClient(handler: routes) { client async throws in
            let created = try await client.post("/orders", json: Order(id: 7))
            #expect(try created.json(Order.self) == Order(id: 7))
            let rejected = try await client.post("/orders", json: ["id": "x"])
            #expect(
                rejected.problem?.violations == [
                    .init(.body(pointer: "/id"), "must be an integer")
                ])
        }
    }

    @Test func `a certificate authority in memory serves a client`() async throws {
        var routes = Router()
        routes.get("/") { _ in "hello" }
        let authority = try TestCertificateAuthority()
        let tls = TLSServerConfiguration(identities: [try authority.serverIdentity()])
        try await withServer(at: .loopback(port: 0).tls(tls), handler: routes) { address, _ in
            let client = HTTPClient(tls: TLSClientConfiguration(trustRoots: authority.trustRoots))
            let response = try await client.execute(HTTPClientRequest(.get, "https://\(address)/"))
            #expect(response.status == .ok)
            await client.shutdown()
        }
    }
}

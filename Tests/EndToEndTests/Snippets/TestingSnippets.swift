import Spoor
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
        try await withTestClient(middleware: [ServerTracing(tracer)], handler: routes) { client in
            _ = try await client.get("/hello/you")
        }
        #expect(reporter.spans.map(\.operationName) == ["GET /hello/{name}"])
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

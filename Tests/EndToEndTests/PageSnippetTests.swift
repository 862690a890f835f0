import FoundationEssentials
import Glibc
import Logging
import Spoor
import SpoorTLS
import SpoorTesting
import TestSupport
import Testing
import Tracing

/// Runs the snippets of the pages about tracing, clients, TLS and operation, and those of README.md.
///
/// Snippets that change the state of the process run in a child process.
@Suite(.finishes(within: .seconds(120))) struct PageSnippetTests {
    private static func hello() -> Router {
        var routes = Router()
        routes.get("/hello/{name}") { "hello \($0.parameters["name"] ?? "")" }
        return routes
    }

    // MARK: README

    @Test func `the chain of README limits bodies and traces its responses`() async throws {
        let reporter = InMemoryReporter()
        let tracer = JaegerTracer(serviceName: "readme", reporter: reporter)
        var routes = Router()
        routes.post("/notes") { try await $0.body.collect(upTo: 2 << 20) }
        try await withTestClient(middleware: ReadmeSnippets().chain(tracer), handler: routes) {
            client async throws in
            let large = Response.Body.bytes(Array(repeating: 0, count: 1 << 20 + 1))
            #expect(try await client.post("/notes", body: large).status == .contentTooLarge)
            #expect(try await client.post("/notes", body: .text("abc")).text == "abc")
        }
        #expect(reporter.spans.map(\.operationName) == ["POST /notes", "POST /notes"])
    }

    @Test func `the tracer of README runs until a signal`() async {
        await #expect(processExitsWith: .success) {
            // Ignored until the service group handles it.
            signal(SIGTERM, SIG_IGN)
            let signalling = Task {
                while !Task.isCancelled {
                    kill(getpid(), SIGTERM)
                    try? await Task.sleep(for: .milliseconds(20))
                }
            }
            try await ReadmeSnippets.runTracer()
            signalling.cancel()
            try #require(InstrumentationSystem.tracer is JaegerTracer)
        }
    }

    @Test func `a tracer from the environment creates the spans of the process`() async {
        await #expect(processExitsWith: .success) {
            let tracing = try ReadmeSnippets.bootstrapFromEnvironment()
            try #require(InstrumentationSystem.tracer is JaegerTracer)
            try #require(tracing.tracer.process.serviceName == "orders")
        }
    }

    // MARK: Tracing, sampling, propagation

    @Test func `a configured middleware records headers and skips health checks`() async throws {
        let reporter = InMemoryReporter()
        let snippets = TracingSnippets(
            tracer: JaegerTracer(serviceName: "snippets", reporter: reporter))
        var routes = Self.hello()
        routes.get("/health") { _ in "fine" }
        try await withTestClient(middleware: [snippets.middleware()], handler: routes) {
            client async throws in
            let response = try await client.get(
                "/hello/you", headers: .named(["X-Shop-Region": "eu", "uber-trace-id": "1:2:0:1"]))
            #expect(response["traceresponse"]?.hasPrefix("00-") == true)
            #expect(try await client.get("/health").text == "fine")
        }
        let span = try #require(reporter.spans.first)
        #expect(reporter.spans.count == 1)
        #expect(span.tags.contains { $0.key == "http.request.header.x-shop-region" })
        #expect(span.traceID != TraceID(high: 0, low: 1), "the caller is not trusted")
    }

    @Test func `trust and proxies are restricted to networks`() async throws {
        let reporter = InMemoryReporter()
        let tracer = JaegerTracer(serviceName: "snippets", reporter: reporter)
        let snippets = TracingSnippets(tracer: tracer)
        for configuration in [try snippets.restrictedTrust(), try snippets.trustedProxies()] {
            let chain = [ServerTracing(tracer, configuration: configuration)]
            try await withTestClient(over: .loopback, middleware: chain, handler: Self.hello()) {
                let headers = Headers.named([
                    "jaeger-debug-id": "x", "x-forwarded-for": "192.0.2.7",
                ])
                _ = try await $0.get("/hello/you", headers: headers)
            }
        }
        let spans = reporter.spans
        #expect(spans.map { $0.tags.contains(SpanTag("jaeger-debug-id", "x")) } == [false, true])
        #expect(!spans.contains { $0.tags.contains { $0.value == "192.0.2.7" } })
    }

    @Test func `samplers sample one percent, or by route`() throws {
        let snippets = SamplingSnippets()
        let tracer = snippets.onePercent()
        for _ in 0..<4000 { tracer.startSpan("order").end() }
        #expect((1..<400).contains(snippets.reporter.spans.count))
        let sampler = snippets.byRoute()
        func decision(_ name: String) -> SamplingDecision {
            sampler.decide(
                SamplingParameters(traceID: TraceID(high: 0, low: .max), operationName: name))
        }
        #expect(decision("POST /orders").isSampled)
        #expect(
            decision("GET /healthz")
                == ConstSampler(false).decide(
                    SamplingParameters(traceID: TraceID(high: 0, low: 1), operationName: "")))
        #expect(!decision("GET").isFinal)
    }

    @Test func `contexts are propagated in the configured formats, with baggage`() async throws {
        let reporter = InMemoryReporter()
        var configuration = JaegerTracerConfiguration()
        let unused = JaegerTracer(serviceName: "unused", reporter: NullReporter())
        let snippets = TracingSnippets(tracer: unused)
        configuration.propagation = snippets.propagation()
        let tracer = JaegerTracer(
            serviceName: "snippets", reporter: reporter, configuration: configuration)
        var routes = Router()
        routes.get("/") { _ in
            let tenant = snippets.tenant()
            var headers = HeaderList([])
            if let context = ServiceContext.current?.jaegerSpan?.resolveSampling() {
                tracer.inject(context, into: &headers)
            }
            return "\(tenant ?? "none") \(headers["baggage"] ?? "none")"
        }
        try await withTestClient(middleware: [ServerTracing(tracer)], handler: routes) {
            let text = try await $0.get("/").text
            #expect(text == "acme tenant=acme")
        }
    }

    // MARK: Client and TLS

    @Test func `the client sends a request and streams a response`() async throws {
        let reporter = InMemoryReporter()
        let tracer = JaegerTracer(serviceName: "snippets", reporter: reporter)
        let authority = try TestCertificateAuthority()
        let identity = try authority.serverIdentity(names: ["api.example"])
        var routes = Router()
        routes.post("/v1/orders/{id}") { exchange in
            let body = try await exchange.body.collect(upTo: 10)
            return "\(exchange.parameters["id"] ?? "") \(String(decoding: body, as: UTF8.self))"
        }
        routes.get("/export") { _ in String(repeating: "x", count: 100_000) }
        let tls = TLSServerConfiguration(identities: [identity])
        try await withServer(at: .loopback(port: 0).tls(tls), handler: routes) { address, _ in
            let result = try await ClientSnippets(
                tracer: tracer, address: address, roots: authority.trustRoots
            ).requests()
            #expect(result.status == .ok)
            #expect(result.text == "7 {}")
            #expect(result.size == 100_000)
        }
        #expect(reporter.spans.map(\.operationName) == ["POST", "GET"])
    }

    @Test func `certificates in files identify server and client`() async {
        await #expect(processExitsWith: .success) {
            let folder =
                FileManager.default.temporaryDirectory.path
                + "/spoor-snippets-\(UInt64.random(in: 0...(.max)))"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try #require(FileManager.default.changeCurrentDirectoryPath(folder))
            let authority = try InMemoryCertificateAuthority()
            let server = try authority.issue(.localhost)
            let client = try authority.issue(.init("client"))
            for (name, bytes) in [
                ("chain.pem", server.chainPEM), ("key.pem", server.keyPEM),
                ("client.pem", client.chainPEM), ("client-key.pem", client.keyPEM),
                ("client-ca.pem", authority.certificatePEM),
                ("roots.pem", authority.certificatePEM),
            ] {
                try Data(bytes).write(to: URL(filePath: name))
            }
            var routes = Router()
            let tls = TLSSnippets.mutualTLS(&routes)
            try #require("\(TLSSnippets.server(routes))" == "HTTPServer(tls:*:443, not started)")
            try await withServer(at: .loopback(port: 0).tls(tls), handler: routes) { address, _ in
                let client = TLSSnippets.client()
                let request = HTTPClientRequest(
                    .get, "https://localhost:\(address.port ?? 0)/whoami")
                let response = try await client.execute(request)
                await client.shutdown()
                try #require(response.text == "CN=client")
            }
        }
    }

    // MARK: Operation, configuration, reporting

    @Test func `a ticker streams its prices`() async throws {
        let (prices, continuation) = AsyncStream.makeStream(of: Double.self)
        for price in [1.5, 2] { continuation.yield(price) }
        continuation.finish()
        var routes = Router()
        OperationSnippets().addTicker(to: &routes, prices: prices)
        try await withTestClient(handler: routes) {
            let text = try await $0.get("/ticker").text
            #expect(text == "1.5\n2.0\n")
        }
    }

    @Test func `a rejection handler responds in JSON`() async throws {
        let server = OperationSnippets().rejectionsInJSON(Self.hello())
        let running = Task { try await server.run() }
        let address = try await server.localAddresses()[0]
        let response = try await RawConnection.roundTrip(to: address, ["GET / HTTP/1.1\r\n\r\n"])
        #expect(response.hasPrefix("HTTP/1.1 400 "))
        #expect(response.contains("{\"error\":\"hostMissing\",\"id\":\""))
        server.triggerGracefulShutdown()
        try await running.value
    }

    @Test func `a configured service and a reporter run with the server`() async {
        await #expect(processExitsWith: .success) {
            let snippets = OperationSnippets()
            var routes = Router()
            routes.get("/hello/{name}") { "hello \($0.parameters["name"] ?? "")" }
            let handler = routes
            let running = Task { try await snippets.runConfigured(handler) }
            for await server in snippets.servers.prefix(1) {
                let address = try await server.localAddresses()[0]
                let client = HTTPClient()
                let request = HTTPClientRequest(.get, "http://\(address)/hello/you")
                try #require(try await client.execute(request).text == "hello you")
                await client.shutdown()
                server.triggerGracefulShutdown()
            }
            try await running.value

            let second = HTTPServer(listening: .loopback(port: 0), handler: handler, loopCount: 1)
            let exporting = Task { try await snippets.runExporting(second) }
            _ = try await second.localAddresses()
            second.triggerGracefulShutdown()
            try await exporting.value
        }
    }

    @Test func `an endpoint has credentials and compression`() async throws {
        let (endpoint, reporter) = OperationSnippets().secureEndpoint(token: "t") { "fresh" }
        let headers = try await endpoint.headerProvider?()
        #expect(headers?[.authorization] == "Bearer fresh")
        #expect(endpoint.compression == .gzip)
        await reporter.shutdown()
        #expect(reporter.status.finished == 0)
    }
}

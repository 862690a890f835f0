import HTTPTypes
import InMemoryTracing
import JaegerTracing
import MetricsTestKit
import SpoorHTTP
import SpoorMiddleware
import TestSupport
import Testing
import Tracing

@testable import SpoorTracing

@Suite(.finishes(within: .seconds(60))) struct TrustTests {
    private let reporter = InMemoryReporter()
    private let metrics = TestMetrics()

    private func serve(
        _ configuration: ServerTracingConfiguration, _ headers: [String: String],
        peer: ConnectionInfo.Endpoint = .ipv4("192.0.2.7", port: 4711),
        sampler: any Sampler = ConstSampler(true)
    ) async throws -> FinishedSpan? {
        let tracing = ServerTracing(
            JaegerTracer.stub(reporter, sampler: sampler), configuration: configuration,
            metricsFactory: metrics)
        try await SpoorTracingTests.serve(
            tracing, .stub(.get, "/hello/you", headers: headers.asHeaders), peer: peer)
        return reporter.spans.last
    }

    private func count(_ name: String) throws -> Int64 {
        try metrics.expectCounter("spoor.tracing." + name).values.reduce(0, +)
    }

    private static let brought = ["uber-trace-id": "a:b:0:1", "uberctx-user": "ann"]

    @Test func `trace and baggage of an untrusted peer are rejected, and counted`() async throws {
        let configuration = ServerTracingConfiguration(contextTrust: try .networks("10.0.0.0/8"))
        let span = try #require(try await serve(configuration, Self.brought))
        #expect(span.traceID != TraceID(low: 0xa))
        #expect(span.parentID == nil)
        #expect(span.references.isEmpty)
        #expect(try count("rejected_contexts") == 1)
        let own = try #require(
            try await serve(configuration, Self.brought, peer: .ipv4("10.9.8.7", port: 1)))
        #expect(own.traceID == TraceID(low: 0xa))
        #expect(try count("rejected_contexts") == 1)
    }

    @Test func `a sampling decision of an untrusted peer is rejected as well`() async throws {
        let span = try await serve(
            .init(contextTrust: .none), ["uber-trace-id": "a:b:0:0", "uberctx-user": "ann"])
        #expect(span != nil)
    }

    @Test func `a request without a trace is not counted as rejected`() async throws {
        _ = try await serve(.init(contextTrust: .none), [:])
        #expect(try count("rejected_contexts") == 0)
    }

    @Test func `a span of an untrusted peer can be linked`() async throws {
        let configuration = ServerTracingConfiguration(
            contextTrust: .none, linksUntrustedContext: true)
        let span = try #require(try await serve(configuration, Self.brought))
        #expect(span.parentID == nil)
        #expect(span.references.map(\.kind) == [.followsFrom])
        #expect(span.references.first?.traceID == TraceID(low: 0xa))
        #expect(span.references.first?.spanID == SpanID(0xb))
    }

    @Test func `baggage of untrusted peers is not propagated`() async throws {
        let tracing = ServerTracing(
            JaegerTracer.stub(reporter), configuration: .init(contextTrust: .none))
        let transport = RecordingTransport()
        try await SpoorTracingTests.serve(
            tracing, .stub(.get, "/hello/you", headers: Self.brought.asHeaders), over: transport
        ) { routes in
            routes.get("/hello/{name}") { _ in
                ServiceContext.current?.jaegerSpan?.baggageItem("user") ?? "nobody"
            }
        }
        #expect(transport.text == "nobody")
    }

    @Test func `a closure can decide on trust`() async throws {
        let configuration = ServerTracingConfiguration(
            contextTrust: .where { $0.request.headers[.authorization] == "Bearer inner" })
        let stranger = try await serve(configuration, Self.brought)
        #expect(stranger?.parentID == nil)
        let friend = try await serve(
            configuration, Self.brought.merging(["authorization": "Bearer inner"]) { $1 })
        #expect(friend?.parentID == SpanID(0xb))
    }

    @Test func `Unix sockets can be trusted`() async throws {
        let configuration = ServerTracingConfiguration(contextTrust: try .networks("unix"))
        #expect(try await serve(configuration, Self.brought, peer: .unix(""))?.parentID != nil)
        #expect(try await serve(configuration, Self.brought, peer: .none)?.parentID == nil)
    }

    @Test func `a malformed network is an error that contains it`() {
        #expect(throws: PeerNetworkError.self) { try PeerTrust.networks("10.0.0.0/8", "10/99") }
    }

    @Test func `a decision of an untrusted peer without a trace is rejected`() throws {
        let plan = ServerSpanPlan(.init(contextTrust: .none), .openTracing, metrics)
        var decision = SpanContext(baggage: [:], debugID: "my-bug", isRemote: true)
        decision.isSamplingDeferred = false
        decision.flags = .sampled
        let (trusted, linked) = plan.checked(decision, .stub(over: RecordingTransport()))
        #expect(trusted == SpanContext(baggage: [:], debugID: "my-bug", isRemote: true))
        #expect(linked == nil)
        #expect(try count("rejected_contexts") == 1)
    }

    // MARK: Debug ids

    private static let debug = ["jaeger-debug-id": "my-bug"]

    @Test func `a debug id of a peer without permission is ignored, and the sampler decides`()
        async throws
    {
        let configuration = ServerTracingConfiguration(debugIDTrust: try .networks("10.0.0.0/8"))
        #expect(
            try await serve(configuration, Self.debug, sampler: ConstSampler(false)) == nil)
        let sampled = try #require(try await serve(configuration, Self.debug))
        #expect(sampled[tag: "jaeger-debug-id"] == nil)
        #expect(sampled.flags == [.sampled])
        #expect(try count("rejected_debug_ids") == 2)
    }

    @Test func `a debug id of a peer with permission is used`() async throws {
        let configuration = ServerTracingConfiguration(
            contextTrust: .none, debugIDTrust: try .networks("192.0.2.0/24"))
        let span = try #require(
            try await serve(configuration, Self.debug, sampler: ConstSampler(false)))
        #expect(span[tag: "jaeger-debug-id"] == "my-bug")
        #expect(try count("rejected_debug_ids") == 0)
        #expect(try count("rejected_contexts") == 0)
    }

    @Test func `baggage is kept if only the debug id is rejected`() async throws {
        let tracing = ServerTracing(
            JaegerTracer.stub(reporter), configuration: .init(debugIDTrust: .none))
        let transport = RecordingTransport()
        let headers = ["jaeger-debug-id": "x", "uberctx-user": "ann"]
        try await SpoorTracingTests.serve(
            tracing, .stub(.get, "/hello/you", headers: headers.asHeaders), over: transport
        ) { routes in
            routes.get("/hello/{name}") { _ in
                ServiceContext.current?.jaegerSpan?.baggageItem("user") ?? "nobody"
            }
        }
        #expect(transport.text == "ann")
    }

    // MARK: Any tracer

    @Test func `another tracer's context is rejected, too`() async throws {
        let tracer = InMemoryTracer()
        let outer = tracer.startSpan("outer", context: .topLevel)
        var headers = Headers()
        tracer.inject(outer.context, into: &headers, using: FieldsOfAny())
        let request = Request.stub(.get, "/hello/you", headers: headers)
        let rejecting = ServerTracing(
            tracer,
            configuration: .init(contextTrust: .none, linksUntrustedContext: true),
            metricsFactory: metrics)
        try await SpoorTracingTests.serve(rejecting, request)
        try await SpoorTracingTests.serve(ServerTracing(tracer), request)
        let spans = tracer.finishedSpans
        try #require(spans.count == 2)
        #expect(spans[0].parentSpanID == nil)
        #expect(spans[0].traceID != outer.traceID)
        #expect(spans[0].links.count == 1)
        #expect(spans[1].traceID == outer.traceID)
        #expect(try count("rejected_contexts") == 1)
        outer.end()
    }

    private struct FieldsOfAny: Injector {
        func inject(_ value: String, forKey key: String, into headers: inout Headers) {
            if let name = HTTPField.Name(key) { headers[name] = value }
        }
    }
}

import JaegerReporter
import JaegerTracing
import Logging
import MetricsTestKit
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import TestSupport
import Testing
import Tracing

@testable import JaegerConfiguration

@Suite(.finishes(within: .seconds(60))) struct TracingServiceTests {
    private var quiet: TracingConfiguration {
        var configuration = TracingConfiguration()
        configuration.serviceName = "svc"
        configuration.collector = nil
        return configuration
    }

    @Test func `a service must have a name`() {
        for name in [nil, ""] {
            var configuration = quiet
            configuration.serviceName = name
            let error = #expect(throws: ConfigurationError.self) {
                try TracingService(configuration)
            }
            #expect(error?.variable == "JAEGER_SERVICE_NAME")
        }
    }

    @Test func `the tracer has the configured options`() async throws {
        var configuration = quiet
        configuration.processTags = [SpanTag("zone", "a")]
        configuration.traceIDWidth = .bits64
        configuration.spanLimits.maxTagCount = 3
        configuration.sampling = .constant(false)
        let tracing = try TracingService(configuration)
        let span = tracing.tracer.startSpan("op", childOf: nil)
        #expect(tracing.tracer.process.serviceName == "svc")
        #expect(tracing.tracer.process.tags.contains(SpanTag("zone", "a")))
        #expect(tracing.tracer.limits.maxTagCount == 3)
        #expect(span.spanContext.traceID.high == 0)
        #expect(!span.spanContext.flags.contains(.sampled))
        #expect(tracing.reporter == nil)
        await tracing.shutdown()
    }

    @Test func `a disabled service samples nothing, not even with a debug id, and has no reporter`()
        async throws
    {
        var configuration = TracingConfiguration()
        configuration.isDisabled = true
        let tracing = try TracingService(configuration)
        let context = tracing.tracer.extract(from: OneHeader("jaeger-debug-id", "x"))
        let span = tracing.tracer.startSpan("op", childOf: context)
        #expect(!span.spanContext.flags.contains(.sampled))
        #expect(tracing.reporter == nil)
        await tracing.shutdown()
    }

    @Test func `a disabled service propagates contexts with their decision`() async throws {
        var configuration = TracingConfiguration()
        configuration.isDisabled = true
        let tracing = try TracingService(configuration)
        let context = tracing.tracer.extract(from: OneHeader("uber-trace-id", "1:2:0:1"))
        let span = tracing.tracer.startSpan("op", childOf: context)
        #expect(span.spanContext.traceID == TraceID(low: 1))
        #expect(span.spanContext.flags.contains(.sampled))
        await tracing.shutdown()
    }

    @Test func `a shutdown sends pending spans`() async throws {
        var configuration = quiet
        configuration.collector = .jaeger("http://127.0.0.1:1/")
        configuration.reporterLimits.retries.maxElapsedTime = .zero
        let tracing = try TracingService(configuration)
        tracing.tracer.startSpan("op", childOf: nil).end()
        await tracing.shutdown()
        let status = try #require(tracing.reporter?.status)
        #expect(status.finished == 1 && status.pending == 0)
    }

    @Test(arguments: [
        "JAEGER_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "JAEGER_SAMPLING_ENDPOINT",
    ])
    func `a URL in code is checked like one in the environment`(variable: String) async throws {
        var configuration = quiet
        switch variable {
        case "JAEGER_ENDPOINT": configuration.collector = .jaeger("collector:14268")
        case "JAEGER_SAMPLING_ENDPOINT":
            var remote = TracingConfiguration.RemoteSampling()
            remote.endpoint = "http://"
            configuration.sampling = .remote(remote)
        default: configuration.collector = .otlp("ftp://a.example/")
        }
        let error = #expect(throws: ConfigurationError.self) {
            try TracingService(configuration)
        }
        #expect(error?.variable == variable)
        #expect(error?.expected.hasSuffix(", in this variable or in code") == true)
        configuration.isDisabled = true
        try await TracingService(configuration).shutdown()
    }

    @Test func `the reporter and the tracer use the same metrics`() async throws {
        var configuration = quiet
        configuration.collector = .jaeger("http://127.0.0.1:1/")
        let metrics = TestMetrics()
        let tracing = try TracingService(configuration, metricsFactory: metrics)
        await tracing.shutdown()
        #expect(metrics.counters.contains { $0.label == "jaeger_tracer_reporter_spans" })
    }

    @Test func `code sets an observer, shared spans and additional reporters`() async throws {
        var configuration = quiet
        let memory = InMemoryReporter()
        configuration.additionalReporters = [memory]
        configuration.usesZipkinSharedSpans = true
        configuration.observer = Marker()
        configuration.conventions = .stable
        let tracing = try TracingService(configuration)
        #expect(tracing.tracer.conventions == .stable)
        let context = tracing.tracer.extract(from: OneHeader("uber-trace-id", "1:2:0:1"))
        let span = tracing.tracer.startSpan("op", childOf: context, ofKind: .server)
        #expect(span.spanContext.spanID == SpanID(2))
        span.end()
        let finished = try #require(memory.spans.first)
        #expect(finished.tags.contains(SpanTag("seen", true)))
        await tracing.shutdown()
    }

    @Test(
        arguments: [(nil, false), (false, false), (true, true)] as [(Bool?, Bool)])
    func `server spans can be sampled by their final name`(
        defersSampling: Bool?, isSampled: Bool
    ) async throws {
        var configuration = quiet
        let memory = InMemoryReporter()
        configuration.additionalReporters = [memory]
        configuration.sampling = .custom(NameSampler())
        configuration.defersSampling = defersSampling
        let tracing = try TracingService(configuration)
        let span = tracing.tracer.startSpan("GET", childOf: nil, ofKind: .server)
        span.operationName = "GET /x/{id}"
        span.end()
        #expect(memory.spans.isEmpty == !isSampled)
        await tracing.shutdown()
    }

    @Test(arguments: [(nil, false), (false, true), (true, false)] as [(Bool?, Bool)])
    func `a remote sampler defers decisions by default`(
        defersSampling: Bool?, isFinal: Bool
    ) async throws {
        var configuration = quiet
        var remote = TracingConfiguration.RemoteSampling()
        remote.endpoint = "http://127.0.0.1:1/sampling"
        configuration.sampling = .remote(remote)
        configuration.defersSampling = defersSampling
        let tracing = try TracingService(configuration)
        let parameters = SamplingParameters(
            traceID: TraceID(low: 1), operationName: "GET", kind: .server)
        #expect(tracing.sampler.decide(parameters).isFinal == isFinal)
        await tracing.shutdown()
    }

    @Test func `a shutdown stops a remote sampler`() async throws {
        let asked = Gate()
        let cancelled = Gate()
        var routes = Router()
        routes.get("/sampling") { _ in
            asked.open()
            await cancelled.openWhenCancelled()
            return Response(text: "")
        }
        try await withServer(handler: routes) { address, server in
            var configuration = quiet
            var remote = TracingConfiguration.RemoteSampling()
            remote.endpoint = "http://\(address)/sampling"
            configuration.sampling = .remote(remote)
            let tracing = try TracingService(configuration)
            try await asked.wait()
            await tracing.shutdown()
            // Its request is cancelled, and it sends no more.
            try await cancelled.wait()
            #expect(await server.counters.requests == 1)
        }
    }
}

/// Samples one route.
private struct NameSampler: Sampler {
    func decide(_ parameters: SamplingParameters) -> SamplingDecision {
        SamplingDecision(isSampled: parameters.operationName == "GET /x/{id}")
    }
}

/// Adds a tag to each span that starts.
private struct Marker: SpanObserver {
    func spanStarted(_ span: JaegerSpan) { span.setTag("seen", true) }
}

/// A message with one header.
private struct OneHeader: HeaderCarrier {
    let name, value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    func forEachHeader(
        _ body: (_ name: Swift.Span<UInt8>, _ value: Swift.Span<UInt8>) -> Void
    ) {
        body(name.utf8.span, value.utf8.span)
    }
}

import JaegerReporter
import JaegerTracing
import SpoorTLS
import Testing

@testable import JaegerConfiguration

@Suite struct TracingConfigurationTests {
    private func read(_ environment: [String: String]) throws -> TracingConfiguration {
        try TracingConfiguration(environment: environment)
    }

    @Test func `an empty environment results in the defaults`() throws {
        let configuration = try read([:])
        #expect(!configuration.isDisabled)
        #expect(configuration.serviceName == nil)
        #expect(configuration.processTags.isEmpty)
        #expect(configuration.traceIDWidth == .bits128)
        #expect(configuration.sampling.isConstant(true))
        #expect(configuration.spanLimits == SpanLimits())
        #expect(configuration.collector?.url == HTTPReporter.localEndpoint)
        #expect(configuration.collector?.format == .jaegerThrift)
        #expect(!configuration.logsSpans)
        #expect(configuration.conventions == .openTracing)
    }

    // MARK: The service

    @Test(
        arguments: [
            (["JAEGER_SERVICE_NAME": "a", "OTEL_SERVICE_NAME": "b"], "a"),
            (["OTEL_SERVICE_NAME": "b", "OTEL_RESOURCE_ATTRIBUTES": "service.name=c"], "b"),
            (["OTEL_RESOURCE_ATTRIBUTES": "a=1,service.name=c%20d"], "c d"),
            (["JAEGER_SERVICE_NAME": "  ", "OTEL_SERVICE_NAME": "b"], "b"),
        ])
    func `Jaeger's service name takes precedence`(environment: [String: String], name: String)
        throws
    {
        #expect(try read(environment).serviceName == name)
    }

    @Test func `tags are read from both families, and from other variables`() throws {
        let tags = try read([
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=s,zone=a%2Cb,both=otel",
            "JAEGER_TAGS": "both=jaeger, pod = ${POD} ,node=${NODE:none},empty=${NODE},plain=$x",
            "POD": "p-1",
        ]).processTags
        #expect(
            tags == [
                SpanTag("zone", "a,b"), SpanTag("both", "jaeger"), SpanTag("pod", "p-1"),
                SpanTag("node", "none"),
                SpanTag("empty", ""), SpanTag("plain", "$x"),
            ])
    }

    @Test(arguments: ["JAEGER_DISABLED", "JAEGER_DISABLE", "OTEL_SDK_DISABLED"])
    func `for a disabled service only the name is read`(variable: String) throws {
        let configuration = try read([
            variable: "true", "JAEGER_SERVICE_NAME": "s", "JAEGER_SAMPLER_TYPE": "junk",
            "JAEGER_ENDPOINT": "junk", "OTEL_BSP_MAX_QUEUE_SIZE": "junk",
        ])
        #expect(configuration.isDisabled)
        #expect(configuration.serviceName == "s")
    }

    @Test func `Jaeger's switch takes precedence over OpenTelemetry's`() throws {
        let environment = ["JAEGER_DISABLED": "false", "OTEL_SDK_DISABLED": "true"]
        #expect(try !read(environment).isDisabled)
    }

    @Test(arguments: [("true", TraceIDWidth.bits128), ("0", .bits64)])
    func `ids have the configured width`(text: String, width: TraceIDWidth) throws {
        #expect(try read(["JAEGER_TRACEID_128BIT": text]).traceIDWidth == width)
    }

    // MARK: Propagation

    /// Returns the names of the headers that a tracer with this configuration injects.
    private func headers(_ environment: [String: String]) throws -> Set<String> {
        var configuration = try read(environment)
        configuration.serviceName = "svc"
        configuration.collector = nil
        let tracer = try TracingService(configuration).tracer
        let span = tracer.startSpan("op", childOf: nil)
        span.setBaggageItem("k", "v")
        var writer = FieldNameWriter()
        tracer.inject(span.spanContext, into: &writer)
        return writer.names
    }

    @Test(
        arguments: [
            ([:], ["uber-trace-id", "uberctx-k", "traceparent", "baggage"]),
            (["JAEGER_PROPAGATION": "jaeger"], ["uber-trace-id", "uberctx-k"]),
            (
                ["JAEGER_PROPAGATION": "w3c, B3", "OTEL_PROPAGATORS": "jaeger"],
                ["traceparent", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "uberctx-k"]
            ),
            (["OTEL_PROPAGATORS": "tracecontext,baggage"], ["traceparent", "baggage"]),
            (["OTEL_PROPAGATORS": "b3"], ["b3", "uberctx-k"]),
            (["OTEL_PROPAGATORS": "b3,baggage"], ["b3", "baggage"]),
            (
                ["OTEL_PROPAGATORS": "b3multi"],
                ["x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "uberctx-k"]
            ),
            (["OTEL_PROPAGATORS": "none"], []),
        ] as [([String: String], Set<String>)])
    func `contexts are propagated in the configured formats`(
        environment: [String: String], names: Set<String>
    ) throws {
        #expect(try headers(environment) == names)
    }

    // MARK: Sampling

    @Test(
        arguments: [
            (["JAEGER_SAMPLER_TYPE": "const"], true),
            (["JAEGER_SAMPLER_TYPE": "CONST", "JAEGER_SAMPLER_PARAM": "0"], false),
            (["JAEGER_SAMPLER_TYPE": "const", "JAEGER_SAMPLER_PARAM": "0.0"], false),
            (["JAEGER_SAMPLER_TYPE": "const", "JAEGER_SAMPLER_PARAM": "1"], true),
            (["JAEGER_SAMPLER_TYPE": "const", "JAEGER_SAMPLER_PARAM": "false"], false),
            (["OTEL_TRACES_SAMPLER": "always_off"], false),
            (["OTEL_TRACES_SAMPLER": "parentbased_always_on"], true),
            (["JAEGER_SAMPLER_TYPE": "const", "OTEL_TRACES_SAMPLER": "always_off"], true),
        ])
    func `a constant sampler is configured`(environment: [String: String], isSampled: Bool) throws {
        #expect(try read(environment).sampling.isConstant(isSampled))
    }

    @Test(
        arguments: [
            (["JAEGER_SAMPLER_TYPE": "probabilistic"], 0.001),
            (["JAEGER_SAMPLER_TYPE": "probabilistic", "JAEGER_SAMPLER_PARAM": "0.25"], 0.25),
            (["OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5"], 0.5),
            (["OTEL_TRACES_SAMPLER": "parentbased_traceidratio"], 1),
        ] as [([String: String], Double)])
    func `a share is configured`(environment: [String: String], rate: Double) throws {
        guard case .probabilistic(rate) = try read(environment).sampling else {
            Issue.record("not this share")
            return
        }
    }

    @Test(
        arguments: [
            (["JAEGER_SAMPLER_PARAM": "2.5"], 2.5), ([:], 10),
        ] as [([String: String], Double)])
    func `a rate limit is configured`(environment: [String: String], rate: Double) throws {
        let type = ["JAEGER_SAMPLER_TYPE": "ratelimiting"]
        let sampling = try read(environment.merging(type) { $1 }).sampling
        guard case .rateLimiting(rate) = sampling else {
            Issue.record("not this limit")
            return
        }
    }

    @Test(
        arguments: [
            (["JAEGER_SAMPLER_TYPE": "remote"], "http://127.0.0.1:5778/sampling", 0.001, 60),
            (
                [
                    "JAEGER_SAMPLER_TYPE": "remote", "JAEGER_SAMPLER_PARAM": "0.1",
                    "JAEGER_SAMPLING_ENDPOINT": "http://h:1/api/sampling?x=1",
                    "JAEGER_SAMPLER_REFRESH_INTERVAL": "5s",
                ], "http://h:1/api/sampling?x=1", 0.1, 5
            ),
            (["JAEGER_SAMPLER_MANAGER_HOST_PORT": "h:5778"], "http://h:5778/sampling", 0.001, 60),
            (["JAEGER_SAMPLER_MANAGER_HOST_PORT": "http://h/x"], "http://h/x", 0.001, 60),
            (["JAEGER_SAMPLER_HOST": "h"], "http://h:5778/sampling", 0.001, 60),
            (["JAEGER_SAMPLER_PORT": "7"], "http://127.0.0.1:7/sampling", 0.001, 60),
            (
                ["JAEGER_SAMPLER_HOST": "h", "JAEGER_SAMPLER_SAMPLING_PATH": "/api/sampling"],
                "http://h:5778/api/sampling", 0.001, 60
            ),
            (
                [
                    "JAEGER_SAMPLER_MANAGER_HOST_PORT": "h:1",
                    "JAEGER_SAMPLER_SAMPLING_PATH": "/s",
                ], "http://h:1/s", 0.001, 60
            ),
            (
                [
                    "OTEL_TRACES_SAMPLER": "parentbased_jaeger_remote",
                    "OTEL_TRACES_SAMPLER_ARG":
                        "endpoint=http://h:2/s,pollingIntervalMs=7000,initialSamplingRate=0.25",
                ], "http://h:2/s", 0.25, 7
            ),
            (["OTEL_TRACES_SAMPLER": "jaeger_remote"], "http://127.0.0.1:5778/sampling", 0.001, 60),
        ] as [([String: String], String, Double, Int)])
    func `a remote sampler is configured`(
        environment: [String: String], endpoint: String, rate: Double, seconds: Int
    ) throws {
        let size = ["JAEGER_SAMPLER_MAX_OPERATIONS": "7"]
        guard case .remote(let remote) = try read(environment.merging(size) { $1 }).sampling else {
            Issue.record("no remote sampler")
            return
        }
        #expect(remote.endpoint == endpoint)
        #expect(remote.initialRate == rate)
        #expect(remote.interval == .seconds(seconds))
        #expect(remote.maxOperationCount == 7)
    }

    // MARK: Limits

    @Test func `Jaeger's reporter limits take precedence over OpenTelemetry's`() throws {
        let otel = [
            "OTEL_BSP_MAX_QUEUE_SIZE": "100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "20",
            "OTEL_BSP_SCHEDULE_DELAY": "3000", "OTEL_BSP_EXPORT_TIMEOUT": "9000",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "2000",
        ]
        let limits = try read(otel).reporterLimits
        #expect(limits.maxQueueSize == 100 && limits.maxExportBatchSize == 20)
        #expect(limits.scheduleDelay == .seconds(3))
        #expect(limits.retries.maxElapsedTime == .seconds(9))
        #expect(limits.exportTimeout == .seconds(2))
        let jaeger = [
            "JAEGER_REPORTER_MAX_QUEUE_SIZE": "7", "JAEGER_REPORTER_FLUSH_INTERVAL": "500ms",
            "JAEGER_REPORTER_TIMEOUT": "1.5s",
        ]
        let both = try read(otel.merging(jaeger) { $1 }).reporterLimits
        #expect(both.maxQueueSize == 7)
        #expect(both.scheduleDelay == .milliseconds(500))
        #expect(both.exportTimeout == .milliseconds(1500))
    }

    @Test func `OpenTelemetry's span limits are used`() throws {
        let limits = try read([
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "1", "OTEL_SPAN_EVENT_COUNT_LIMIT": "2",
            "OTEL_SPAN_LINK_COUNT_LIMIT": "0", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "4",
            "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "5",
        ]).spanLimits
        #expect(
            limits
                == SpanLimits(
                    maxTagCount: 1, maxLogCount: 2, maxReferenceCount: 0, maxLogFieldCount: 4,
                    maxTagValueBytes: 5))
        let general = try read(["OTEL_ATTRIBUTE_COUNT_LIMIT": "9"]).spanLimits
        #expect(general == SpanLimits(maxTagCount: 9, maxLogFieldCount: 9))
    }

    @Test func `the opt-in to semantic conventions is used by the tracer`() throws {
        let configuration = try read(["OTEL_SEMCONV_STABILITY_OPT_IN": "http/dup"])
        #expect(configuration.conventions == .both)
    }
}

extension TracingConfiguration.Sampling {
    func isConstant(_ isSampled: Bool) -> Bool {
        if case .constant(isSampled) = self { true } else { false }
    }
}

/// Records the names of the headers that are set.
private struct FieldNameWriter: HeaderWriter {
    var names: Set<String> = []

    mutating func setHeader(_ name: String, to value: String) {
        names.insert(name)
    }
}

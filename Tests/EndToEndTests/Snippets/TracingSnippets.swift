import Logging
import Spoor
import Tracing

/// Copies of the snippets of Documentation/Tracing.md, Sampling.md and Propagation.md, which tests run.
///
/// `SnippetCopyTests` compares the copies with the pages, without line breaks and comments at the ends of lines.
struct TracingSnippets {
    let tracer: JaegerTracer

    func middleware() throws -> ServerTracing {
        var tracing = ServerTracingConfiguration(conventions: .stable, recordsPhases: true)
        tracing.contextTrust = try .networks("10.0.0.0/8", "2001:db8::/32", "unix")
        tracing.debugIDTrust = .where { $0.connection.tls?.peerCertificate?.subject == "CN=ops" }
        tracing.shouldTrace = { $0.request.path != "/health" }
        tracing.capturedRequestHeaders = ["content-type", "x-shop-*"]
        tracing.traceResponseHeader = .traceResponse
        let middleware = ServerTracing(tracer, configuration: tracing)
        return middleware
    }

    func restrictedTrust() throws -> ServerTracingConfiguration {
        var restricted = ServerTracingConfiguration()
        restricted.contextTrust = try .networks("10.0.0.0/8")
        restricted.debugIDTrust = .none
        return restricted
    }

    func trustedProxies() throws -> ServerTracingConfiguration {
        var proxied = ServerTracingConfiguration()
        proxied.trustedProxies = [try PeerNetwork("10.0.0.0/8")]
        proxied.proxyHeaders = .xForwarded
        return proxied
    }

    func propagation() -> Propagation {
        let propagation = Propagation(formats: [.traceContext, .baggage], debugIDHeader: nil)
        return propagation
    }

    func tenant() -> String? {
        ServiceContext.current?.jaegerSpan?.setBaggageItem("tenant", "acme")
        let tenant = ServiceContext.current?.jaegerSpan?.baggageItem("tenant")
        return tenant
    }
}

/// The snippets of Documentation/Sampling.md, with a reporter that stores spans instead of exporting them.
struct SamplingSnippets {
    let reporter = InMemoryReporter()

    /// Stands for the type in the copied snippet, so that the test exports no spans.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    private func HTTPReporter() -> InMemoryReporter { reporter }

    func onePercent() -> JaegerTracer {
        let tracer = JaegerTracer(
            serviceName: "orders", reporter: HTTPReporter(),
            sampler: ProbabilisticSampler(rate: 0.01))
        return tracer
    }

    func byRoute() -> RuleSampler {
        let sampler = RuleSampler(
            [
                .operation("GET /healthz", ConstSampler(false)),
                .operation("POST /orders", ConstSampler(true)),
            ],
            otherwise: ProbabilisticSampler(rate: 0.01), defersUntilNamed: true)
        return sampler
    }
}

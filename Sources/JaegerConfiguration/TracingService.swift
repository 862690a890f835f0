import JaegerRemoteSampling
public import JaegerReporter
public import JaegerTracing
public import Logging
public import CoreMetrics
public import ServiceLifecycle

/// A tracer with its sampler and reporter, created from a configuration, as a service.
///
/// ```swift
/// let tracing = try TracingService(serviceName: "greeter")
/// let server = HTTPServer(
///     listening: .loopback(port: 8080), middleware: [ServerTracing(tracing.tracer)], handler: routes)
/// try await server.runService(with: [tracing])
/// ```
///
/// Run it as a service, or call ``shutdown(timeout:)`` at the end: otherwise pending spans are lost.
public final class TracingService: Service {
    /// The tracer.
    public let tracer: JaegerTracer
    /// The configuration.
    public let configuration: TracingConfiguration
    /// The reporter of the collector, for its status; nil without a collector.
    public let reporter: HTTPReporter?
    private let allReporters: any SpanReporter
    let sampler: any Sampler

    /// Creates a tracer from the environment, which the arguments override.
    ///
    /// - Parameters:
    ///   - serviceName: The service name under which traces are found; nil uses the environment.
    ///   - logger: The logger of reporter and sampler, and of spans if they are logged.
    ///   - metricsFactory: The factory of the counters; bootstrap the metrics system before.
    ///   - change: Changes the configuration that was read from the environment.
    /// - Throws: ``ConfigurationError`` for an invalid variable, or if there is no service name.
    public convenience init(
        serviceName: String? = nil,
        logger: Logger = Logger(label: "jaeger"),
        metricsFactory: any MetricsFactory = MetricsSystem.factory,
        _ change: (inout TracingConfiguration) -> Void = { _ in }
    ) throws(ConfigurationError) {
        var configuration = try TracingConfiguration.current()
        if let serviceName { configuration.serviceName = serviceName }
        change(&configuration)
        try self.init(configuration, logger: logger, metricsFactory: metricsFactory)
    }

    /// Creates a tracer from a configuration, without reading the environment.
    ///
    /// - Parameters:
    ///   - configuration: The configuration.
    ///   - logger: The logger of reporter and sampler, and of spans if they are logged.
    ///   - metricsFactory: The factory of the counters; bootstrap the metrics system before.
    /// - Throws: ``ConfigurationError`` if the configuration has no service name, or a URL to which no request can be
    ///   sent.
    public init(
        _ configuration: TracingConfiguration,
        logger: Logger = Logger(label: "jaeger"),
        metricsFactory: any MetricsFactory = MetricsSystem.factory
    ) throws(ConfigurationError) {
        let isDisabled = configuration.isDisabled
        guard let name = configuration.serviceName ?? (isDisabled ? "disabled" : nil),
            !name.isEmpty
        else {
            throw ConfigurationError(
                .jaegerServiceName, value: nil,
                expected:
                    "the name of the service, in this variable, in OTEL_SERVICE_NAME or in code")
        }
        if !isDisabled { try configuration.checkURLs() }
        self.configuration = configuration
        sampler =
            isDisabled
            ? ConstSampler(false)
            : configuration.makeSampler(
                serviceName: name, logger: logger, metricsFactory: metricsFactory)
        reporter =
            isDisabled
            ? nil
            : configuration.collector.map {
                HTTPReporter(
                    $0, limits: configuration.reporterLimits, logger: logger,
                    metricsFactory: metricsFactory)
            }
        var reporters: [any SpanReporter] = reporter.map { [$0] } ?? []
        if !isDisabled {
            if configuration.logsSpans { reporters.append(LoggingReporter(logger: logger)) }
            reporters += configuration.additionalReporters
        }
        allReporters = reporters.count == 1 ? reporters[0] : CompositeReporter(reporters)
        tracer = JaegerTracer(
            serviceName: name, reporter: allReporters, sampler: sampler,
            configuration: Self.tracerConfiguration(
                configuration, isDisabled: isDisabled, metricsFactory: metricsFactory))
    }

    private static func tracerConfiguration(
        _ tracing: TracingConfiguration, isDisabled: Bool, metricsFactory: any MetricsFactory
    ) -> JaegerTracerConfiguration {
        var configuration = JaegerTracerConfiguration()
        configuration.processTags = tracing.processTags
        configuration.traceIDWidth = tracing.traceIDWidth
        configuration.propagation = tracing.propagation
        configuration.limits = tracing.spanLimits
        configuration.debugThrottler = tracing.debugThrottler
        configuration.flightRecorder = tracing.flightRecorder
        configuration.usesZipkinSharedSpans = tracing.usesZipkinSharedSpans
        configuration.conventions = tracing.conventions
        configuration.observer = isDisabled ? nil : tracing.observer
        configuration.isPassThrough = isDisabled
        configuration.metricsFactory = metricsFactory
        return configuration
    }

    /// Waits for the graceful shutdown of the service group, or for cancellation, then shuts down.
    public func run() async throws {
        try? await gracefulShutdown()
        await shutdown()
    }

    /// Stops the polling of a remote sampler, and sends pending spans; those that cannot be sent in time are dropped and
    /// counted.
    ///
    /// - Parameter timeout: The maximum time to wait; ``ReporterLimits/shutdownTimeout`` if nil.
    public func shutdown(timeout: Duration? = nil) async {
        sampler.shutdown()
        await allReporters.shutdown(timeout: timeout)
    }
}

extension TracingConfiguration {
    /// Checks URLs that were set in code like those of the environment.
    fileprivate func checkURLs() throws(ConfigurationError) {
        if let collector {
            let variable: EnvironmentVariable =
                collector.format == .otlp ? .otlpTracesEndpoint : .jaegerEndpoint
            try check(collector.url, variable)
        }
        if case .remote(let remote) = sampling {
            try check(remote.endpoint, .jaegerSamplingEndpoint)
        }
    }

    private func check(
        _ url: String, _ variable: EnvironmentVariable
    ) throws(ConfigurationError) {
        guard !EnvironmentReader.isURL(url) else { return }
        throw ConfigurationError(
            variable, value: url,
            expected: EnvironmentReader.urlForm + ", in this variable or in code")
    }

    /// Returns the sampler, deferred if configured.
    fileprivate func makeSampler(
        serviceName: String, logger: Logger, metricsFactory: any MetricsFactory
    ) -> any Sampler {
        let sampler = sampling.makeSampler(
            serviceName: serviceName, logger: logger, metricsFactory: metricsFactory)
        let isRemote = if case .remote = sampling { true } else { false }
        return defersSampling ?? isRemote ? DeferredSampler(sampler) : sampler
    }
}

extension TracingConfiguration.Sampling {
    /// Returns the sampler of this case.
    fileprivate func makeSampler(
        serviceName: String, logger: Logger, metricsFactory: any MetricsFactory
    ) -> any Sampler {
        switch self {
        case .constant(let isSampled): ConstSampler(isSampled)
        case .probabilistic(let rate): ProbabilisticSampler(rate: rate)
        case .rateLimiting(let rate): RateLimitingSampler(tracesPerSecond: rate)
        case .custom(let sampler): sampler
        case .remote(let remote):
            RemoteSampler(
                serviceName: serviceName, endpoint: remote.endpoint, headers: remote.headers,
                tls: remote.tls, initial: ProbabilisticSampler(rate: remote.initialRate),
                interval: remote.interval,
                timeout: remote.timeout, maxOperationCount: remote.maxOperationCount,
                logger: logger, metricsFactory: metricsFactory)
        }
    }
}

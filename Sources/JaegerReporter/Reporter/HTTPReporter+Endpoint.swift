public import Logging
public import CoreMetrics

/// A reporter over HTTP by nothing but a URL: what most programs make.
extension HTTPReporter {
    /// Where a Jaeger collector on this machine takes `jaeger.thrift`.
    public static let localEndpoint = "http://127.0.0.1:14268/api/traces"

    /// Makes a reporter that posts `jaeger.thrift`; it connects when the first span comes.
    ///
    /// - Parameters:
    ///   - endpoint: The whole URL of the collector's `POST /api/traces`; path and query are kept.
    ///   - limits: Bounds, time-outs, and how often is tried again.
    ///   - logger: Where failures are told: the first at once, then at most one line a minute; each refusal once.
    ///   - metricsFactory: Where the account is counted; bootstrap the metrics system before.
    public convenience init(
        endpoint: String = HTTPReporter.localEndpoint,
        limits: ReporterLimits = ReporterLimits(),
        logger: Logger = Logger(label: "jaeger.reporter"),
        metricsFactory: any MetricsFactory = MetricsSystem.factory
    ) {
        self.init(.jaeger(endpoint), limits: limits, logger: logger, metricsFactory: metricsFactory)
    }

    /// Where an OpenTelemetry Collector, or a Jaeger since version 1.35, on this machine takes OTLP.
    public static let localOTLPEndpoint = "http://127.0.0.1:4318/v1/traces"

    /// Makes a reporter that posts OTLP in binary protobuf; it connects when the first span comes.
    ///
    /// - Parameters:
    ///   - endpoint: The whole URL of the collector's `POST /v1/traces`; path and query are kept.
    ///   - limits: Bounds, time-outs, and how often is tried again.
    ///   - logger: Where failures are told: the first at once, then at most one line a minute; each refusal once.
    ///   - metricsFactory: Where the account is counted; bootstrap the metrics system before.
    public static func otlp(
        endpoint: String = HTTPReporter.localOTLPEndpoint,
        limits: ReporterLimits = ReporterLimits(),
        logger: Logger = Logger(label: "jaeger.reporter"),
        metricsFactory: any MetricsFactory = MetricsSystem.factory
    ) -> HTTPReporter {
        HTTPReporter(
            .otlp(endpoint), limits: limits, logger: logger, metricsFactory: metricsFactory)
    }
}

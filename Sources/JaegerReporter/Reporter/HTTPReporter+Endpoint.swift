public import Logging

/// A reporter over HTTP: what most programs make.
extension HTTPReporter {
    /// Where a Jaeger collector on this machine takes spans.
    public static let localEndpoint = "http://127.0.0.1:14268/api/traces"

    /// Makes a reporter that posts to a collector; it connects when the first span comes.
    ///
    /// - Parameters:
    ///   - endpoint: The whole URL of the collector's `POST /api/traces`; path and query are kept.
    ///   - limits: Bounds and time-outs.
    ///   - logger: Where losses are told: the first at once, then at most one line a minute.
    public convenience init(
        endpoint: String = HTTPReporter.localEndpoint,
        limits: ReporterLimits = ReporterLimits(),
        logger: Logger = Logger(label: "jaeger.reporter")
    ) {
        self.init(
            sender: HTTPBatchSender(endpoint: endpoint, timeout: limits.sendTimeout),
            limits: limits, logger: logger)
    }
}

import JaegerCollector
package import JaegerReporter
import Logging
import Testing

/// Runs a collector on ephemeral ports, and a reporter that sends there.
///
/// After `body` the reporter is shut down, which sends what it holds; an issue is recorded if spans were lost.
package func withCollector(
    _ body: (_ reporter: HTTPReporter, _ ingest: String, _ query: String) async throws -> Void
) async throws {
    var logger = Logger(label: "test.collector")
    logger.logLevel = .critical
    let collector = try Collector(
        CollectorConfiguration(queryPort: 0, ingestPort: 0), logger: logger)
    let running = Task { try await collector.run() }
    let addresses = try await collector.addresses()
    var limits = ReporterLimits()
    // A busy machine must not be taken for a collector that hangs.
    (limits.exportTimeout, limits.shutdownTimeout) = (.seconds(600), .seconds(600))
    let reporter = HTTPReporter(endpoint: addresses.ingest, limits: limits, logger: logger)
    do {
        try await body(reporter, addresses.ingest, addresses.query)
    } catch {
        Issue.record(error)
    }
    await reporter.shutdown()
    let status = reporter.status
    if status.finished != status.sent { Issue.record("\(status.finished) spans, sent: \(status)") }
    collector.triggerGracefulShutdown()
    try await running.value
}

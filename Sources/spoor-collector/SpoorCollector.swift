import ArgumentParser
import JaegerCollector
import Logging
import ServiceLifecycle
import UnixSignals

/// The command line of the local collector: arguments and wiring, nothing else.
@main
struct SpoorCollector: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spoor-collector",
        abstract: "Takes Jaeger spans, keeps them in memory, and shows the traces in a page.")

    @Option(help: "The numeric address to listen at; the collector has no authentication.")
    var host = CollectorConfiguration().host

    @Option(help: "The port of the page and the query API; 0 for any.")
    var queryPort = CollectorConfiguration().queryPort

    @Option(help: "The port that spans are posted to (/api/traces); 0 for any.")
    var ingestPort = CollectorConfiguration().ingestPort

    @Option(help: "How many spans are kept; the oldest traces go first.")
    var maxSpans = StoreLimits().spansMax

    @Option(
        help: """
            A file of sampling strategies as Jaeger has it, for services that ask /sampling at the port of spans; \
            without one they are told to sample all.
            """)
    var samplingStrategiesFile: String?

    @Option(
        help: "trace, debug (every request), info, notice, warning, error or critical.",
        transform: level)
    var logLevel = Logger.Level.notice

    func run() async throws {
        var logger = Logger(label: "spoor-collector") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        let collector = try Collector(
            CollectorConfiguration(
                host: host, queryPort: queryPort, ingestPort: ingestPort,
                storeLimits: StoreLimits(spansMax: maxSpans),
                strategies: try samplingStrategiesFile.map(SamplingStrategies.init(contentsOfFile:))
                    ?? SamplingStrategies()),
            logger: logger)
        let services = ServiceGroup(
            services: [collector], gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await services.run() }
            tasks.addTask { [logger] in
                let addresses = try await collector.addresses()
                logger.notice("page and query API: \(addresses.query)")
                logger.notice("send spans to: \(addresses.ingest)")
            }
            try await tasks.waitForAll()
        }
    }

    private static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            throw ValidationError("There is no log level “\(text)”.")
        }
        return level
    }
}

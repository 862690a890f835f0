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
        abstract:
            "Takes spans (Jaeger's Thrift, OTLP in protobuf), keeps them in memory, and shows the traces in a page."
    )

    @Option(help: "The numeric address to listen at; the collector has no authentication.")
    var host = CollectorConfiguration().host

    @Option(help: "The port of the page and the query API; 0 for any.")
    var queryPort = CollectorConfiguration().queryPort

    @Option(
        help:
            "The port that spans are posted to (/api/traces, /v1/traces); 0 for any. (default: 14268)"
    )
    var ingestPort: Int?

    @Option(
        help: "Another such port, for OTLP; 0 for any. (default: 4318, none beside --ingest-port)")
    var otlpPort: Int?

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
                host: host, queryPort: queryPort,
                ingestPort: ingestPort ?? CollectorConfiguration().ingestPort,
                // Whoever chooses ports has chosen all of them.
                otlpPort: otlpPort ?? (ingestPort == nil ? 4318 : nil),
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
                if let otlp = addresses.otlp { logger.notice("send OTLP to: \(otlp)") }
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

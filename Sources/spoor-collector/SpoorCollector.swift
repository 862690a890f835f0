import ArgumentParser
import JaegerCollector
import Logging

/// The command line of the local collector: arguments and wiring only.
@main
struct SpoorCollector: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spoor-collector",
        abstract:
            "Receives spans (Jaeger's Thrift or OTLP in protobuf), stores them in memory and shows the traces on a page."
    )

    @Option(help: "The numeric address to listen on; the collector has no authentication.")
    var host = CollectorConfiguration().host

    @Option(
        name: .customLong("allow-host"),
        help: """
            A name that is allowed in Host, in addition to localhost and loopback addresses; may be repeated. \
            By default all names are allowed if --host is not a loopback address.
            """)
    var allowedHosts: [String] = []

    @Option(help: "The port of the page and the query API; 0 for any.")
    var queryPort = CollectorConfiguration().queryPort

    @Option(
        help:
            "The port for spans (/api/traces, /v1/traces); 0 for any. (default: 14268)"
    )
    var ingestPort: Int?

    @Option(
        help:
            "Another port for spans, for OTLP; 0 for any. (default: 4318, or none with --ingest-port)"
    )
    var otlpPort: Int?

    @Option(
        help:
            "The maximum number of spans, at least 1; beyond it the oldest traces are evicted. (default: 100000)",
        transform: StoreSize.count)
    var maxSpans = StoreLimits().maxSpans

    @Option(
        help: """
            The maximum memory of all spans, estimated: bytes, or a number with KiB, MiB or GiB, at least 64KiB; \
            beyond it the oldest traces are evicted. (default: 256MiB)
            """,
        transform: StoreSize.init)
    var maxMemory = StoreSize(bytes: StoreLimits().maxBytes)

    @Option(
        help: """
            The maximum number of spans of one trace; further ones are dropped, with a warning in the trace. \
            (default: half of --max-spans)
            """,
        transform: StoreSize.count)
    var maxTraceSpans: Int?

    @Option(
        help:
            "The maximum memory of one trace, like --max-memory, at least 32KiB. (default: half of --max-memory)",
        transform: StoreSize.init)
    var maxTraceMemory: StoreSize?

    @Option(
        help:
            "The maximum size of one request with spans, inflated, in the format of --max-memory. (default: 20MiB)",
        transform: StoreSize.init)
    var maxBody = StoreSize(bytes: CollectorConfiguration().maxBodyBytes)

    @Option(
        help: """
            The maximum correction of clock skew between hosts when spans are shown, such as 500ms or 1h; 0 to warn \
            only. (default: 0)
            """,
        transform: duration)
    var maxClockSkewAdjust = CollectorConfiguration().maxClockSkewAdjustment

    @Option(
        help: """
            A sampling strategies file in Jaeger's format, for services that request /sampling at the port of spans; \
            without one all traces are sampled.
            """)
    var samplingStrategiesFile: String?

    @Option(
        help:
            "The log level: trace, debug (each request), info, notice, warning, error or critical.",
        transform: level)
    var logLevel = Logger.Level.notice

    func validate() throws {
        if let maxTraceSpans, maxTraceSpans > maxSpans {
            throw ValidationError(
                "--max-trace-spans (\(maxTraceSpans)) must not exceed --max-spans (\(maxSpans)).")
        }
        try check(maxMemory, "--max-memory", min: StoreLimits.minBytes)
        if let maxTraceMemory {
            try check(maxTraceMemory, "--max-trace-memory", min: StoreLimits.minTraceBytes)
        }
        if let maxTraceMemory, maxTraceMemory.bytes > maxMemory.bytes {
            throw ValidationError(
                "--max-trace-memory (\(maxTraceMemory)) must not exceed --max-memory (\(maxMemory))."
            )
        }
    }

    private func check(_ size: StoreSize, _ option: String, min: Int) throws {
        guard size.bytes < min else { return }
        throw ValidationError("\(option) (\(size)) must be at least \(StoreSize(bytes: min)).")
    }

    func run() async throws {
        var logger = Logger(label: "spoor-collector") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        let collector = try Collector(
            CollectorConfiguration(
                host: host, queryPort: queryPort,
                ingestPort: ingestPort ?? CollectorConfiguration().ingestPort,
                // Users that choose one port have chosen all of them.
                otlpPort: otlpPort ?? (ingestPort == nil ? 4318 : nil),
                allowedHosts: allowedHosts,
                storeLimits: StoreLimits(
                    maxSpans: maxSpans, maxBytes: maxMemory.bytes,
                    maxSpansPerTrace: maxTraceSpans, maxBytesPerTrace: maxTraceMemory?.bytes),
                maxBodyBytes: maxBody.bytes,
                strategies: try samplingStrategiesFile.map(SamplingStrategies.init(contentsOfFile:))
                    ?? SamplingStrategies(),
                maxClockSkewAdjustment: maxClockSkewAdjust),
            logger: logger)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await collector.runService() }
            tasks.addTask { [logger] in
                let addresses = try await collector.addresses()
                logger.notice("page and query API: \(addresses.query)")
                logger.notice("send spans to: \(addresses.ingest)")
                if let otlp = addresses.otlp { logger.notice("send OTLP to: \(otlp)") }
            }
            try await tasks.waitForAll()
        }
    }

    private static func duration(_ text: String) throws -> Duration {
        guard let duration = CollectorConfiguration.duration(text) else {
            throw ValidationError("“\(text)” is not a duration, such as 500ms, 10s or 1h.")
        }
        return duration
    }

    private static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            throw ValidationError("There is no log level “\(text)”.")
        }
        return level
    }
}

public import Logging

/// Writes a line for each span to a log.
public struct LoggingReporter: SpanReporter {
    private let logger: Logger
    private let level: Logger.Level

    /// Makes a reporter that writes to a logger at a level.
    public init(logger: Logger, level: Logger.Level = .info) {
        self.logger = logger
        self.level = level
    }

    /// Writes name, identity and duration.
    public func report(_ span: FinishedSpan) {
        logger.log(
            level: level, "Span finished",
            metadata: [
                "operation": "\(span.operationName)",
                "service": "\(span.process.serviceName)",
                "trace_id": "\(span.traceID)",
                "span_id": "\(span.spanID)",
                "duration_us": "\(span.durationNanoseconds / 1000)",
            ])
    }
}

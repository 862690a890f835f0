public import Logging
import Tracing

/// The identity of the current span for log lines, so that the lines of a trace can be found.
extension Logger.MetadataProvider {
    /// Adds `trace_id` and `span_id` of the current span to log lines; outside of a span it adds nothing.
    ///
    /// `LoggingSystem.bootstrap(StreamLogHandler.standardError, metadataProvider: .jaeger)`
    public static let jaeger = Logger.MetadataProvider {
        guard let context = ServiceContext.current?.spanContext, context.isValid else {
            return [:]
        }
        return ["trace_id": "\(context.traceID)", "span_id": "\(context.spanID)"]
    }
}

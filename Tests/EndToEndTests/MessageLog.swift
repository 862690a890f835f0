import Logging
import SpoorTesting

/// A log handler that opens a gate when a message is logged, and forgets everything.
struct MessageLog: LogHandler {
    let message: String
    let gate: Gate
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if "\(event.message)" == message { gate.open() }
    }
}

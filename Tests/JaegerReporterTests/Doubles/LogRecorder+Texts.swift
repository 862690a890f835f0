import Logging
import TestSupport

extension LogRecorder {
    /// All lines so far, each with its level, message and metadata sorted by key: `info | message | key=value`.
    var texts: [String] {
        lines.map { line in
            let metadata = line.metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return ([line.level.rawValue, line.message] + metadata).joined(separator: " | ")
        }
    }
}

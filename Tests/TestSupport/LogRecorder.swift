package import Logging
import Synchronization

/// Records log lines, and lets a test wait for one.
package final class LogRecorder: Sendable {
    package struct Line: Sendable {
        package let level: Logger.Level
        package let message: String
        package let metadata: [String: String]
    }

    private struct State {
        var lines: [Line] = []
        var waiting:
            [(matches: @Sendable (Line) -> Bool, continuation: CheckedContinuation<Line, Never>)] =
                []
    }

    private let state = Mutex(State())

    package init() {}

    /// All lines so far.
    package var lines: [Line] { state.withLock(\.lines) }

    /// A logger of all levels that writes to the recorder.
    package var logger: Logger {
        var logger = Logger(label: "test.server") { _ in Handler(recorder: self) }
        logger.logLevel = .trace
        return logger
    }

    /// Returns the first matching line, and waits for it.
    @discardableResult
    package func firstLine(_ matches: @escaping @Sendable (Line) -> Bool) async -> Line {
        await withCheckedContinuation { continuation in
            let found = state.withLock { state in
                let found = state.lines.first(where: matches)
                if found == nil { state.waiting.append((matches, continuation)) }
                return found
            }
            if let found { continuation.resume(returning: found) }
        }
    }

    private func take(_ line: Line) {
        let waiting = state.withLock { state in
            state.lines.append(line)
            let waiting = state.waiting.filter { $0.matches(line) }
            state.waiting.removeAll { $0.matches(line) }
            return waiting
        }
        for waiter in waiting { waiter.continuation.resume(returning: line) }
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            recorder.take(
                Line(
                    level: event.level, message: "\(event.message)",
                    metadata: (event.metadata ?? [:]).mapValues { "\($0)" }))
        }
    }
}

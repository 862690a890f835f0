public import Logging
import Synchronization

/// A destination of finished spans.
///
/// A reporter may serve any number of tracers, because each span refers to its process.
public protocol SpanReporter: Sendable {
    /// Accepts a finished span; must not block and does not throw.
    ///
    /// A span that cannot be accepted is dropped and counted under its cause.
    func report(_ span: FinishedSpan)

    /// Returns when every span reported before the call is sent or dropped.
    func forceFlush() async

    /// Requests a flush and returns immediately; for synchronous code.
    func requestFlush()

    /// Rejects further spans and sends the pending ones; those that cannot be sent in time are dropped and counted.
    ///
    /// - Parameter timeout: The maximum time to wait; the reporter's own timeout if nil.
    func shutdown(timeout: Duration?) async
}

extension SpanReporter {
    /// Nothing is pending in a reporter that does not override this.
    public func forceFlush() async {}

    /// Nothing is pending in a reporter that does not override this.
    public func requestFlush() {}

    /// Flushes: the default for reporters that keep no spans.
    public func shutdown(timeout: Duration?) async { await forceFlush() }

    /// The same as ``shutdown(timeout:)``, within the reporter's own timeout.
    public func shutdown() async { await shutdown(timeout: nil) }
}

/// A reporter that discards all spans, for a service that only propagates contexts.
public struct NullReporter: SpanReporter {
    /// Creates a reporter.
    public init() {}

    /// Does nothing.
    public func report(_ span: FinishedSpan) {}
}

/// A reporter that passes each span to several reporters, in order.
public struct CompositeReporter: SpanReporter {
    private let reporters: [any SpanReporter]

    /// Creates a reporter from others.
    public init(_ reporters: [any SpanReporter]) {
        self.reporters = reporters
    }

    /// Passes the span to each reporter.
    public func report(_ span: FinishedSpan) {
        for reporter in reporters { reporter.report(span) }
    }

    /// Returns when each reporter has flushed; they do so concurrently.
    public func forceFlush() async {
        await withDiscardingTaskGroup { group in
            for reporter in reporters { group.addTask { await reporter.forceFlush() } }
        }
    }

    /// Requests a flush of each reporter.
    public func requestFlush() {
        for reporter in reporters { reporter.requestFlush() }
    }

    /// Returns when each reporter has shut down; they do so concurrently, so that the slowest determines the time.
    public func shutdown(timeout: Duration?) async {
        await withDiscardingTaskGroup { group in
            for reporter in reporters {
                group.addTask { await reporter.shutdown(timeout: timeout) }
            }
        }
    }
}

/// A reporter for tests that keeps spans in memory, in the order of their ends.
public final class InMemoryReporter: SpanReporter {
    private struct State {
        var spans: [FinishedSpan] = []
        var droppedCount = 0
    }

    /// The maximum number of spans that are kept; later ones are dropped and counted.
    public let maxSpanCount: Int
    private let state = Mutex(State())

    /// Creates an empty reporter with a limit; the default, 10 000 spans, takes about 10 MB.
    public init(maxSpanCount: Int = 10_000) {
        self.maxSpanCount = maxSpanCount
    }

    /// Keeps a span if the limit is not reached.
    public func report(_ span: FinishedSpan) {
        state.withLock { state in
            if state.spans.count < maxSpanCount {
                state.spans.append(span)
            } else {
                state.droppedCount += 1
            }
        }
    }

    /// The spans kept so far, in the order of their ends.
    public var spans: [FinishedSpan] { state.withLock { $0.spans } }

    /// The number of spans that were dropped because the limit was reached.
    public var droppedCount: Int { state.withLock { $0.droppedCount } }

    /// Removes all spans and resets the count.
    public func removeAll() {
        state.withLock { $0 = State() }
    }
}

/// A reporter that logs a line for each span.
public struct LoggingReporter: SpanReporter {
    private let logger: Logger
    private let level: Logger.Level

    /// Creates a reporter that writes to a logger at a level.
    public init(logger: Logger, level: Logger.Level = .info) {
        self.logger = logger
        self.level = level
    }

    /// Logs name, ids and duration of a span.
    public func report(_ span: FinishedSpan) {
        logger.log(
            level: level, "span finished",
            metadata: [
                "operation": "\(span.operationName)",
                "service": "\(span.process.serviceName)",
                "trace_id": "\(span.traceID)",
                "span_id": "\(span.spanID)",
                "duration_us": "\(span.durationNanoseconds / 1000)",
            ])
    }
}

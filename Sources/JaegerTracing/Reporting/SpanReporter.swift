public import Logging
import Synchronization

/// Where finished spans go.
///
/// A reporter may serve any number of tracers: the process travels with each span.
public protocol SpanReporter: Sendable {
    /// Takes over a finished span; never waits and never throws.
    ///
    /// A span that cannot be kept is dropped and counted under its cause.
    func report(_ span: FinishedSpan)

    /// Returns when every span reported before the call is sent or dropped.
    func flush() async

    /// Asks that pending spans be sent soon; returns at once.
    func flushSoon()

    /// Refuses further spans and sends what is pending; what cannot be sent in time is dropped and counted.
    ///
    /// - Parameter timeout: How long to wait at the most; the reporter's own time if nil.
    func close(within timeout: Duration?) async
}

extension SpanReporter {
    /// Nothing is pending in a reporter that does not override this.
    public func flush() async {}

    /// Nothing is pending in a reporter that does not override this.
    public func flushSoon() {}

    /// Flushes, for a reporter that does not override this has nothing to refuse or to drop.
    public func close(within timeout: Duration?) async { await flush() }

    /// The same as ``close(within:)``, within the reporter's own time.
    public func close() async { await close(within: nil) }
}

/// Forgets every span: for a service that only passes contexts on.
public struct NullReporter: SpanReporter {
    /// Makes a reporter.
    public init() {}

    /// Does nothing.
    public func report(_ span: FinishedSpan) {}
}

/// Hands every span to several reporters, in order.
public struct CompositeReporter: SpanReporter {
    private let reporters: [any SpanReporter]

    /// Makes a reporter of others.
    public init(_ reporters: [any SpanReporter]) {
        self.reporters = reporters
    }

    /// Hands the span to each reporter.
    public func report(_ span: FinishedSpan) {
        for reporter in reporters { reporter.report(span) }
    }

    /// Returns when each reporter has flushed; they do so at the same time.
    public func flush() async {
        await withDiscardingTaskGroup { group in
            for reporter in reporters { group.addTask { await reporter.flush() } }
        }
    }

    /// Asks each reporter to flush soon.
    public func flushSoon() {
        for reporter in reporters { reporter.flushSoon() }
    }

    /// Returns when each reporter has closed; they do so at the same time, so that the time is that of the slowest.
    public func close(within timeout: Duration?) async {
        await withDiscardingTaskGroup { group in
            for reporter in reporters { group.addTask { await reporter.close(within: timeout) } }
        }
    }
}

/// Keeps spans in memory, in the order of their ends: for tests.
public final class InMemoryReporter: SpanReporter {
    private struct State {
        var spans: [FinishedSpan] = []
        var droppedCount = 0
    }

    /// The greatest number of spans kept; later ones are dropped and counted.
    public let maxSpanCount: Int
    private let state = Mutex(State())

    /// Makes an empty reporter that keeps so many spans: 10 000, some 10 MB, unless told otherwise.
    public init(maxSpanCount: Int = 10_000) {
        self.maxSpanCount = maxSpanCount
    }

    /// Keeps a span if there is room.
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

    /// How many spans there was no room for.
    public var droppedCount: Int { state.withLock { $0.droppedCount } }

    /// Forgets all spans and counts.
    public func removeAll() {
        state.withLock { $0 = State() }
    }
}

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

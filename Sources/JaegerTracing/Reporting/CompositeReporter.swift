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

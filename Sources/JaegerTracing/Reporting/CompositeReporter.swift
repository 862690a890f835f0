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

    /// Returns when each reporter has flushed, one after the other.
    public func flush() async {
        for reporter in reporters { await reporter.flush() }
    }

    /// Asks each reporter to flush soon.
    public func flushSoon() {
        for reporter in reporters { reporter.flushSoon() }
    }
}

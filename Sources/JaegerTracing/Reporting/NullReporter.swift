/// Forgets every span: for a service that only passes contexts on.
public struct NullReporter: SpanReporter {
    /// Makes a reporter.
    public init() {}

    /// Does nothing.
    public func report(_ span: FinishedSpan) {}
}

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

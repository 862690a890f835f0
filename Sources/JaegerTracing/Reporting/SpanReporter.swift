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
}

extension SpanReporter {
    /// Nothing is pending in a reporter that does not override this.
    public func flush() async {}

    /// Nothing is pending in a reporter that does not override this.
    public func flushSoon() {}
}

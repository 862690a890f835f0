/// What other tracing systems let travel with a trace: the `tracestate` field of W3C Trace Context.
///
/// A list of `key=value` members, the most recent writer first; a tracer hands on what it does not
/// know, in the same order.
public struct TraceState: Hashable, Sendable, CustomStringConvertible {
    /// The members as the field has them: no blanks around them, no empty ones.
    public let description: String

    init(canonical text: String) { description = text }
}

/// The ids of a span, which never change.
struct SpanIdentity: Sendable {
    let traceID: TraceID
    let spanID: SpanID
    /// Zero for a root.
    let parentID: SpanID
}

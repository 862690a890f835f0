/// What never changes of a span: who it is and where it came from.
struct SpanIdentity: Sendable {
    let traceID: TraceID
    let spanID: SpanID
    /// Zero for a root.
    let parentID: SpanID
    /// Whether the parent is a span of another process.
    let isParentRemote: Bool
    /// Whether the trace id is known to be random (W3C Trace Context level 2).
    let hasRandomTraceID: Bool
    /// Whether nobody has decided on sampling, and this process does not either (pass-through).
    var isSamplingDeferred = false
}

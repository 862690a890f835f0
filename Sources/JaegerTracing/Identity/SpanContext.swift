/// What travels of a span: between tasks as a `ServiceContext` value, between services as headers.
///
/// A context without a valid trace carries only what came beside one (``baggage``, ``debugID``);
/// the next span then starts a new trace that takes these along.
public struct SpanContext: Hashable, Sendable {
    /// The trace; not valid when only baggage or a debug id was received.
    public var traceID: TraceID
    /// The span that a new span will be a child of.
    public var spanID: SpanID
    /// The parent of that span, nil for a root; receivers ignore it, but it must be written.
    public var parentID: SpanID?
    /// The flags of the trace.
    public var flags: TraceFlags
    /// Key-value pairs of the application that travel with the trace.
    public var baggage: Baggage
    /// Whether the context came from another process.
    public var isRemote: Bool
    /// The value of a `jaeger-debug-id` field that came without a trace; nil otherwise.
    public var debugID: String?

    /// Makes a context of its parts.
    public init(
        traceID: TraceID,
        spanID: SpanID,
        parentID: SpanID? = nil,
        flags: TraceFlags = [],
        baggage: Baggage = [:],
        isRemote: Bool = false,
        debugID: String? = nil
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentID = parentID
        self.flags = flags
        self.baggage = baggage
        self.isRemote = isRemote
        self.debugID = debugID
    }

    /// Makes a context that names no trace and carries only these.
    public init(baggage: Baggage, debugID: String? = nil, isRemote: Bool = false) {
        self.init(
            traceID: TraceID(low: 0), spanID: SpanID(0), baggage: baggage, isRemote: isRemote,
            debugID: debugID)
    }

    /// Whether the context names a span of a trace.
    public var isValid: Bool { traceID.isValid && spanID.isValid }
    /// Whether the spans of the trace are recorded.
    public var isSampled: Bool { flags.contains(.sampled) }
    /// Whether the trace was asked for by hand and must not be sampled down.
    public var isDebug: Bool { flags.contains(.debug) }
}

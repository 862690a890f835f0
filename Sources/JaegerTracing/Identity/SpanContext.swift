/// What travels of a span: between tasks as a `ServiceContext` value, between services as headers.
///
/// A context without a valid trace carries only what came beside one (``baggage``, ``debugID``, a
/// decision on sampling); the next span then starts a new trace that takes these along.
public struct SpanContext: Hashable, Sendable {
    /// The trace; not valid when only baggage, a debug id or a decision was received.
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
    /// Whether the trace id is known to be random (W3C Trace Context level 2, flag `02`).
    ///
    /// Apart from ``flags``, where the same bit means debug. A child hands it on unchanged.
    public var hasRandomTraceID: Bool
    /// Whether nobody has decided on sampling yet, so that the sampler is to be asked; ``flags``
    /// then say nothing.
    ///
    /// True for ids that came in B3 without a decision, and for a context without a trace. If it is
    /// false in a context without a trace, then a decision came without ids (`b3: 0`), and the new
    /// trace takes the ``flags`` over instead of asking the sampler.
    public var isSamplingDeferred: Bool
    /// What hardly any context has.
    var companions: SpanCompanions

    /// Makes a context of its parts.
    ///
    /// - Parameter isSamplingDeferred: By default whether the ids are not valid.
    public init(
        traceID: TraceID,
        spanID: SpanID,
        parentID: SpanID? = nil,
        flags: TraceFlags = [],
        baggage: Baggage = [:],
        isRemote: Bool = false,
        hasRandomTraceID: Bool = false,
        isSamplingDeferred: Bool? = nil,
        debugID: String? = nil,
        traceState: TraceState? = nil
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentID = parentID
        self.flags = flags
        self.baggage = baggage
        self.isRemote = isRemote
        self.hasRandomTraceID = hasRandomTraceID
        self.isSamplingDeferred = isSamplingDeferred ?? !(traceID.isValid && spanID.isValid)
        companions = SpanCompanions(debugID: debugID, traceState: traceState)
    }

    /// Makes the context of a span of this process.
    init(
        traceID: TraceID, spanID: SpanID, parentID: SpanID?, flags: TraceFlags, baggage: Baggage,
        hasRandomTraceID: Bool, isSamplingDeferred: Bool, companions: SpanCompanions
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentID = parentID
        self.flags = flags
        self.baggage = baggage
        isRemote = false
        self.hasRandomTraceID = hasRandomTraceID
        self.isSamplingDeferred = isSamplingDeferred
        self.companions = companions
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

/// What the fields of one format say of a trace: a span context without what travels beside it.
///
/// Of plain numbers, so that reading allocates nothing. Without valid ids it is a decision on
/// sampling alone (B3 knows that).
struct ReceivedTrace: Hashable {
    var traceID = TraceID(low: 0)
    var spanID = SpanID(0)
    var parentID: SpanID?
    var flags: TraceFlags = []
    var hasRandomTraceID = false
    var isSamplingDeferred = false

    /// Whether there are ids.
    var isValid: Bool { traceID.isValid && spanID.isValid }

    /// Whether both name the same span.
    func hasSameIDs(as other: ReceivedTrace) -> Bool {
        traceID == other.traceID && spanID == other.spanID
    }
}

extension ReceivedTrace {
    /// What a context says of its trace.
    init(_ context: SpanContext) {
        self.init(
            traceID: context.traceID, spanID: context.spanID, parentID: context.parentID,
            flags: context.flags, hasRandomTraceID: context.hasRandomTraceID,
            isSamplingDeferred: context.isSamplingDeferred)
    }
}

extension SpanContext {
    /// Makes a context of what was received.
    init(_ trace: ReceivedTrace) {
        self.init(
            traceID: trace.traceID, spanID: trace.spanID, parentID: trace.parentID,
            flags: trace.flags, isRemote: true, hasRandomTraceID: trace.hasRandomTraceID,
            isSamplingDeferred: trace.isSamplingDeferred)
    }
}

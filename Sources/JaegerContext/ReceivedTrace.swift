/// The trace that the headers of one format contain: a span context without baggage, debug id and trace state.
///
/// It consists of plain numbers, so that reading allocates nothing. Without valid ids it is only a sampling decision
/// (B3 allows that).
struct ReceivedTrace: Hashable {
    var traceID = TraceID(low: 0)
    var spanID = SpanID(0)
    var parentID: SpanID?
    var flags: TraceFlags = []
    var hasRandomTraceID = false
    var isSamplingDeferred = false

    /// Whether both ids are valid.
    var isValid: Bool { traceID.isValid && spanID.isValid }

    /// Returns whether both name the same span.
    func hasSameIDs(as other: ReceivedTrace) -> Bool {
        traceID == other.traceID && spanID == other.spanID
    }
}

extension ReceivedTrace {
    /// Creates the trace of a context.
    init(_ context: SpanContext) {
        self.init(
            traceID: context.traceID, spanID: context.spanID, parentID: context.parentID,
            flags: context.flags, hasRandomTraceID: context.hasRandomTraceID,
            isSamplingDeferred: context.isSamplingDeferred)
    }
}

extension SpanContext {
    /// Creates a context from a received trace.
    init(_ trace: ReceivedTrace) {
        self.init(
            traceID: trace.traceID, spanID: trace.spanID, parentID: trace.parentID,
            flags: trace.flags, isRemote: true, hasRandomTraceID: trace.hasRandomTraceID,
            isSamplingDeferred: trace.isSamplingDeferred)
    }
}

/// The result of reading the headers of a message in one format.
enum TraceReading: Hashable {
    /// There is no header of the format.
    case absent
    /// The headers are malformed or contradict each other.
    case malformed
    /// There is a trace, or a sampling decision without a trace.
    case found(ReceivedTrace)

    /// Adds another header that contains a whole trace; nil is malformed, and so is a second trace that differs.
    mutating func take(_ trace: ReceivedTrace?) {
        guard let trace else { return self = .malformed }
        switch self {
        case .absent: self = .found(trace)
        case .found(let earlier) where earlier == trace: break
        case .found, .malformed: self = .malformed
        }
    }
}

/// Combines the traces that several formats contain, in order of preference, into one.
///
/// The first format with valid ids wins. Other formats that name the same span add what the first cannot express (W3C
/// Trace Context has no debug flag, B3 may leave the decision open); formats that name another span conflict with it.
struct TraceResolution {
    private(set) var trace: ReceivedTrace?
    /// A sampling decision that was received without ids.
    private(set) var decision: TraceFlags?
    private(set) var malformedCount = 0
    private(set) var hasConflict = false

    /// Adds the result of the next format.
    mutating func add(_ reading: TraceReading) {
        switch reading {
        case .absent: break
        case .malformed: malformedCount += 1
        case .found(let other):
            guard other.isValid else {
                if !other.isSamplingDeferred, decision == nil { decision = other.flags }
                return
            }
            guard trace != nil else { return trace = other }
            complete(with: other)
        }
    }

    private mutating func complete(with other: ReceivedTrace) {
        guard var trace else { return }
        if trace.traceID == other.traceID, other.hasRandomTraceID { trace.hasRandomTraceID = true }
        if trace.hasSameIDs(as: other) {
            if trace.isSamplingDeferred, !other.isSamplingDeferred {
                trace.flags = other.flags
                trace.isSamplingDeferred = false
            } else if trace.flags.contains(.sampled) == other.flags.contains(.sampled) {
                trace.flags.formUnion(other.flags.intersection([.debug, .firehose]))
            }
            if trace.parentID == nil { trace.parentID = other.parentID }
        } else {
            hasConflict = true
        }
        self.trace = trace
    }

    /// The trace, with the decision that was received without ids if it has none; or only that decision.
    var result: ReceivedTrace? {
        guard let decision else { return trace }
        guard var trace else { return ReceivedTrace(flags: decision) }
        if trace.isSamplingDeferred {
            trace.flags = decision
            trace.isSamplingDeferred = false
        }
        return trace
    }
}

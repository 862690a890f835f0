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

/// What one format made of the fields of a message.
enum TraceReading: Hashable {
    /// There is nothing of the kind.
    case absent
    /// There is something, but it cannot be read, or it contradicts itself.
    case malformed
    /// There is a trace, or a decision on sampling without one.
    case found(ReceivedTrace)

    /// Takes one more field that says all: nil is malformed, and so is a second that differs.
    mutating func take(_ trace: ReceivedTrace?) {
        guard let trace else { return self = .malformed }
        switch self {
        case .absent: self = .found(trace)
        case .found(let earlier) where earlier == trace: break
        case .found, .malformed: self = .malformed
        }
    }
}

/// One trace out of what several formats say, asked in the order of preference.
///
/// The first that finds ids wins. Others that name the same span add what the first cannot express
/// (W3C Trace Context knows no debug flag, B3 may leave the decision open); others that name
/// another span are in conflict with it.
struct TraceResolution {
    private(set) var trace: ReceivedTrace?
    /// A decision on sampling that came without ids.
    private(set) var decision: TraceFlags?
    private(set) var malformedCount = 0
    private(set) var hasConflict = false

    /// Takes what the next format found.
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

    /// The trace, with the decision that came without ids if it has none of its own; or that alone.
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

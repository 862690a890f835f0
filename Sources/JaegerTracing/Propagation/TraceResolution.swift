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
            } else if trace.flags.contains(.sampled), other.flags.contains(.sampled) {
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

/// The fields of B3's form in several fields, gathered one by one until all are there.
struct B3Fields {
    /// What one of the fields is.
    enum Part {
        case traceID, spanID, parentID, sampled, flags
    }

    private var trace = ReceivedTrace()
    private var hasDecision = false
    private var isMalformed = false

    /// Takes the value of a field; the same again is no fault.
    mutating func take(_ part: Part, _ field: Swift.Span<UInt8>) {
        let text = field.extracting(field.rangeWithoutBlanks)
        switch part {
        case .traceID:
            guard let id = TraceID(b3: text), !trace.traceID.isValid || trace.traceID == id
            else { return isMalformed = true }
            trace.traceID = id
        case .spanID:
            guard let id = SpanID(b3: text), !trace.spanID.isValid || trace.spanID == id
            else { return isMalformed = true }
            trace.spanID = id
        case .parentID:
            // No receiver heeds it, so a malformed one is none.
            if trace.parentID == nil { trace.parentID = SpanID(b3: text) }
        case .sampled: takeSampled(text)
        case .flags:
            // Debug implies the decision to sample, which is then not sent.
            guard text.count == 1, text[0] == UInt8(ascii: "1") else { return }
            hasDecision = true
            trace.flags.formUnion([.sampled, .debug])
        }
    }

    /// What the fields say together.
    var reading: TraceReading {
        if isMalformed { return .malformed }
        switch (trace.traceID.isValid, trace.spanID.isValid) {
        case (true, true):
            var trace = trace
            trace.isSamplingDeferred = !hasDecision
            return .found(trace)
        case (false, false) where trace.parentID == nil:
            return hasDecision ? .found(trace) : .absent
        default: return .malformed
        }
    }

    private mutating func takeSampled(_ text: Swift.Span<UInt8>) {
        guard let isSampled = Self.decision(text) else { return isMalformed = true }
        if hasDecision, !trace.flags.contains(.debug) {
            guard trace.flags.contains(.sampled) == isSampled else { return isMalformed = true }
        }
        hasDecision = true
        if isSampled { trace.flags.insert(.sampled) }
    }

    // Early senders wrote words instead of digits.
    private static func decision(_ text: Swift.Span<UInt8>) -> Bool? {
        if text.count == 1 {
            switch text[0] {
            case UInt8(ascii: "0"): return false
            case UInt8(ascii: "1"): return true
            default: return nil
            }
        }
        if text.begins(with: "true".utf8.span), text.count == 4 { return true }
        return text.begins(with: "false".utf8.span) && text.count == 5 ? false : nil
    }
}

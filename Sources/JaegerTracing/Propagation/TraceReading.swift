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

/// The flag bits that travel with a trace (last field of `uber-trace-id`, `flags` of jaeger.thrift).
public struct TraceFlags: OptionSet, Hashable, Sendable {
    /// The bits as they travel.
    public let rawValue: UInt8

    /// Makes flags of their bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The spans of this trace are recorded and reported.
    public static let sampled = TraceFlags(rawValue: 1)
    /// The backend must not sample the trace down; implies ``sampled`` in intent.
    public static let debug = TraceFlags(rawValue: 2)
    /// The trace is kept out of indices (Jaeger's Go client only).
    public static let firehose = TraceFlags(rawValue: 8)
}

/// The identity of a trace, shared by every span in it.
///
/// Jaeger's clients make 64-bit ids (`high` is zero) or 128-bit ids. Two texts of different width
/// name the same trace when their numbers are equal: compare ids, never texts.
public struct TraceID: Hashable, Sendable {
    /// The upper 64 bits; zero for a 64-bit id (`traceIdHigh` of jaeger.thrift).
    public let high: UInt64
    /// The lower 64 bits (`traceIdLow` of jaeger.thrift).
    public let low: UInt64

    /// Makes an id of its two halves; both zero is the invalid id.
    public init(high: UInt64 = 0, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Whether the id names a trace: zero is reserved.
    public var isValid: Bool { high != 0 || low != 0 }
}

/// The identity of a span within its trace.
public struct SpanID: Hashable, Sendable {
    /// The 64 bits of the id; zero is the invalid id.
    public let value: UInt64

    /// Makes an id of its bits.
    public init(_ value: UInt64) {
        self.value = value
    }

    /// Whether the id names a span: zero is reserved.
    public var isValid: Bool { value != 0 }
}

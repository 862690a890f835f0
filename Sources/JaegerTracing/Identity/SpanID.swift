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

extension SpanID: LosslessStringConvertible {
    /// The id in 16 lower-case hexadecimal digits.
    public var description: String {
        var text = HexText()
        text.appendPadded(value)
        return text.string
    }

    /// Reads 1 to 16 hexadecimal digits of either case; nil for any other text.
    public init?(_ text: String) {
        self.init(hexDigits: text.utf8.span)
    }

    /// Reads 1 to 16 hexadecimal digits of either case, as bytes; nil for any other text.
    public init?(hexDigits: Swift.Span<UInt8>) {
        guard let number = HexNumber(hexDigits, digitCountMax: 16) else { return nil }
        self.init(number.low)
    }
}

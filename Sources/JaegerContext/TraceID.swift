/// The identity of a trace, shared by every span in it.
///
/// Jaeger's clients create 64-bit ids (`high` is zero) or 128-bit ids. Texts of different width name the same trace if
/// their numbers are equal: compare ids, never texts.
public struct TraceID: Hashable, Sendable {
    /// The upper 64 bits; zero for a 64-bit id (`traceIdHigh` of jaeger.thrift).
    public let high: UInt64
    /// The lower 64 bits (`traceIdLow` of jaeger.thrift).
    public let low: UInt64

    /// Creates an id from its two halves; both zero is the invalid id.
    @inlinable
    public init(high: UInt64 = 0, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Whether the id names a trace: zero is reserved.
    @inlinable public var isValid: Bool { high != 0 || low != 0 }
}

extension TraceID: LosslessStringConvertible {
    /// The id in lower-case hexadecimal digits: 16 for a 64-bit id, 32 for a 128-bit one.
    public var description: String {
        var text = HexText()
        append(to: &text)
        return text.string
    }

    /// Parses 1 to 32 hexadecimal digits of either case; nil for any other text.
    public init?(_ text: String) {
        self.init(hexDigits: text.utf8.span)
    }

    /// Parses 1 to 32 hexadecimal digits of either case, as bytes; nil for any other text.
    public init?(hexDigits: Swift.Span<UInt8>) {
        guard let number = HexNumber(hexDigits, maxDigitCount: 32) else { return nil }
        self.init(high: number.high, low: number.low)
    }

    func append(to text: inout HexText) {
        if high != 0 { text.appendPadded(high) }
        text.appendPadded(low)
    }
}

/// The identity of a span within its trace.
public struct SpanID: Hashable, Sendable {
    /// The 64 bits of the id; zero is the invalid id.
    public let value: UInt64

    /// Creates an id from its bits.
    @inlinable
    public init(_ value: UInt64) {
        self.value = value
    }

    /// Whether the id names a span: zero is reserved.
    @inlinable public var isValid: Bool { value != 0 }
}

extension SpanID: LosslessStringConvertible {
    /// The id in 16 lower-case hexadecimal digits.
    public var description: String {
        var text = HexText()
        text.appendPadded(value)
        return text.string
    }

    /// Parses 1 to 16 hexadecimal digits of either case; nil for any other text.
    public init?(_ text: String) {
        self.init(hexDigits: text.utf8.span)
    }

    /// Parses 1 to 16 hexadecimal digits of either case, as bytes; nil for any other text.
    public init?(hexDigits: Swift.Span<UInt8>) {
        guard let number = HexNumber(hexDigits, maxDigitCount: 16) else { return nil }
        self.init(number.low)
    }
}

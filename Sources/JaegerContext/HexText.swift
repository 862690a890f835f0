import SpoorText

/// A buffer on the stack for a short text, mostly hexadecimal digits.
///
/// Bytes beyond the capacity are dropped: the longest text written with it, a span context of 70 bytes, fits.
package struct HexText {
    private var bytes = InlineArray<72, UInt8>(repeating: 0)
    private(set) var count = 0

    /// Appends one byte.
    mutating func append(_ byte: UInt8) {
        guard count < bytes.count else { return }
        bytes[count] = byte
        count += 1
    }

    /// Appends exactly 16 lower-case digits.
    mutating func appendPadded(_ value: UInt64) {
        var shift: UInt64 = 64
        while shift > 0 {
            shift -= 4
            append(.hexDigit(UInt8(truncatingIfNeeded: value >> shift) & 0xf))
        }
    }

    /// The text as a string; this is the only heap allocation, and there is none up to 15 bytes.
    var string: String {
        guard let text = try? UTF8Span(validating: bytes.span.extracting(0..<count)) else {
            return ""
        }
        return String(copying: text)
    }
}

/// A number parsed from 1 to 32 hexadecimal digits; any other number of digits or any other byte is not accepted.
struct HexNumber {
    private(set) var high: UInt64 = 0
    private(set) var low: UInt64 = 0
    private(set) var digitCount = 0

    /// Appends a digit.
    ///
    /// - Returns: Whether the byte was a digit and there was room for it.
    mutating func take(_ byte: UInt8) -> Bool {
        guard let digit = byte.hexDigitValue, digitCount < 32 else { return false }
        high = high << 4 | low >> 60
        low = low << 4 | UInt64(digit)
        digitCount += 1
        return true
    }

    /// Parses a whole text of at most `maxDigitCount` digits.
    init?(_ text: Swift.Span<UInt8>, maxDigitCount: Int) {
        guard !text.isEmpty, text.count <= maxDigitCount else { return nil }
        for index in text.indices {
            guard take(text[index]) else { return nil }
        }
    }

    /// Parses a whole text of exactly `digitCount` digits, all in lower case.
    init?(lowerCase text: Swift.Span<UInt8>, digitCount: Int) {
        guard text.count == digitCount else { return nil }
        for index in text.indices {
            let isUpper = text[index] & 0xe0 == 0x40
            guard !isUpper, take(text[index]) else { return nil }
        }
    }

    /// Creates zero, without digits.
    init() {}
}

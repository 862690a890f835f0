import SpoorText

/// A short text under construction, of hexadecimal digits mostly, on the stack.
///
/// Bytes past the capacity are left out: the longest text written with it, a span context of 70 bytes, fits.
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

    /// The text as a string: its only heap allocation, and none up to 15 bytes.
    var string: String {
        guard let text = try? UTF8Span(validating: bytes.span.extracting(0..<count)) else {
            return ""
        }
        return String(copying: text)
    }
}

/// A number read from 1 to 32 hexadecimal digits; any other digit count, or any other byte, is none.
struct HexNumber {
    private(set) var high: UInt64 = 0
    private(set) var low: UInt64 = 0
    private(set) var digitCount = 0

    /// Takes one more digit.
    ///
    /// - Returns: Whether the byte was a digit and there was room for it.
    mutating func take(_ byte: UInt8) -> Bool {
        guard let digit = byte.hexDigitValue, digitCount < 32 else { return false }
        high = high << 4 | low >> 60
        low = low << 4 | UInt64(digit)
        digitCount += 1
        return true
    }

    /// Reads a whole text.
    init?(_ text: Swift.Span<UInt8>, maxDigitCount: Int) {
        guard !text.isEmpty, text.count <= maxDigitCount else { return nil }
        for index in text.indices {
            guard take(text[index]) else { return nil }
        }
    }

    /// Reads a whole text of exactly as many digits, all of them in lower case.
    init?(lowerCase text: Swift.Span<UInt8>, digitCount: Int) {
        guard text.count == digitCount else { return nil }
        for index in text.indices {
            let isUpper = text[index] & 0xe0 == 0x40
            guard !isUpper, take(text[index]) else { return nil }
        }
    }

    /// Makes zero, of no digits.
    init() {}
}

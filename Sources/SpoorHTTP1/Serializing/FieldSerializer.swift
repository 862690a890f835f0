import SpoorHTTP
import SpoorText

/// Writes field lines: `name ": " value CRLF` (RFC 9112 §5).
enum FieldSerializer {
    /// No more room than this is needed for the lines of these fields.
    @inline(__always)
    static func bytesMax(_ fields: borrowing Fields) -> Int {
        guard !fields.entries.isEmpty else { return 0 }
        var count = 0
        for index in fields.entries.indices {
            let entry = fields.entries[index]
            count &+= Int(entry.nameCount) &+ Int(entry.valueCount) &+ 4
        }
        return count
    }

    /// All fields, as they are.
    static func append(_ fields: Fields, to output: inout OutputSpan<UInt8>) {
        let bytes = fields.bytes.span
        for entry in fields.entries {
            append(entry, of: bytes, to: &output)
        }
    }

    /// One field.
    @inline(__always)
    static func append(
        _ entry: Fields.Entry, of bytes: Span<UInt8>, to output: inout OutputSpan<UInt8>
    ) {
        output.append(copying: bytes.extracting(entry.name))
        output.append(literal: ": ")
        output.append(copying: bytes.extracting(entry.value))
        output.append(literal: "\r\n")
    }

    /// A number in decimal digits, of which there are at most nineteen.
    @inline(__always)
    static func append(_ number: Int, to output: inout OutputSpan<UInt8>) {
        if number < 10 {
            output.append(UInt8(truncatingIfNeeded: number) &+ .digitZero)
            return
        }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = 20
        var rest = UInt64(number)
        while rest > 0 {
            start &-= 1
            digits[start] = UInt8(truncatingIfNeeded: rest % 10) &+ .digitZero
            rest /= 10
        }
        output.append(copying: digits.span.extracting(start..<20))
    }
}

import SpoorHTTP

/// Writes field lines: `name ": " value CRLF` (RFC 9112 §5).
enum FieldSerializer {
    /// All fields, as they are.
    static func append(_ fields: Fields, to output: inout [UInt8]) {
        let bytes = fields.bytes.span
        for entry in fields.entries {
            append(entry, of: bytes, to: &output)
        }
    }

    /// One field.
    @inline(__always)
    static func append(
        _ entry: Fields.Entry, of bytes: Span<UInt8>, to output: inout [UInt8]
    ) {
        output.append(copying: bytes.extracting(entry.name))
        output.append(literal: ": ")
        output.append(copying: bytes.extracting(entry.value))
        output.append(literal: "\r\n")
    }

    /// A number in decimal digits.
    @inline(__always)
    static func append(_ number: Int, to output: inout [UInt8]) {
        if number < 10 {
            output.append(UInt8(truncatingIfNeeded: number) &+ 0x30)
            return
        }
        var power = 10
        while power <= number / 10 { power &*= 10 }
        var rest = number
        while power > 0 {
            let digit = rest / power
            output.append(UInt8(truncatingIfNeeded: digit) &+ 0x30)
            rest &-= digit &* power
            power /= 10
        }
    }
}

/// Arrays as JSON texts, as the exporters of OpenTelemetry write them for backends without arrays.
extension TagValue {
    /// The JSON text of an array.
    static func json(_ values: [TagValue]) -> String {
        var text = ""
        write(values, to: &text)
        return text
    }

    private static func write(_ values: [TagValue], to text: inout String) {
        text += "["
        for (index, value) in values.enumerated() {
            if index > 0 { text += "," }
            switch value {
            case .string(let string): writeQuoted(string, to: &text)
            // RFC 8259 §6: numbers that are not finite are not permitted.
            case .double(let number): text += number.isFinite ? String(number) : "null"
            case .bool, .int: text += value.text
            case .binary: writeQuoted(value.text, to: &text)
            case .array(let inner): write(inner, to: &text)
            }
        }
        text += "]"
    }

    // RFC 8259 §7: quotation mark, reverse solidus and U+0000 to U+001F must be escaped.
    private static func writeQuoted(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{0}"..."\u{1f}":
                text += "\\u00"
                for digit in [scalar.value >> 4, scalar.value & 0xf] {
                    text.unicodeScalars.append(Unicode.Scalar(HexText.digit(UInt8(digit))))
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

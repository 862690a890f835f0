/// Percent-encoding as baggage values need it (RFC 3986 §2.1).
///
/// Encoders differ in what they do to spaces: of Jaeger's clients those for Go, Java and Ruby write `+`, those for Node,
/// Python, C++ and C# `%20`; all of them write a plus as `%2B`. Everything but the unreserved characters is written as `%XX`
/// here, which all of them understand.
package enum PercentCoding {
    /// What a `+` stands for where percent-encoded text is read.
    package enum Plus {
        /// Itself, as in W3C Baggage.
        case isPlus
        /// A space, as in a form (`application/x-www-form-urlencoded`) and in the fields of Jaeger.
        case isSpace
    }

    /// The text with everything but unreserved characters (RFC 3986 §2.3) encoded.
    package static func encode(_ text: String) -> String {
        if text.utf8.allSatisfy(isUnreserved) { return text }
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            if isUnreserved(byte) {
                encoded.append(byte)
            } else {
                append(byte, to: &encoded)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The bytes with each `%XX` decoded; a percent sign before anything else stands for itself.
    package static func decode(_ text: Swift.Span<UInt8>, plus: Plus = .isPlus) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%"), text.count - index >= 3,
                let high = HexText.value(ofDigit: text[index + 1]),
                let low = HexText.value(ofDigit: text[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                let isSpace = plus == .isSpace && text[index] == UInt8(ascii: "+")
                decoded.append(isSpace ? UInt8(ascii: " ") : text[index])
                index += 1
            }
        }
        return decoded
    }

    /// The decoded text; what is no UTF-8 is replaced.
    static func text(_ bytes: Swift.Span<UInt8>, plus: Plus = .isPlus) -> String {
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%") || byte == UInt8(ascii: "+") && plus == .isSpace {
                return String(decoding: decode(bytes, plus: plus), as: UTF8.self)
            }
        }
        return bytes.trimmedText
    }

    /// The text with those bytes encoded that must not stand in a field value that we write: controls, and what is not ASCII.
    static func encodeInvisible(_ bytes: Swift.Span<UInt8>) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count)
        for index in bytes.indices {
            let byte = bytes[index]
            if byte >= 0x20 && byte < 0x7f || byte == UInt8(ascii: "\t") {
                encoded.append(byte)
            } else {
                append(byte, to: &encoded)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Whether encoding would change nothing.
    static func isUnreserved(_ bytes: Swift.Span<UInt8>) -> Bool {
        for index in bytes.indices where !isUnreserved(bytes[index]) { return false }
        return true
    }

    /// The bytes as they are.
    static func copy(_ text: Swift.Span<UInt8>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(text.count)
        for index in text.indices { copy.append(text[index]) }
        return copy
    }

    private static func append(_ byte: UInt8, to encoded: inout [UInt8]) {
        encoded.append(UInt8(ascii: "%"))
        encoded.append(upperDigit(byte >> 4))
        encoded.append(upperDigit(byte & 0xf))
    }

    // RFC 3986 §2.1: producers should use upper-case digits.
    private static func upperDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") - 10 + value
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

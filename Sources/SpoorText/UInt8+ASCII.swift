/// Named ASCII bytes (RFC 20) that occur in the grammar of HTTP, for readable parsers.
///
/// They are members of `UInt8`, so that a byte is compared as `byte == .colon` and matched by `case .colon`.
extension UInt8 {
    /// HTAB.
    @inlinable package static var tab: UInt8 { 0x09 }
    /// LF.
    @inlinable package static var lineFeed: UInt8 { 0x0A }
    /// CR.
    @inlinable package static var carriageReturn: UInt8 { 0x0D }
    /// SP, the first byte that is not a control byte.
    @inlinable package static var space: UInt8 { 0x20 }
    /// `!`, the first visible byte.
    @inlinable package static var exclamationMark: UInt8 { 0x21 }
    /// `"`.
    @inlinable package static var quote: UInt8 { 0x22 }
    /// `#`.
    @inlinable package static var numberSign: UInt8 { 0x23 }
    /// `%`.
    @inlinable package static var percent: UInt8 { 0x25 }
    /// `&`.
    @inlinable package static var ampersand: UInt8 { 0x26 }
    /// `*`.
    @inlinable package static var asterisk: UInt8 { 0x2A }
    /// `+`.
    @inlinable package static var plus: UInt8 { 0x2B }
    /// `,`.
    @inlinable package static var comma: UInt8 { 0x2C }
    /// `-`.
    @inlinable package static var hyphen: UInt8 { 0x2D }
    /// `.`.
    @inlinable package static var dot: UInt8 { 0x2E }
    /// `/`.
    @inlinable package static var slash: UInt8 { 0x2F }
    /// `0`.
    @inlinable package static var digitZero: UInt8 { 0x30 }
    /// `1`.
    @inlinable package static var digitOne: UInt8 { 0x31 }
    /// `9`.
    @inlinable package static var digitNine: UInt8 { 0x39 }
    /// `:`.
    @inlinable package static var colon: UInt8 { 0x3A }
    /// `;`.
    @inlinable package static var semicolon: UInt8 { 0x3B }
    /// `=`.
    @inlinable package static var equalsSign: UInt8 { 0x3D }
    /// `?`.
    @inlinable package static var questionMark: UInt8 { 0x3F }
    /// `@`.
    @inlinable package static var at: UInt8 { 0x40 }
    /// `A`.
    @inlinable package static var upperA: UInt8 { 0x41 }
    /// `[`.
    @inlinable package static var leftBracket: UInt8 { 0x5B }
    /// `\`.
    @inlinable package static var backslash: UInt8 { 0x5C }
    /// `]`.
    @inlinable package static var rightBracket: UInt8 { 0x5D }
    /// `_`.
    @inlinable package static var underscore: UInt8 { 0x5F }
    /// `a`.
    @inlinable package static var lowerA: UInt8 { 0x61 }
    /// `~`, the last visible byte.
    @inlinable package static var tilde: UInt8 { 0x7E }
    /// DEL, a control byte.
    @inlinable package static var delete: UInt8 { 0x7F }

    /// Whether the byte is SP or HTAB, which form `OWS` and `BWS` (RFC 9110 §5.6.3).
    @inlinable package var isBlank: Bool { self == .space || self == .tab }

    /// Whether the byte is a VCHAR: ASCII without controls and SP (RFC 5234 §B.1).
    @inlinable package var isVisible: Bool { self > .space && self < .delete }

    /// Whether the byte is `0` to `9`.
    @inlinable package var isDigit: Bool { self &- .digitZero < 10 }

    /// Whether the byte is `A` to `Z` or `a` to `z`.
    @inlinable package var isLetter: Bool { (self | .caseBit) &- .lowerA < 26 }

    /// The bit that is set in lower-case letters and clear in upper-case ones.
    @inlinable package static var caseBit: UInt8 { 0x20 }

    /// Whether the byte is allowed in methods, header names and other tokens: letters, digits and ``!#$%&'*+-.^_`|~``
    /// (RFC 9110 §5.6.2).
    @inlinable package var isTokenByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
            UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
            UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// Whether the byte is a letter, a digit or one of `-._~`, which need no encoding in any URL component (RFC 3986
    /// §2.3).
    @inlinable package var isUnreserved: Bool {
        isDigit || isLetter || self == .hyphen || self == .dot || self == .underscore
            || self == .tilde
    }

    /// The value of a hexadecimal digit of either case; nil for any other byte.
    @inlinable package var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self &- .digitZero
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self &- .upperA &+ 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self &- .lowerA &+ 10
        default: nil
        }
    }

    /// Returns the lower-case hexadecimal digit of a value below 16.
    @inlinable package static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? .digitZero &+ value : .lowerA &+ (value &- 10)
    }

    /// Returns the upper-case hexadecimal digit of a value below 16, for percent-encoding (RFC 3986 §2.1).
    @inlinable package static func upperHexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? .digitZero &+ value : .upperA &+ (value &- 10)
    }

    /// The lower-case form of an upper-case letter; any other byte unchanged.
    @inlinable package var lowercased: UInt8 { self &- .upperA < 26 ? self | .caseBit : self }
}

extension Sequence<UInt8> {
    /// Returns whether both sequences are equal, ignoring the case of ASCII letters.
    package func equalsIgnoringCase(_ other: some Sequence<UInt8>) -> Bool {
        elementsEqual(other) { $0.lowercased == $1.lowercased }
    }
}

extension BidirectionalCollection<UInt8> {
    /// The bytes without leading and trailing blanks, which `OWS` allows (RFC 9110 §5.6.3).
    package var trimmingBlanks: SubSequence {
        let start = drop { $0.isBlank }
        guard let last = start.lastIndex(where: { !$0.isBlank }) else {
            return start[start.endIndex...]
        }
        return start[...last]
    }
}

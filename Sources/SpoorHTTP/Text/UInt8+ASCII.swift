/// The bytes of ASCII (RFC 20) that the grammar of HTTP names, so that parsers say which byte they mean.
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

    /// SP or HTAB: what `OWS` and `BWS` consist of (RFC 9110 §5.6.3).
    @inlinable package var isBlank: Bool { self == .space || self == .tab }

    /// `0` to `9`.
    @inlinable package var isDigit: Bool { self &- .digitZero < 10 }

    /// `A` to `Z` and `a` to `z`.
    @inlinable package var isLetter: Bool { (self | .caseBit) &- .lowerA < 26 }

    /// What tells an upper-case letter from the lower-case one, which has it.
    @inlinable package static var caseBit: UInt8 { 0x20 }
}

/// A set of ASCII bytes as two words of bits, so that asking takes no memory access.
struct ByteSet: Sendable {
    let low: UInt64
    let high: UInt64

    /// Whether the byte is in the set; none above 127 is.
    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let bits = byte & 0x40 == 0 ? low : high
        return byte < 0x80 && bits &>> UInt64(byte & 0x3F) & 1 != 0
    }

    /// What methods and field names are made of: letters, digits and ``!#$%&'*+-.^_`|~`` (RFC 9110 §5.6.2).
    @inline(__always)
    static var token: ByteSet {
        ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    }

    /// What a target may hold: visible ASCII without `#`, since a fragment is never sent (RFC 9110 §7.1).
    ///
    /// Wider than RFC 3986 by ``"<>[\]^`{|}``, which browsers send unescaped in queries.
    @inline(__always)
    static var target: ByteSet {
        ByteSet(low: 0xFFFF_FFF6_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF)
    }

    /// What a registered name or an IPv4 address is made of (RFC 3986 §3.2.2), but for the comma: it is
    /// what two `Host` values joined by an intermediary look like.
    @inline(__always)
    static var hostName: ByteSet {
        ByteSet(low: 0x2BFF_6FF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    }

    /// What stands between the brackets of an IP literal (RFC 3986 §3.2.2).
    @inline(__always)
    static var addressLiteral: ByteSet {
        ByteSet(low: 0x07FF_4000_0000_0000, high: 0x0040_007E_0040_007E)
    }
}

/// Finds the byte that ends a run, eight bytes a step: each function gives a word whose lowest set
/// bit lies in the first byte that is not in the run; zero if all eight are.
enum WordScan {
    private static var highs: UInt64 { 0x8080_8080_8080_8080 }

    @inline(__always)
    private static func every(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

    /// Which byte, counted from the lowest, the first set bit lies in.
    @inline(__always)
    static func index(_ found: UInt64) -> Int { found.trailingZeroBitCount &>> 3 }

    /// The bytes that are neither letters nor hyphens: the end of most field names.
    ///
    /// Digits and the rarer token bytes stop it too; the caller looks at what it stopped at.
    @inline(__always)
    static func endOfWord(_ word: UInt64) -> UInt64 {
        let lower = (word | every(0x20)) & ~highs
        let fromA = lower &+ every(0x80 - 0x61)
        let aboveZ = lower &+ every(0x7F - 0x7A)
        let notDash = ((word & ~highs) ^ every(0x2D)) &+ every(0x7F)
        return ((~fromA | aboveZ) & notDash | word) & highs
    }

    /// The control bytes, HTAB among them: what ends a field value.
    @inline(__always)
    static func endOfValue(_ word: UInt64) -> UInt64 {
        let seven = word & ~highs
        let printable = seven &+ every(0x80 - 0x20)
        let delete = seven &+ every(0x01)
        return (~printable | delete) & ~word & highs
    }

    /// The control bytes, SP, `#`, `?`, DEL and what is not ASCII: what ends a path.
    @inline(__always)
    static func endOfPath(_ word: UInt64) -> UInt64 {
        let seven = word & ~highs
        let visible = seven &+ every(0x80 - 0x21)
        let delete = seven &+ every(0x01)
        let notNumberSign = (seven ^ every(0x23)) &+ every(0x7F)
        let notQuestionMark = (seven ^ every(0x3F)) &+ every(0x7F)
        return (~visible | delete | ~notNumberSign | ~notQuestionMark | word) & highs
    }
}

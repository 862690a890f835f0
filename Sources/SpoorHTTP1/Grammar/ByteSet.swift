import SpoorHTTP
import SpoorText

/// A set of ASCII bytes as two words of bits, one for each half of ASCII, so that asking takes no memory access.
///
/// The words stand here as numbers; the tests compare each set with the characters that it consists of.
struct ByteSet: Sendable {
    let low: UInt64
    let high: UInt64

    /// Whether the byte is in the set; none above 127 is.
    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let bits = byte < 64 ? low : high
        return byte < 128 && bits &>> UInt64(byte % 64) & 1 != 0
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
}

/// Finds the byte that ends a run among sixteen at once.
///
/// Each function gives zero for the bytes that are in the run, and something else for those that are not; zero
/// itself is in none. (Comparing, adding and subtracting are what Swift 6.3 makes one instruction of.)
enum RunScan {
    typealias Bytes = SIMD16<UInt8>

    /// What is neither letter nor hyphen: the end of most field names.
    ///
    /// Digits and the rarer token bytes stop it too; the caller looks at what it stopped at.
    @inline(__always)
    static func endOfWord(_ bytes: Bytes) -> Bytes {
        (isLetter(bytes) &+ (bytes .== every(.hyphen)).bytes .== every(0)).bytes
    }

    /// The control bytes, HTAB among them: what ends a field value.
    @inline(__always)
    static func endOfValue(_ bytes: Bytes) -> Bytes {
        (bytes .< every(.space)).bytes &+ (bytes .== every(.delete)).bytes
    }

    /// The control bytes, SP, `#`, `?`, DEL and what is not ASCII: what ends a path.
    @inline(__always)
    static func endOfPath(_ bytes: Bytes) -> Bytes {
        (bytes &- every(.exclamationMark) .> every(UInt8.tilde - .exclamationMark)).bytes
            &+ (bytes .== every(.numberSign)).bytes &+ (bytes .== every(.questionMark)).bytes
    }

    /// What is neither letter nor digit nor `-` nor `.`: the end of most hosts.
    @inline(__always)
    static func endOfHost(_ bytes: Bytes) -> Bytes {
        let isOther = (bytes &- every(.hyphen) .<= every(UInt8.digitNine - .hyphen)).bytes
        return (isLetter(bytes) &+ isOther .== every(0)).bytes &+ (bytes .== every(.slash)).bytes
    }

    @inline(__always)
    private static func isLetter(_ bytes: Bytes) -> Bytes {
        (bytes &- every(.lowerA) .<= every(25)).bytes
            &+ (bytes &- every(.upperA) .<= every(25)).bytes
    }

    @inline(__always)
    private static func every(_ byte: UInt8) -> Bytes { Bytes(repeating: byte) }
}

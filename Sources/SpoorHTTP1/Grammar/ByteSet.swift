import SpoorHTTP
import SpoorText

/// A set of ASCII bytes as two words of bits, one for each half of ASCII, so that a test takes no memory access.
///
/// The words are written as numbers; tests compare each set with its characters.
struct ByteSet: Sendable {
    let low: UInt64
    let high: UInt64

    /// Returns whether the byte is in the set; bytes above 127 never are.
    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let bits = byte < 64 ? low : high
        return byte < 128 && bits &>> UInt64(byte % 64) & 1 != 0
    }

    /// The bytes of methods and header names: letters, digits and ``!#$%&'*+-.^_`|~`` (RFC 9110 §5.6.2).
    @inline(__always)
    static var token: ByteSet {
        ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    }

    /// The bytes of a target: visible ASCII without `#`, since a fragment is never sent (RFC 9110 §7.1).
    ///
    /// In addition to RFC 3986 it contains ``"<>[\]^`{|}``, which browsers send unescaped in queries.
    @inline(__always)
    static var target: ByteSet {
        ByteSet(low: 0xFFFF_FFF6_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF)
    }

    /// The bytes of a registered name or an IPv4 address (RFC 3986 §3.2.2), except the comma: two `Host` values that
    /// an intermediary has joined contain one.
    @inline(__always)
    static var hostName: ByteSet {
        ByteSet(low: 0x2BFF_6FF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    }
}

/// Finds the byte that ends a run, sixteen bytes at a time.
///
/// Each function returns zero for bytes that belong to the run, and another value for those that do not; zero bytes
/// never do. (Swift 6.3 compiles comparing, adding and subtracting to one instruction each.)
enum RunScan {
    typealias Bytes = SIMD16<UInt8>

    /// Finds a byte that is neither letter nor hyphen: the end of most header names.
    ///
    /// Digits and the rarer token bytes end it too; the caller checks the byte at which it ended.
    @inline(__always)
    static func endOfWord(_ bytes: Bytes) -> Bytes {
        (isLetter(bytes) &+ (bytes .== every(.hyphen)).bytes .== every(0)).bytes
    }

    /// Finds a control byte, including HTAB: the end of a header value.
    @inline(__always)
    static func endOfValue(_ bytes: Bytes) -> Bytes {
        (bytes .< every(.space)).bytes &+ (bytes .== every(.delete)).bytes
    }

    /// Finds a control byte, SP, `#`, `?`, DEL or a byte that is not ASCII: the end of a path.
    @inline(__always)
    static func endOfPath(_ bytes: Bytes) -> Bytes {
        (bytes &- every(.exclamationMark) .> every(UInt8.tilde - .exclamationMark)).bytes
            &+ (bytes .== every(.numberSign)).bytes &+ (bytes .== every(.questionMark)).bytes
    }

    /// Finds a byte that is neither letter nor digit nor `-` nor `.`: the end of most hosts.
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

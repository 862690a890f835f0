import SpoorHTTP
import SpoorText

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

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
        (isLetter(bytes) &+ (bytes .== every(0x2D)).bytes .== every(0)).bytes
    }

    /// The control bytes, HTAB among them: what ends a field value.
    @inline(__always)
    static func endOfValue(_ bytes: Bytes) -> Bytes {
        (bytes .< every(0x20)).bytes &+ (bytes .== every(0x7F)).bytes
    }

    /// The control bytes, SP, `#`, `?`, DEL and what is not ASCII: what ends a path.
    @inline(__always)
    static func endOfPath(_ bytes: Bytes) -> Bytes {
        (bytes &- every(0x21) .> every(0x7E - 0x21)).bytes
            &+ (bytes .== every(0x23)).bytes &+ (bytes .== every(0x3F)).bytes
    }

    /// What is neither letter nor digit nor `-` nor `.`: the end of most hosts.
    @inline(__always)
    static func endOfHost(_ bytes: Bytes) -> Bytes {
        let isOther = (bytes &- every(0x2D) .<= every(0x39 - 0x2D)).bytes
        return (isLetter(bytes) &+ isOther .== every(0)).bytes &+ (bytes .== every(0x2F)).bytes
    }

    @inline(__always)
    private static func isLetter(_ bytes: Bytes) -> Bytes {
        (bytes &- every(0x61) .<= every(25)).bytes &+ (bytes &- every(0x41) .<= every(25)).bytes
    }

    @inline(__always)
    private static func every(_ byte: UInt8) -> Bytes { Bytes(repeating: byte) }
}

/// The eight bytes of a version, whose case matters (RFC 9112 §2.3).
///
/// `HTTP-version = "HTTP/" DIGIT "." DIGIT`
enum HTTPVersion {
    /// Whether a version may have that byte at that place.
    static func mayHave(_ byte: UInt8, at offset: Int) -> Bool {
        switch offset {
        case 0: byte == 0x48
        case 1, 2: byte == 0x54
        case 3: byte == 0x50
        case 4: byte == 0x2F
        case 5, 7: byte &- 0x30 < 10
        case 6: byte == 0x2E
        default: false
        }
    }
}

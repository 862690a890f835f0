import SpoorHTTP
import SpoorText

/// The eight bytes of a version, whose case matters (RFC 9112 §2.3).
///
/// `HTTP-version = "HTTP/" DIGIT "." DIGIT`
enum HTTPVersion {
    /// Whether a version may have that byte at that place.
    static func mayHave(_ byte: UInt8, at offset: Int) -> Bool {
        switch offset {
        case 0: byte == UInt8(ascii: "H")
        case 1, 2: byte == UInt8(ascii: "T")
        case 3: byte == UInt8(ascii: "P")
        case 4: byte == .slash
        case 5, 7: byte.isDigit
        case 6: byte == .dot
        default: false
        }
    }
}

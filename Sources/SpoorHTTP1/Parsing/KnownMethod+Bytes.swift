import HTTPTypes
import SpoorHTTP

/// Tells the common methods apart by their bytes; case matters (RFC 9110 §9.1).
extension KnownMethod {
    /// The method that stands at `offset` with a space behind it, and its length; nil for any other.
    ///
    /// At least eight bytes are there.
    @inline(__always)
    init?(startOf input: Span<UInt8>, at offset: Int) {
        let word = input.word(at: offset)
        if word & 0xFFFF_FFFF == 0x2054_4547 {
            self = .get
        } else if word & 0xFF_FFFF_FFFF == 0x20_5453_4F50 {
            self = .post
        } else if word & 0xFFFF_FFFF == 0x2054_5550 {
            self = .put
        } else if word & 0xFF_FFFF_FFFF == 0x20_4441_4548 {
            self = .head
        } else if word & 0xFF_FFFF_FFFF_FFFF == 0x20_4554_454C_4544 {
            self = .delete
        } else {
            return nil
        }
    }

    /// How many bytes the method has.
    @inline(__always)
    var count: Int {
        switch self {
        case .get, .put: 3
        case .post, .head: 4
        case .trace, .patch: 5
        case .delete: 6
        case .connect, .options: 7
        }
    }

    /// The method that the bytes spell; nil for any other.
    init?(whole bytes: Span<UInt8>) {
        for known in KnownMethod.allCases where known.count == bytes.count {
            let name = known.method.rawValue.utf8Span.span
            if bytes.indices.allSatisfy({ bytes[$0] == name[$0] }) {
                self = known
                return
            }
        }
        return nil
    }
}

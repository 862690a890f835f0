import HTTPTypes
import SpoorHTTP

/// Recognises the common methods by their bytes; case matters (RFC 9110 §9.1).
extension KnownMethod {
    /// The method at `offset`, if it is one of the five most frequent and a space follows it; nil for any other.
    ///
    /// At least eight bytes follow `offset`.
    @inline(__always)
    init?(startOf input: Span<UInt8>, at offset: Int) {
        let word = input.word(at: offset)
        if LiteralWord("GET ").begins(word) {
            self = .get
        } else if LiteralWord("POST ").begins(word) {
            self = .post
        } else if LiteralWord("PUT ").begins(word) {
            self = .put
        } else if LiteralWord("HEAD ").begins(word) {
            self = .head
        } else if LiteralWord("DELETE ").begins(word) {
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

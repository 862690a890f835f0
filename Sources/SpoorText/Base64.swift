/// Encodes and decodes Base64 (RFC 4648).
///
/// ```swift
/// Base64.standard.encode(Array("Aladdin:open sesame".utf8))  // QWxhZGRpbjpvcGVuIHNlc2FtZQ==
/// ```
public enum Base64: Sendable, Hashable, CaseIterable {
    /// The alphabet with `+` and `/`, padded with `=` (RFC 4648 §4): in `Authorization: Basic`, MIME and JSON.
    case standard
    /// The alphabet with `-` and `_`, without padding (RFC 4648 §5, §3.2): in URLs, file names and JSON Web Tokens.
    case urlSafe

    /// Returns the bytes encoded as text.
    public func encode(_ bytes: some Collection<UInt8>) -> String {
        let alphabet = self.alphabet
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var rest = bytes[...]
        while !rest.isEmpty {
            let group = rest.prefix(3)
            rest = rest.dropFirst(3)
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                if place <= group.count {
                    text.append(alphabet[bits >> (18 - 6 * place) & 63])
                } else if self == .standard {
                    text.append(.equalsSign)
                }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Returns the decoded bytes; nil if the text is not a canonical encoding.
    ///
    /// Rejected are white space, line breaks, characters of the other alphabet (§3.3), and non-zero bits before the
    /// padding (§3.5). Padding is required by ``standard`` and optional for ``urlSafe``.
    public func decode(_ text: String) -> [UInt8]? {
        let padding = text.utf8.reversed().prefix { $0 == .equalsSign }.count
        let digits = text.utf8.dropLast(padding)
        let missing = (4 - digits.count % 4) % 4
        guard missing < 3, padding == missing || padding == 0 && self == .urlSafe else {
            return nil
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3 + 2)
        var bits = 0
        var bitCount = 0
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
        }
        return bits & ((1 << bitCount) - 1) == 0 ? bytes : nil
    }

    private func value(of digit: UInt8) -> Int? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(digit &- .upperA)
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(digit &- .lowerA) + 26
        case .digitZero ... .digitNine: Int(digit &- .digitZero) + 52
        case self == .standard ? .plus : .hyphen: 62
        case self == .standard ? .slash : .underscore: 63
        default: nil
        }
    }

    private var alphabet: [UInt8] { self == .standard ? Self.standardAlphabet : Self.urlAlphabet }

    private static let standardAlphabet = Array((letters + "+/").utf8)
    private static let urlAlphabet = Array((letters + "-_").utf8)
    private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
}

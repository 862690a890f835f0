/// Percent-encoding of text and bytes for one component of a URL (RFC 3986 §2.1).
///
/// What is encoded for a component cannot end it or begin another: `7?admin=1` as a path segment is `7%3Fadmin%3D1`. Text is
/// encoded as UTF-8. For whole paths and queries see ``URLPath`` and ``URLQuery``.
public enum PercentEncoding: Sendable, Hashable, CaseIterable {
    /// One segment of a path: `/`, `?`, `#`, `%`, `;`, `=`, `&` and `+` are encoded (RFC 3986 §3.3).
    ///
    /// The segments `.` and `..` are encoded as `%2E` and `%2E%2E`. Spoor's router takes them as data; a proxy that normalises
    /// paths may still take them as steps (RFC 3986 §6.2.2.3), so refuse them where they make no sense.
    case pathSegment
    /// The name or the value of an item in a query: `&`, `=`, `+`, `#`, `;` and `%` are encoded (RFC 3986 §3.4).
    ///
    /// A space becomes `%20`, which decoders of forms and of URLs understand alike.
    case queryItem
    /// A fragment: `#` and `%` are encoded (RFC 3986 §3.5).
    case fragment
    /// The user name or the password of an authority: `:`, `@` and `/` are encoded (RFC 3986 §3.2.1).
    case userInfo
    /// Everything but letters, digits and `-._~` is encoded (RFC 3986 §2.3): text that stands for itself wherever it is put.
    case unreserved

    /// What a `+` stands for where percent-encoded bytes are read.
    package enum Plus {
        /// Itself, as in URLs.
        case isPlus
        /// A space, as in forms (`application/x-www-form-urlencoded`).
        case isSpace
    }

    /// The text, with every byte encoded that may not stand in the component as data.
    public func encode(_ text: String) -> String {
        // Most texts need no encoding, and are not copied.
        if self != .pathSegment, text.utf8.allSatisfy(\.isUnreserved) { return text }
        return encode(text.utf8.span)
    }

    /// The bytes, each encoded that may not stand in the component as data.
    public func encode(_ bytes: [UInt8]) -> String {
        encode(bytes.span)
    }

    private func encode(_ bytes: Span<UInt8>) -> String {
        if self == .pathSegment, Self.isDotSegment(bytes) {
            return String(repeating: "%2E", count: bytes.count)
        }
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count + bytes.count / 2)
        for index in bytes.indices {
            let byte = bytes[index]
            if isLiteral(byte) {
                encoded.append(byte)
            } else {
                Self.append(encoded: byte, to: &encoded)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Whether the bytes are `.` or `..` (RFC 3986 §3.3).
    private static func isDotSegment(_ bytes: Span<UInt8>) -> Bool {
        switch bytes.count {
        case 1: bytes[0] == .dot
        case 2: bytes[0] == .dot && bytes[1] == .dot
        default: false
        }
    }

    /// The bytes that a percent-encoded text stands for; a `%` without two hexadecimal digits after it stays as it is.
    ///
    /// A `+` stays a plus: that it means a space is a rule of forms, which ``URLQuery`` knows.
    public static func decode(_ text: String) -> [UInt8] {
        decode(text.utf8)
    }

    /// The bytes that percent-encoded bytes stand for; a `%` without two hexadecimal digits after it stays as it is.
    package static func decode(_ bytes: some Collection<UInt8>, plus: Plus = .isPlus) -> [UInt8] {
        let bytes = Array(bytes)
        return decode(bytes.span, plus: plus)
    }

    /// The same for bytes in place: not generic, so that callers in other modules run specialised code.
    package static func decode(_ bytes: Span<UInt8>, plus: Plus = .isPlus) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == .percent, bytes.count - index >= 3,
                let high = bytes[index + 1].hexDigitValue, let low = bytes[index + 2].hexDigitValue
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(plus == .isSpace && byte == .plus ? .space : byte)
                index += 1
            }
        }
        return decoded
    }

    /// The text of percent-encoded bytes; a `%` without two hexadecimal digits after it stays as it is, and what is not UTF-8 is
    /// repaired.
    package static func decodedText(
        _ bytes: some Collection<UInt8>, plus: Plus = .isPlus
    ) -> String {
        let isPlain = !bytes.contains { $0 == .percent || plus == .isSpace && $0 == .plus }
        return isPlain
            ? String(decoding: bytes, as: UTF8.self)
            : String(decoding: decode(bytes, plus: plus), as: UTF8.self)
    }

    /// Calls `body` for each byte that percent-encoded bytes stand for, with the place where it, or its `%`, begins.
    @inlinable
    package static func forEachDecodedByte<Bytes: Collection<UInt8>>(
        of bytes: Bytes, _ body: (UInt8, Bytes.Index) -> Void
    ) {
        var rest = bytes[...]
        while let byte = rest.first {
            let start = rest.startIndex
            rest = rest.dropFirst()
            if byte == .percent, let value = hexPair(rest) {
                body(value, start)
                rest = rest.dropFirst(2)
            } else {
                body(byte, start)
            }
        }
    }

    /// The value of the two hexadecimal digits at the start; nil if there are none.
    @inlinable
    package static func hexPair(_ bytes: some Collection<UInt8>) -> UInt8? {
        var digits = bytes.makeIterator()
        guard let high = digits.next()?.hexDigitValue, let low = digits.next()?.hexDigitValue
        else { return nil }
        return high << 4 | low
    }

    /// Adds a byte as `%` and two upper-case digits (RFC 3986 §2.1).
    package static func append(encoded byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(.percent)
        bytes.append(.upperHexDigit(byte >> 4))
        bytes.append(.upperHexDigit(byte & 0xF))
    }

    /// Whether a byte stands for itself: letters, digits, `-._~`, and what has no meaning of its own in the component.
    private func isLiteral(_ byte: UInt8) -> Bool {
        if byte.isUnreserved { return true }
        switch self {
        case .pathSegment: return Self.isOne(byte, of: ":@!$()*,")
        case .queryItem: return Self.isOne(byte, of: ":@!$()*,/?")
        case .fragment: return Self.isOne(byte, of: ":@!$&()*,=/?")
        case .userInfo: return Self.isOne(byte, of: "!$()*,")
        case .unreserved: return false
        }
    }

    private static func isOne(_ byte: UInt8, of literals: String) -> Bool {
        literals.utf8.contains(byte)
    }
}

/// Percent-encoding of text and bytes for one component of a URL (RFC 3986 §2.1).
///
/// Data that is encoded for a component cannot end it or begin another one: `7?admin=1` as a path segment is
/// `7%3Fadmin%3D1`. Text is encoded as UTF-8. For whole paths and queries see ``URLPath`` and ``URLQuery``.
public enum PercentEncoding: Sendable, Hashable, CaseIterable {
    /// One segment of a path: `/`, `?`, `#`, `%`, `;`, `=`, `&` and `+` are encoded (RFC 3986 §3.3).
    ///
    /// The segments `.` and `..` are encoded as `%2E` and `%2E%2E`. Spoor's router handles them as data; a proxy that
    /// normalises paths may still interpret them as dot segments (RFC 3986 §6.2.2.3), so reject them where they make
    /// no sense.
    case pathSegment
    /// The name or the value of a query item: `&`, `=`, `+`, `#`, `;` and `%` are encoded (RFC 3986 §3.4).
    ///
    /// A space becomes `%20`, which form decoders and URL decoders both accept.
    case queryItem
    /// A fragment: `#` and `%` are encoded (RFC 3986 §3.5).
    case fragment
    /// The user name or the password of an authority: `:`, `@` and `/` are encoded (RFC 3986 §3.2.1).
    case userInfo
    /// Everything except letters, digits and `-._~` is encoded (RFC 3986 §2.3): the result is data in every
    /// component.
    case unreserved

    /// The meaning of `+` when percent-encoded bytes are decoded.
    package enum Plus {
        /// A plus sign, as in URLs.
        case isPlus
        /// A space, as in forms (`application/x-www-form-urlencoded`).
        case isSpace
    }

    /// Returns the text with every byte encoded that the component does not allow as data.
    public func encode(_ text: String) -> String {
        // Most texts need no encoding, and are not copied.
        if self != .pathSegment, text.utf8.allSatisfy(\.isUnreserved) { return text }
        return encode(text.utf8.span)
    }

    /// Returns the bytes with each one encoded that the component does not allow as data.
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

    /// Returns whether the bytes are `.` or `..` (RFC 3986 §3.3).
    private static func isDotSegment(_ bytes: Span<UInt8>) -> Bool {
        switch bytes.count {
        case 1: bytes[0] == .dot
        case 2: bytes[0] == .dot && bytes[1] == .dot
        default: false
        }
    }

    /// Returns the bytes of a percent-encoded text; a `%` that is not followed by two hexadecimal digits is kept.
    ///
    /// A `+` is kept: that it means a space is a rule of HTML forms, which ``URLQuery`` implements.
    public static func decode(_ text: String) -> [UInt8] {
        decode(text.utf8)
    }

    /// Returns the decoded bytes of percent-encoded bytes; a `%` that is not followed by two hexadecimal digits is
    /// kept.
    package static func decode(_ bytes: some Collection<UInt8>, plus: Plus = .isPlus) -> [UInt8] {
        let bytes = Array(bytes)
        return decode(bytes.span, plus: plus)
    }

    /// Returns whether each `%` is followed by two hexadecimal digits (RFC 3986 §2.1).
    package static func isWellFormed(_ bytes: Span<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count {
            if bytes[index] == .percent {
                guard bytes.count - index >= 3, bytes[index + 1].hexDigitValue != nil,
                    bytes[index + 2].hexDigitValue != nil
                else { return false }
            }
            index += 1
        }
        return true
    }

    /// Decodes bytes in place; not generic, so that callers in other modules run specialised code.
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

    /// Returns the text of percent-encoded bytes; a `%` that is not followed by two hexadecimal digits is kept, and
    /// invalid UTF-8 is repaired.
    package static func decodedText(
        _ bytes: some Collection<UInt8>, plus: Plus = .isPlus
    ) -> String {
        let isPlain = !bytes.contains { $0 == .percent || plus == .isSpace && $0 == .plus }
        return isPlain
            ? String(decoding: bytes, as: UTF8.self)
            : String(decoding: decode(bytes, plus: plus), as: UTF8.self)
    }

    /// Calls `body` for each decoded byte, with the index at which it, or its `%`, begins.
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

    /// Returns the value of the two hexadecimal digits at the start; nil if they are missing.
    @inlinable
    package static func hexPair(_ bytes: some Collection<UInt8>) -> UInt8? {
        var digits = bytes.makeIterator()
        guard let high = digits.next()?.hexDigitValue, let low = digits.next()?.hexDigitValue
        else { return nil }
        return high << 4 | low
    }

    /// Appends a byte as `%` and two upper-case digits (RFC 3986 §2.1).
    package static func append(encoded byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(.percent)
        bytes.append(.upperHexDigit(byte >> 4))
        bytes.append(.upperHexDigit(byte & 0xF))
    }

    /// Returns whether a byte is kept: letters, digits, `-._~`, and characters without a special meaning in the
    /// component.
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

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

    /// The text, with every byte encoded that may not stand in the component as data.
    public func encode(_ text: String) -> String {
        encode(Array(text.utf8))
    }

    /// The bytes, each encoded that may not stand in the component as data.
    public func encode(_ bytes: [UInt8]) -> String {
        if self == .pathSegment, bytes == [.dot] || bytes == [.dot, .dot] {
            return String(repeating: "%2E", count: bytes.count)
        }
        guard !bytes.allSatisfy(isLiteral) else { return String(decoding: bytes, as: UTF8.self) }
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count + bytes.count / 2)
        for byte in bytes {
            if isLiteral(byte) {
                encoded.append(byte)
            } else {
                encoded.append(.percent)
                encoded.append(Self.hexDigit(byte >> 4))
                encoded.append(Self.hexDigit(byte & 0xF))
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The bytes that a percent-encoded text stands for; a `%` without two hexadecimal digits after it stays as it is.
    ///
    /// A `+` stays a plus: that it means a space is a rule of forms, which ``URLQuery`` knows.
    public static func decode(_ text: String) -> [UInt8] {
        percentDecodedBytes(Array(text.utf8)[...])
    }

    /// Whether a byte stands for itself: letters, digits, `-._~`, and what has no meaning of its own in the component.
    private func isLiteral(_ byte: UInt8) -> Bool {
        switch byte {
        case .hyphen, .dot, .underscore, .tilde: return true
        case _ where byte.isDigit || byte.isLetter: return true
        default: break
        }
        switch self {
        case .pathSegment: return Self.isOne(byte, of: ":@!$()*,")
        case .queryItem: return Self.isOne(byte, of: ":@!$()*,/?")
        case .fragment: return Self.isOne(byte, of: ":@!$&()*,=/?")
        case .userInfo: return Self.isOne(byte, of: "!$()*,")
        }
    }

    private static func isOne(_ byte: UInt8, of literals: String) -> Bool {
        literals.utf8.contains(byte)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? .digitZero + value : .upperA + (value - 10)
    }
}

/// The text of percent-encoded bytes; a `%` that no two hex digits follow stays as it is, and what is not UTF-8 is repaired.
package func percentDecoded(_ bytes: ArraySlice<UInt8>) -> String {
    guard bytes.contains(.percent) else { return String(decoding: bytes, as: UTF8.self) }
    return String(decoding: percentDecodedBytes(bytes), as: UTF8.self)
}

/// The bytes that percent-encoded bytes stand for; a `%` that no two hex digits follow stays as it is.
package func percentDecodedBytes(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    forEachDecodedByte(of: bytes) { byte, _ in decoded.append(byte) }
    return decoded
}

/// Calls `body` for each byte that percent-encoded bytes stand for, with the place where it, or its `%`, begins.
package func forEachDecodedByte(of bytes: ArraySlice<UInt8>, _ body: (UInt8, Int) -> Void) {
    var index = bytes.startIndex
    while index < bytes.endIndex {
        if bytes[index] == .percent, index + 2 < bytes.endIndex,
            let high = hexValue(bytes[index + 1]), let low = hexValue(bytes[index + 2])
        {
            body(high << 4 | low, index)
            index += 3
        } else {
            body(bytes[index], index)
            index += 1
        }
    }
}

/// The value of a hexadecimal digit of either case; nil for any other byte.
package func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - .digitZero
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - .upperA + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - .lowerA + 10
    default: nil
    }
}

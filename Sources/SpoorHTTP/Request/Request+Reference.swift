import SpoorText

/// References to the same resource under another path, for `Location`; and the replacement of the path.
extension Request {
    /// Returns a path with the query of this request as a relative reference (RFC 3986 §4.2).
    ///
    /// It cannot name another host: it begins with exactly one slash, and a backslash, which browsers treat as a slash,
    /// is encoded. Bytes that are not allowed in a path are encoded, and no others: an encoded delimiter would have
    /// another meaning (§2.2).
    package func reference(toPath path: some Collection<UInt8>) -> String {
        var reference = Self.encoded(path)
        // RFC 3986 §3.3: a path that begins with two slashes would be an authority.
        if reference.hasPrefix("//") { reference = "/." + reference }
        if !reference.hasPrefix("/") { reference = "/" + reference }
        return reference + (queryRange.map { "?" + Self.encoded(headers.bytes[$0]) } ?? "")
    }

    /// The path with a slash appended, and the query, as a reference for `Location`; nil if the path ends in a slash.
    package var slashedTarget: String? {
        let path = headers.bytes[pathRange]
        guard path.first == .slash, path.last != .slash else { return nil }
        return reference(toPath: path + [.slash])
    }

    /// Replaces the path, percent-encoded; ``target`` stays as received.
    package mutating func replacePath(with path: [UInt8]) {
        let start = headers.bytes.count
        headers.bytes += path
        pathRange = start..<headers.bytes.count
    }

    private static func encoded(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            if isAllowed(byte) {
                text.append(byte)
            } else {
                PercentEncoding.append(encoded: byte, to: &text)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Returns whether a byte is allowed in a path or a query: `pchar`, `/`, `?`, and the `%` of an escape.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte.isUnreserved || "!$&'()*+,;=:@/?%".utf8.contains(byte)
    }
}

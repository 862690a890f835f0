import SpoorText

/// References to the same resource under another path, for `Location`; and the replacement of the path.
extension Request {
    /// Returns a path with the query of this request as a relative reference (RFC 3986 §4.2).
    ///
    /// It cannot name another host: it begins with exactly one slash, and a backslash, which browsers treat as a slash,
    /// is encoded. Bytes that are not allowed in a path are encoded, and no others: an encoded delimiter would have
    /// another meaning (§2.2).
    package func reference(toPath path: some Collection<UInt8>) -> String {
        var reference = Self.text(Self.encodedPath(path))
        // RFC 3986 §3.3: a path that begins with two slashes would be an authority.
        if reference.hasPrefix("//") { reference = "/." + reference }
        if !reference.hasPrefix("/") { reference = "/" + reference }
        guard let queryRange else { return reference }
        return reference + "?" + Self.text(Self.encodedQuery(head.bytes[queryRange]))
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The path with a slash appended, and the query, as a reference for `Location`; nil if the path ends in a slash.
    package var slashedTarget: String? {
        let path = head.bytes[pathRange]
        guard path.first == .slash, path.last != .slash else { return nil }
        return reference(toPath: path + [.slash])
    }

    /// Replaces the path, percent-encoded; ``target`` stays as received.
    package mutating func replacePath(with path: [UInt8]) {
        let start = head.bytes.count
        head.bytes += path
        pathRange = start..<head.bytes.count
    }
}

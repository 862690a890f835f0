/// An absolute URL with an authority, split at its delimiters (RFC 3986 §3).
///
/// Like ``Authority`` it decodes nothing and validates little: it requires only a scheme and `://`.
package struct URLParts: Sendable {
    /// The scheme, before the `://`, in its original case.
    package let scheme: Substring
    /// The authority, between the `://` and the path.
    package let authority: Authority
    /// The path, up to the query or the fragment; may be empty.
    package let path: Substring
    /// The query, after the `?`, without the fragment; nil if there is none.
    package let query: Substring?
    /// Path and query, unchanged and without the fragment.
    package let pathAndQuery: Substring

    /// Splits a URL into its parts; returns nil if it has no scheme and authority.
    package init?(_ url: String) {
        let bytes = url.utf8
        guard let colon = bytes.firstIndex(of: .colon), bytes[colon...].starts(with: "://".utf8)
        else { return nil }
        scheme = url[..<colon]
        let rest = url[bytes.index(colon, offsetBy: 3)...]
        let end =
            rest.utf8.firstIndex { $0 == .slash || $0 == .questionMark || $0 == .numberSign }
            ?? rest.endIndex
        authority = Authority(rest[..<end])
        pathAndQuery = Self.withoutFragment(rest[end...])
        (path, query) = Self.pathAndQuery(pathAndQuery)
    }

    /// Returns the text before the `#`.
    private static func withoutFragment(_ text: Substring) -> Substring {
        text[..<(text.utf8.firstIndex(of: .numberSign) ?? text.endIndex)]
    }

    /// Returns path and query of a reference without scheme and authority; a fragment is dropped.
    package static func pathAndQuery(_ text: Substring) -> (path: Substring, query: Substring?) {
        let shown = withoutFragment(text)
        guard let mark = shown.utf8.firstIndex(of: .questionMark) else { return (shown, nil) }
        return (shown[..<mark], shown[shown.utf8.index(after: mark)...])
    }
}

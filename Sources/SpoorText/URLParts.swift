/// An absolute URL with an authority, taken apart at its delimiters (RFC 3986 §3).
///
/// Like ``Authority`` it decodes nothing and refuses little: a URL has a scheme and `://`, and what follows has parts.
package struct URLParts: Sendable {
    /// What stands before the `://`, in the case it came in.
    package let scheme: Substring
    /// What stands between the `://` and the path.
    package let authority: Authority
    /// From the end of the authority to the query or the fragment; may be empty.
    package let path: Substring
    /// What stands after the `?`, without the fragment; nil if there is none.
    package let query: Substring?
    /// Path and query as they came, without the fragment.
    package let pathAndQuery: Substring

    /// Takes a URL apart; nil if it has no scheme and authority.
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

    /// What stands before the `#`.
    private static func withoutFragment(_ text: Substring) -> Substring {
        text[..<(text.utf8.firstIndex(of: .numberSign) ?? text.endIndex)]
    }

    /// The path and the query of a reference without scheme and authority; its fragment is left out.
    package static func pathAndQuery(_ text: Substring) -> (path: Substring, query: Substring?) {
        let shown = withoutFragment(text)
        guard let mark = shown.utf8.firstIndex(of: .questionMark) else { return (shown, nil) }
        return (shown[..<mark], shown[shown.utf8.index(after: mark)...])
    }
}

import SpoorHTTP

/// An absolute URL taken apart at its delimiters (RFC 3986 §3), and shown without what is secret in it.
struct URLParts {
    let scheme: Substring
    let authority: Authority
    /// From the end of the authority to the query or the fragment; may be empty.
    let path: Substring
    /// Behind the `?`, without the fragment; nil if there is none.
    let query: Substring?

    /// Takes a URL apart; nil if it has no scheme and authority.
    init?(_ url: String) {
        let bytes = url.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            url[colon...].utf8.starts(with: "://".utf8)
        else { return nil }
        scheme = url[..<colon]
        let rest = url[bytes.index(colon, offsetBy: 3)...]
        let end = rest.utf8.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
        authority = Authority(rest[..<end])
        (path, query) = Self.pathAndQuery(rest[end...])
    }

    private static func pathAndQuery(_ text: Substring) -> (Substring, Substring?) {
        let end = text.utf8.firstIndex(of: UInt8(ascii: "#")) ?? text.endIndex
        let shown = text[..<end]
        guard let mark = shown.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (shown, nil) }
        return (shown[..<mark], shown[shown.utf8.index(after: mark)...])
    }

    /// The port, the scheme's own if none is given.
    var port: UInt16? { authority.port ?? Authority.port(ofScheme: scheme) }

    /// What stands in the place of a secret.
    static let redacted = "REDACTED"

    /// The URL without fragment, and without the query unless wanted, in which keys that sign a request have no value.
    ///
    /// - Parameters:
    ///   - url: The URL; one that is not absolute is cut at its query.
    ///   - showsUserInfo: Whether user and password leave `REDACTED` behind, as the stable conventions have it.
    static func shown(_ url: String, _ rules: TagRules, showsUserInfo: Bool) -> String {
        guard let parts = URLParts(url) else {
            let (path, query) = pathAndQuery(url[...])
            return path + parts(query, rules)
        }
        var text = parts.scheme + "://"
        if showsUserInfo, let userInfo = parts.authority.userInfo {
            text += redacted
            if userInfo.utf8.contains(UInt8(ascii: ":")) { text += ":" + redacted }
            text += "@"
        }
        text += parts.authority.hostAndPort
        text += parts.path
        return String(text) + Self.parts(parts.query, rules)
    }

    private static func parts(_ query: Substring?, _ rules: TagRules) -> String {
        rules.shown(query: query.map(String.init)).map { "?" + $0 } ?? ""
    }
}

extension Substring {
    /// A query in which these keys have `REDACTED` for a value; keys are compared decoded, and their case matters.
    func withoutValues(of keys: Set<String>) -> String {
        guard !keys.isEmpty, utf8.contains(UInt8(ascii: "=")) else { return String(self) }
        var hasSecret = false
        let pairs = split(separator: "&", omittingEmptySubsequences: false).map { pair in
            guard let sign = pair.utf8.firstIndex(of: UInt8(ascii: "=")),
                keys.contains(pair[..<sign].percentDecodedText)
            else { return pair }
            hasSecret = true
            return pair[...sign] + URLParts.redacted
        }
        return hasSecret ? pairs.joined(separator: "&") : String(self)
    }

    private var percentDecodedText: String {
        utf8.contains(UInt8(ascii: "%")) ? percentDecoded(Array(utf8)[...]) : String(self)
    }
}

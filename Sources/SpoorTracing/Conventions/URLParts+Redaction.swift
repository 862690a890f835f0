import SpoorText

/// URLs as spans show them: without what is secret in them.
extension URLParts {
    /// The port, the scheme's own if none is given.
    var port: UInt16? { authority.port ?? Authority.defaultPort(ofScheme: scheme) }

    /// What replaces a secret.
    static let redacted = "REDACTED"

    /// The URL without fragment, and without the query unless wanted, in which keys that sign a request have no value.
    ///
    /// - Parameters:
    ///   - url: The URL; one that is not absolute is cut at its query.
    ///   - showsUserInfo: Whether user and password are replaced by `REDACTED`, as the stable conventions have it.
    static func shown(_ url: String, _ rules: TagRules, showsUserInfo: Bool) -> String {
        guard let parts = URLParts(url) else {
            let (path, query) = pathAndQuery(url[...])
            return path + parts(query, rules)
        }
        var text = parts.scheme + "://"
        if showsUserInfo, let userInfo = parts.authority.userInfo {
            text += redacted
            if userInfo.utf8.contains(.colon) { text += ":" + redacted }
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
        guard !keys.isEmpty, utf8.contains(.equalsSign) else { return String(self) }
        var hasSecret = false
        let pairs = split(separator: "&", omittingEmptySubsequences: false).map { pair in
            guard let sign = pair.utf8.firstIndex(of: .equalsSign),
                keys.contains(PercentEncoding.decodedText(pair[..<sign].utf8))
            else { return pair }
            hasSecret = true
            return pair[...sign] + URLParts.redacted
        }
        return hasSecret ? pairs.joined(separator: "&") : String(self)
    }
}

import SpoorText

/// The recorded form of URLs, with secrets redacted.
extension URLParts {
    /// The port, or the default port of the scheme if none is given.
    var port: UInt16? { authority.port ?? Authority.defaultPort(ofScheme: scheme) }

    /// The replacement of a secret.
    static let redacted = "REDACTED"

    /// Returns the URL without fragment, and without the query unless it is recorded, in which the values of secret
    /// keys are redacted.
    ///
    /// - Parameters:
    ///   - url: The URL; one that is not absolute is split at its query.
    ///   - showsUserInfo: Whether user and password are replaced by `REDACTED`, as the stable conventions require,
    ///     instead of omitted.
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
    /// Returns the query with the values of these keys replaced by `REDACTED`; keys are compared decoded and
    /// case-sensitively.
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

package import SpoorHTTP

/// The headers that are not allowed as trailers (RFC 9110 §6.5.1): those for framing, routing, request modifiers,
/// authentication, caching and content format, which must be known before the body.
package enum TrailerRules {
    /// The names that are dropped when received, and rejected when sent.
    static let forbidden: Set<String> = [
        "transfer-encoding", "content-length", "host", "trailer", "te", "connection", "keep-alive",
        "proxy-connection", "upgrade", "expect", "max-forwards", "range", "cache-control", "pragma",
        "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range",
        "authorization", "proxy-authorization", "proxy-authenticate", "www-authenticate",
        "authentication-info", "proxy-authentication-info", "cookie", "set-cookie", "age", "date",
        "expires", "location", "retry-after", "vary", "warning", "content-encoding",
        "content-type", "content-range", "content-location", "forwarded", "x-forwarded-for",
        "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
    ]

    /// Returns whether a name is not allowed in a trailer section.
    static func isForbidden(_ name: String) -> Bool {
        forbidden.contains(name.lowercased())
    }

    /// Returns the first forbidden header; nil if all are allowed.
    static func firstForbidden(in headers: Headers) -> String? {
        headers.entries.lazy.map { headers.text($0.name) }.first(where: isForbidden)
    }

    /// Removes the forbidden headers.
    package static func dropForbidden(from headers: inout Headers) {
        let named = headers
        headers.entries.removeAll { isForbidden(named.text($0.name)) }
    }
}

package import SpoorHTTP

/// Which fields may not stand behind a body (RFC 9110 §6.5.1): those for framing, routing, request
/// modifiers, authentication, caching and content format, which have to be known before it.
package enum TrailerRules {
    /// Those that are dropped when they are received, and refused when they are sent.
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

    /// Whether a name may not stand in a trailer section.
    static func isForbidden(_ name: String) -> Bool {
        forbidden.contains(name.lowercased())
    }

    /// The first forbidden field; nil if all may stand there.
    static func firstForbidden(in headers: Headers) -> String? {
        headers.entries.lazy.map { headers.text($0.name) }.first(where: isForbidden)
    }

    /// Takes the forbidden fields out.
    package static func dropForbidden(from headers: inout Headers) {
        let named = headers
        headers.entries.removeAll { isForbidden(named.text($0.name)) }
    }
}

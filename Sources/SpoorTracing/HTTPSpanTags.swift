import HTTPTypes
import JaegerTracing
import SpoorHTTP

/// What spans of HTTP exchanges say in their names and tags, by the conventions of OpenTracing.
enum HTTPSpanTags {
    /// The name of a span: method and route, never the path, whose values have no bound.
    ///
    /// A method that HTTP does not define comes from the peer and is told as `HTTP`.
    static func name(_ method: KnownMethod?, route: String?) -> String {
        let method = method.map(\.name) ?? "HTTP"
        return route.map { method + " " + $0 } ?? method
    }

    /// The tags of a request that came in.
    static func request(_ exchange: borrowing Exchange, recordsQuery: Bool) -> [Tag] {
        let request = exchange.request
        var tags: [Tag] = []
        tags.reserveCapacity(5)
        tags.append(Tag("component", "spoor"))
        let method = request.knownMethod?.name ?? request.method.rawValue
        tags.append(Tag("http.method", .string(method)))
        let url = url(of: request, exchange.connection, recordsQuery: recordsQuery)
        tags.append(Tag("http.url", .string(url)))
        append(exchange.connection.peer, to: &tags)
        return tags
    }

    /// The tags of a request that goes out.
    static func request(_ request: borrowing ClientRequest, recordsQuery: Bool) -> [Tag] {
        [
            Tag("component", "spoor"),
            Tag("http.method", .string(request.method.rawValue)),
            Tag("http.url", .string(shown(url: request.url, recordsQuery: recordsQuery))),
        ]
    }

    /// The tag of a status.
    static func status(_ status: HTTPResponse.Status) -> Tag {
        Tag("http.status_code", .int(Int64(status.code)))
    }

    /// The tags of the other end of a connection.
    static func append(_ peer: ConnectionInfo.Endpoint, to tags: inout [Tag]) {
        switch peer {
        case .ipv4(let host, let port):
            tags.append(Tag("peer.ipv4", .string(host)))
            tags.append(Tag("peer.port", .int(Int64(port))))
        case .ipv6(let host, let port):
            tags.append(Tag("peer.ipv6", .string(host)))
            tags.append(Tag("peer.port", .int(Int64(port))))
        case .unix(let path): tags.append(Tag("peer.address", .string("unix:" + path)))
        case .none: break
        }
    }

    /// The tags of the host and the port that an absolute URL names (RFC 3986 §3.2); none for any other.
    static func append(peerOf url: String, to tags: inout [Tag]) {
        guard let scheme = url[...].firstRange(ofText: "://") else { return }
        let rest = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let authority = withoutUserInfo(rest)
        let isLiteral = authority.hasPrefix("[")
        let host =
            isLiteral ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        guard !host.isEmpty else { return }
        let key =
            isLiteral ? "peer.ipv6" : host.isIPv4Address ? "peer.ipv4" : "peer.hostname"
        tags.append(Tag(key, .string(String(host))))
        let behind = authority[host.endIndex...].drop { $0 == "]" }
        if behind.hasPrefix(":"), let port = UInt16(behind.dropFirst()) {
            tags.append(Tag("peer.port", .int(Int64(port))))
        } else if let port = ["http": 80, "https": 443][url[..<scheme.lowerBound].lowercased()] {
            tags.append(Tag("peer.port", .int(Int64(port))))
        }
    }

    private static func url(
        of request: Request, _ connection: ConnectionInfo, recordsQuery: Bool
    ) -> String {
        var url = connection.isSecure ? "https://" : "http://"
        url += withoutUserInfo(request.authority.map { $0[...] } ?? address(of: connection.local))
        // RFC 9112 §3.2.4: the asterisk asks for the server as a whole, which has no path.
        if request.targetForm != .asterisk { url += request.path }
        if recordsQuery, let query = request.query { url += "?" + query }
        return url
    }

    /// Our end, for a request that does not say whom it asks (HTTP/1.0).
    private static func address(of local: ConnectionInfo.Endpoint) -> Substring {
        switch local {
        case .ipv4, .ipv6: local.description[...]
        case .unix, .none: ""
        }
    }

    /// A URL without user information (RFC 9110 §4.2.4), fragment, and query unless wanted.
    static func shown(url: String, recordsQuery: Bool) -> String {
        var shown = url.prefix { $0 != "#" }
        if !recordsQuery { shown = shown.prefix { $0 != "?" } }
        guard let scheme = shown.firstRange(ofText: "://") else { return String(shown) }
        let rest = shown[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        return shown[..<scheme.upperBound] + withoutUserInfo(authority)
            + rest[authority.endIndex...]
    }

    private static func withoutUserInfo(_ authority: Substring) -> String {
        // As bytes: walking over characters costs more than the rest of a span.
        guard let at = authority.utf8.lastIndex(of: UInt8(ascii: "@")) else {
            return String(authority)
        }
        return String(authority[authority.utf8.index(after: at)...])
    }
}

extension Substring {
    /// Whether it is four numbers of at most 255 between dots (RFC 3986 §3.2.2).
    fileprivate var isIPv4Address: Bool {
        let numbers = split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.allSatisfy { UInt8($0) != nil && $0.first != "+" }
    }

    /// Where a short text first occurs.
    fileprivate func firstRange(ofText text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            formIndex(after: &start)
        }
        return nil
    }
}

extension KnownMethod {
    /// The method as it stands on the wire, from a constant.
    var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .patch: "PATCH"
        }
    }

    /// The method if it is one that HTTP defines.
    init?(_ method: HTTPRequest.Method) {
        let name = method.rawValue
        guard let known = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = known
    }
}

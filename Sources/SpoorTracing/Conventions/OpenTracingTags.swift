import HTTPTypes
import JaegerTracing
import SpoorHTTP
import SpoorText

/// What spans say of HTTP by the tags of OpenTracing's standard.
enum OpenTracingTags {
    /// Adds the tags of a request that came in.
    static func append(
        _ exchange: borrowing Exchange, _ rules: TagRules, forwarded: ForwardedOrigin?,
        to tags: inout [SpanTag]
    ) {
        tags.append(SpanTag("component", "spoor"))
        let method = exchange.request.knownMethod?.name ?? exchange.request.method.rawValue
        tags.append(SpanTag("http.method", .string(method)))
        tags.append(SpanTag("http.url", .string(url(of: exchange, rules))))
        append(exchange.connection.peer, to: &tags)
        // OpenTracing has no name for it; this is the one that OpenTelemetry had at the time.
        if let client = forwarded?.client {
            tags.append(SpanTag("http.client_ip", .string(client)))
        }
    }

    /// Adds the tags of a request that goes out.
    static func append(
        _ request: borrowing HTTPClientRequest, _ rules: TagRules, to tags: inout [SpanTag]
    ) {
        tags.append(SpanTag("component", "spoor"))
        tags.append(SpanTag("http.method", .string(request.method.rawValue)))
        let url = URLParts.shown(request.url, rules, showsUserInfo: false)
        tags.append(SpanTag("http.url", .string(url)))
    }

    /// Adds the tag of a status.
    static func append(_ status: HTTPResponse.Status, to tags: inout [SpanTag]) {
        tags.append(SpanTag("http.status_code", .int(Int64(status.code))))
    }

    /// Adds the tags of the other end of a connection.
    static func append(_ peer: ConnectionInfo.Endpoint, to tags: inout [SpanTag]) {
        switch peer {
        case .ipv4(let host, let port):
            tags.append(SpanTag("peer.ipv4", .string(host)))
            tags.append(SpanTag("peer.port", .int(Int64(port))))
        case .ipv6(let host, let port):
            tags.append(SpanTag("peer.ipv6", .string(host)))
            tags.append(SpanTag("peer.port", .int(Int64(port))))
        case .unix(let path): tags.append(SpanTag("peer.address", .string("unix:" + path)))
        case .none: break
        }
    }

    /// Adds the tags of the host and the port that an absolute URL names; none for any other.
    static func append(peerOf url: String, to tags: inout [SpanTag]) {
        guard let url = URLParts(url), !url.authority.host.isEmpty else { return }
        let key =
            switch url.authority.form {
            case .name: "peer.hostname"
            case .ipv4: "peer.ipv4"
            case .ipv6: "peer.ipv6"
            }
        tags.append(SpanTag(key, .string(String(url.authority.host))))
        if let port = url.port { tags.append(SpanTag("peer.port", .int(Int64(port)))) }
    }

    /// The URL that was asked for, gathered in bytes: one text instead of five.
    private static func url(of exchange: borrowing Exchange, _ rules: TagRules) -> String {
        let head = exchange.request.headers.bytes
        var url: [UInt8] = []
        url.reserveCapacity(exchange.request.targetRange.count + 64)
        url += (exchange.connection.isSecure ? "https://" : "http://").utf8
        if let authority = exchange.request.authorityPlace {
            url += Authority.hostAndPort(of: head[authority])
        } else {
            url += address(of: exchange.connection.local).utf8
        }
        // RFC 9112 §3.2.4: the asterisk asks for the server as a whole, which has no path.
        if case .asterisk = exchange.request.targetForm {
        } else {
            let path = exchange.request.pathRange
            if path.isEmpty { url.append(UInt8(ascii: "/")) } else { url += head[path] }
        }
        if rules.recordsQuery, let query = rules.shown(query: exchange.request.query) {
            url += ("?" + query).utf8
        }
        return String(decoding: url, as: UTF8.self)
    }

    /// Our end, for a request that does not say whom it asks (HTTP/1.0).
    private static func address(of local: ConnectionInfo.Endpoint) -> String {
        switch local {
        case .ipv4, .ipv6: local.description
        case .unix, .none: ""
        }
    }
}

import HTTPTypes
import JaegerTracing
import SpoorHTTP
import SpoorText

/// The HTTP tags of the OpenTracing specification.
enum OpenTracingTags {
    /// Adds the tags of a received request.
    static func append(
        _ exchange: borrowing Exchange, _ rules: TagRules, forwarded: ForwardedOrigin?,
        to tags: inout [SpanTag]
    ) {
        tags.append(SpanTag("component", "spoor"))
        let method = exchange.request.knownMethod?.name ?? exchange.request.method.rawValue
        tags.append(SpanTag("http.method", .string(method)))
        tags.append(SpanTag("http.url", .string(url(of: exchange, rules))))
        append(exchange.connection.peer, to: &tags)
        // OpenTracing defines no name for it; this is the one that OpenTelemetry used at the time.
        if let client = forwarded?.client {
            tags.append(SpanTag("http.client_ip", .string(client)))
        }
    }

    /// Adds the tags of an outgoing request.
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

    /// Adds the tags of the remote endpoint of a connection.
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

    /// Adds the tags of the host and the port of an absolute URL; none for any other URL.
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

    /// Returns the requested URL, built in one byte array instead of five strings.
    private static func url(of exchange: borrowing Exchange, _ rules: TagRules) -> String {
        let head = exchange.request.head.bytes
        var url: [UInt8] = []
        url.reserveCapacity(exchange.request.targetRange.count + 64)
        url += (exchange.connection.isSecure ? "https://" : "http://").utf8
        if let authority = exchange.request.authorityPlace {
            url += Authority.hostAndPort(of: head[authority])
        } else {
            url += address(of: exchange.connection.local).utf8
        }
        // RFC 9112 §3.2.4: the asterisk form addresses the server as a whole and has no path.
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

    /// Returns the local address, for a request without a host (HTTP/1.0).
    private static func address(of local: ConnectionInfo.Endpoint) -> String {
        switch local {
        case .ipv4, .ipv6: local.description
        case .unix, .none: ""
        }
    }
}

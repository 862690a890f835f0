import HTTPTypes
import JaegerTracing
import SpoorHTTP
import SpoorText

/// The HTTP attributes of OpenTelemetry's stable conventions (semantic conventions 1.44, HTTP spans).
enum StableTags {
    /// Adds the method: a known one, or `_OTHER` together with the original method.
    static func append(
        method: String?, original: @autoclosure () -> String, to tags: inout [SpanTag]
    ) {
        tags.append(SpanTag("http.request.method", .string(method ?? "_OTHER")))
        if method == nil {
            tags.append(SpanTag("http.request.method_original", .string(original())))
        }
    }

    /// Adds the HTTP version; the protocol name is omitted, because it is HTTP.
    static func append(_ version: Request.Version, to tags: inout [SpanTag]) {
        tags.append(SpanTag("network.protocol.version", version == .http10 ? "1.0" : "1.1"))
    }

    /// Adds the remote endpoint of the connection itself, which may be a proxy.
    static func append(_ peer: ConnectionInfo.Endpoint, to tags: inout [SpanTag]) {
        switch peer {
        case .ipv4(let host, let port), .ipv6(let host, let port):
            tags.append(SpanTag("network.peer.address", .string(host)))
            tags.append(SpanTag("network.peer.port", .int(Int64(port))))
        case .unix(let path):
            if !path.isEmpty { tags.append(SpanTag("network.peer.address", .string(path))) }
        case .none: break
        }
    }

    /// Adds host and port of the server.
    static func append(_ server: Authority, scheme: some StringProtocol, to tags: inout [SpanTag]) {
        guard !server.host.isEmpty else { return }
        tags.append(SpanTag("server.address", .string(String(server.host))))
        if let port = server.port ?? Authority.defaultPort(ofScheme: scheme) {
            tags.append(SpanTag("server.port", .int(Int64(port))))
        }
    }

    /// Adds the status.
    static func append(_ status: HTTPResponse.Status, to tags: inout [SpanTag]) {
        tags.append(SpanTag("http.response.status_code", .int(Int64(status.code))))
    }

    // MARK: Received requests

    /// Adds the attributes of a request before it is handled.
    static func append(
        _ exchange: borrowing Exchange, _ rules: TagRules, forwarded: ForwardedOrigin?,
        to tags: inout [SpanTag]
    ) {
        let request = exchange.request
        append(method: rules.method(of: exchange), original: request.method.rawValue, to: &tags)
        let scheme = forwarded?.scheme ?? (exchange.connection.isSecure ? "https" : "http")
        tags.append(SpanTag("url.scheme", .string(scheme)))
        tags.append(SpanTag("url.path", .string(request.path)))
        if rules.recordsQuery, let query = rules.shown(query: request.query) {
            tags.append(SpanTag("url.query", .string(query)))
        }
        if let authority = forwarded?.host ?? request.authority {
            append(Authority(authority[...]), scheme: scheme, to: &tags)
        }
        let peer = exchange.connection.peer
        if let client = forwarded?.client ?? peer.host {
            tags.append(SpanTag("client.address", .string(client)))
        }
        append(peer, to: &tags)
        append(request.version, to: &tags)
        if let agent = request.headers[.userAgent] {
            tags.append(SpanTag("user_agent.original", .string(agent)))
        }
    }

    // MARK: Outgoing requests

    /// Adds the attributes of a request before it is sent.
    static func append(
        _ request: borrowing HTTPClientRequest, _ rules: TagRules, to tags: inout [SpanTag]
    ) {
        let method = request.method.rawValue
        append(method: rules.method(method), original: method, to: &tags)
        let url = URLParts.shown(request.url, rules, showsUserInfo: true)
        tags.append(SpanTag("url.full", .string(url)))
        if let url = URLParts(request.url) {
            append(url.authority, scheme: url.scheme, to: &tags)
        }
    }
}

extension ConnectionInfo.Endpoint {
    /// The address without the port; nil if there is none that identifies the peer.
    fileprivate var host: String? {
        switch self {
        case .ipv4(let host, _), .ipv6(let host, _): host
        case .unix, .none: nil
        }
    }
}

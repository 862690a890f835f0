public import HTTPTypes
public import SpoorText

/// The head of a request: method, target and headers (RFC 9110 §3, RFC 9112 §3).
///
/// It keeps the received bytes and creates values when they are read. It is a plain value: it may leave the exchange,
/// and then costs a copy of the head only if the connection serves another request meanwhile.
public struct Request: Sendable {
    /// The protocol version of the client (RFC 9112 §2.3).
    public enum Version: Sendable, Hashable, Comparable {
        /// HTTP/1.0: no persistent connection unless asked for, no chunked body.
        case http10
        /// HTTP/1.1, also used for clients with a higher HTTP/1.x version.
        case http11
    }

    /// The form of the request target (RFC 9112 §3.2).
    package enum TargetForm: Sendable, Hashable {
        case origin, absolute, authority, asterisk
    }

    /// The length of the body, as far as the head states it (RFC 9112 §6.3).
    public enum BodyLength: Sendable, Hashable {
        /// There is no body.
        case none
        /// The number of bytes given by `Content-Length`.
        case bytes(Int)
        /// Unknown until the end of the body: `Transfer-Encoding: chunked`.
        case unknown
    }

    /// The headers, with the request line in their bytes.
    @usableFromInline package var head = Headers()
    /// The protocol version of the client.
    public package(set) var version = Version.http11
    /// The length of the body.
    public package(set) var bodyLength = BodyLength.none

    package var methodRange = 0..<0
    package var targetRange = 0..<0
    /// The path within the target, without the query; empty for authority and asterisk form.
    package var pathRange = 0..<0
    /// The query without its `?`; nil when there is none.
    package var queryRange: Range<Int>?
    /// The authority of a target in absolute or authority form; nil otherwise.
    package var authorityRange: Range<Int>?
    package var targetForm = TargetForm.origin
    /// The method, if it is a common one; set by the parser.
    package var knownMethod: KnownMethod?

    /// Creates an empty head, for a parser to fill.
    package init() {}

    /// The method; case matters (RFC 9110 §9.1).
    public var method: HTTPRequest.Method {
        if let knownMethod { return knownMethod.method }
        return HTTPRequest.Method(head.text(methodRange)) ?? .get
    }

    /// The request target, unchanged.
    public var target: String { head.text(targetRange) }

    /// The requested host, with its port if one was given: from the target if it contains one, else from the `Host`
    /// header (RFC 9112 §3.2.2); nil if there is neither.
    public var authority: String? { authorityPlace.map(head.text) }

    /// The position of the authority in the bytes of the head.
    package var authorityPlace: Range<Int>? {
        if let authorityRange { return authorityRange }
        return head.firstIndex(ofLowercased: "host".utf8Span.span).map {
            head.entries[$0].value
        }
    }

    /// Returns the head as `HTTPRequest` of swift-http-types; allocates two strings per header.
    public func httpRequest(scheme: String) -> HTTPRequest {
        HTTPRequest(
            method: method, scheme: scheme, authority: authority,
            path: queryRange == nil ? path : path + "?" + (query ?? ""),
            headerFields: HTTPFields(headers))
    }
}

extension Request: CustomStringConvertible {
    /// The request line without the version.
    public var description: String { "\(method.rawValue) \(target)" }
}

/// The methods that are recognized without creating a string.
package enum KnownMethod: UInt8, Sendable, CaseIterable {
    case get, head, post, put, delete, connect, options, trace, patch

    package var method: HTTPRequest.Method {
        switch self {
        case .get: .get
        case .head: .head
        case .post: .post
        case .put: .put
        case .delete: .delete
        case .connect: .connect
        case .options: .options
        case .trace: .trace
        case .patch: .patch
        }
    }
}

extension Request {
    /// The decoded items of the query; empty if there is no query.
    ///
    /// Parsed on each access, so keep the value if you need several items.
    public var queryItems: URLQuery { URLQuery(encoded: query ?? "") }
}

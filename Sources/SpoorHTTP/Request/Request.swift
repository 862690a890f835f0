public import HTTPTypes
public import SpoorText

/// The head of a request: method, target and fields (RFC 9110 §3, RFC 9112 §3).
///
/// It keeps the bytes as they came and makes a value when one is asked for. A plain value: it may
/// leave the exchange, and costs a copy of the head only if the connection goes on meanwhile.
public struct Request: Sendable {
    /// The version of the protocol that the peer speaks (RFC 9112 §2.3).
    public enum Version: Sendable, Hashable, Comparable {
        /// HTTP/1.0: no persistent connection unless asked for, no chunked body.
        case http10
        /// HTTP/1.1, and what an HTTP/1.x peer above it is answered with.
        case http11
    }

    /// Which of the four forms the target has (RFC 9112 §3.2).
    package enum TargetForm: Sendable, Hashable {
        case origin, absolute, authority, asterisk
    }

    /// How long the body is, as far as the head tells (RFC 9112 §6.3).
    public enum BodyLength: Sendable, Hashable {
        /// There is no body.
        case none
        /// So many bytes, by `Content-Length`.
        case bytes(Int)
        /// Known at its end only, by `Transfer-Encoding: chunked`.
        case unknown
    }

    /// The fields of the head; their bytes hold the request line as well.
    public package(set) var headers = Headers()
    /// The version that the peer speaks.
    public package(set) var version = Version.http11
    /// How long the body is.
    public package(set) var bodyLength = BodyLength.none

    package var methodRange = 0..<0
    package var targetRange = 0..<0
    /// The path within the target, without the query; empty for authority and asterisk forms.
    package var pathRange = 0..<0
    /// The query without its `?`; nil when there is none.
    package var queryRange: Range<Int>?
    /// The authority of an absolute or authority target; nil otherwise.
    package var authorityRange: Range<Int>?
    package var targetForm = TargetForm.origin
    /// The method, when it is one of the common ones; found out while parsing.
    package var knownMethod: KnownMethod?

    /// An empty head, for a parser to fill.
    package init() {}

    /// The method; case matters (RFC 9110 §9.1).
    public var method: HTTPRequest.Method {
        if let knownMethod { return knownMethod.method }
        return HTTPRequest.Method(headers.text(methodRange)) ?? .get
    }

    /// The target as it stands in the request line.
    public var target: String { headers.text(targetRange) }

    /// The path of the target as it came, percent-encoded; `*` for the asterisk form.
    public var path: String {
        targetForm == .asterisk ? "*" : pathRange.isEmpty ? "/" : headers.text(pathRange)
    }

    /// The query of the target as it came, without the `?`; nil when there is none.
    public var query: String? { queryRange.map(headers.text) }

    /// The host that is asked, with its port if one was given: of the target when it names one, else of
    /// the `Host` field (RFC 9112 §3.2.2); nil when there is neither.
    public var authority: String? { authorityPlace.map(headers.text) }

    /// Where the authority lies in the bytes of the head.
    package var authorityPlace: Range<Int>? {
        if let authorityRange { return authorityRange }
        return headers.firstIndex(ofLowercased: "host".utf8Span.span).map {
            headers.entries[$0].value
        }
    }

    /// Makes the head as the ecosystem's own type; costs two Strings a field.
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

/// The methods that are told apart without a String.
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
    /// The items of the query, decoded; without any if there is no query.
    ///
    /// They are read when this is called, so keep the value if you need several.
    public var queryItems: URLQuery { URLQuery(encoded: query ?? "") }
}

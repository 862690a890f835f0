public import HTTPTypes

/// A complete response as a value, which a handler may return.
///
/// Head and body are sent in one write. For a body that is produced while it is sent, use `Response.stream(…)`, or write
/// through ``Exchange/response`` instead.
public struct Response: Sendable {
    /// The body of a response that is completely available.
    public enum Body: Sendable {
        /// No body.
        case none
        /// A text, sent as UTF-8.
        case text(String)
        /// Bytes.
        case bytes([UInt8])

        /// The number of bytes of the body.
        public var count: Int {
            switch self {
            case .none: 0
            case .text(let text): text.utf8.count
            case .bytes(let bytes): bytes.count
            }
        }
    }

    /// The response's own status, if any; otherwise the one that is set on the exchange is used.
    package var explicitStatus: HTTPResponse.Status?
    /// The `Content-Type`, unless ``headers`` has one; nil for none.
    ///
    /// It replaces one that is set on the exchange if it was passed explicitly, but not if it is the default for the
    /// kind of body.
    public var contentType: String? {
        get { knownContentType }
        set {
            knownContentType = newValue
            hasUsualContentType = false
        }
    }
    private var knownContentType: String?
    /// Whether the `Content-Type` is the default for the kind of body.
    package private(set) var hasUsualContentType: Bool
    /// The headers in addition to ``contentType`` and those that framing adds.
    ///
    /// They are combined with the headers that are set on the exchange: each `Set-Cookie`, `Link`,
    /// `WWW-Authenticate`, `Proxy-Authenticate`, `Content-Security-Policy` and `Server-Timing` is kept, elements of
    /// `Vary`, `Allow` and the lists of `Access-Control-…` are joined without repeats, and a `Set-Cookie` replaces
    /// one of the same name, domain and path. Any other header, including custom ones, replaces those of its name. To
    /// replace a list, or to append to a custom header, set it on ``Exchange/response``.
    public var headers: Headers
    /// The body; ``Body/none`` for one that is produced while it is sent, which setting this property replaces.
    public var body: Body {
        didSet { opaqueStream = nil }
    }
    /// The source of a body that is produced while it is sent; nil for a complete one.
    ///
    /// Opaque, because a response is a value that does not know the exchange to which a source writes: only
    /// `ResponseStream` conforms.
    package var opaqueStream: (any OpaqueResponseStream)?
}

/// The type of ``Response/opaqueStream``.
package protocol OpaqueResponseStream: AnyObject, Sendable {}

extension Response {
    /// The status; 200 unless set.
    ///
    /// A response that was created without a status is sent with that of ``ResponseWriter/status``; setting this
    /// property, to 200 as well, overrides it.
    public var status: HTTPResponse.Status {
        get { explicitStatus ?? .ok }
        set { explicitStatus = newValue }
    }
}

// In an extension, so that the struct keeps the memberwise initialiser of the compiler: it moves its arguments,
// whereas one that sets eleven words separately copies them all.
extension Response {
    /// Creates a response without a body, or with one of any kind.
    ///
    /// - Parameters:
    ///   - status: The status; if nil, the one that is set on the exchange, which is 200 unless it was changed.
    ///   - headers: The headers; see ``headers`` for how they combine with those that are set on the exchange.
    ///   - contentType: The `Content-Type`, which replaces one that is set on the exchange.
    ///   - body: The body.
    public init(
        status: HTTPResponse.Status? = nil,
        headers: Headers = Headers(),
        contentType: String? = nil,
        body: Body = .none
    ) {
        self.init(
            explicitStatus: status, knownContentType: contentType, hasUsualContentType: false,
            headers: headers, body: body)
    }

    /// Creates a response with a text body.
    ///
    /// - Parameters:
    ///   - status: The status; if nil, the one that is set on the exchange, which is 200 unless it was changed.
    ///   - headers: The headers; see ``headers`` for how they combine with those that are set on the exchange.
    ///   - text: The body, sent as UTF-8.
    ///   - contentType: The `Content-Type`; if nil, `text/plain; charset=utf-8` unless one is set on the exchange.
    public init(
        status: HTTPResponse.Status? = nil,
        headers: Headers = Headers(),
        text: String,
        contentType: String? = nil
    ) {
        self.init(
            explicitStatus: status, knownContentType: contentType ?? "text/plain; charset=utf-8",
            hasUsualContentType: contentType == nil, headers: headers, body: .text(text))
    }

    /// Creates a response with a body of bytes.
    ///
    /// - Parameters:
    ///   - status: The status; if nil, the one that is set on the exchange, which is 200 unless it was changed.
    ///   - headers: The headers; see ``headers`` for how they combine with those that are set on the exchange.
    ///   - bytes: The body.
    ///   - contentType: The `Content-Type`; if nil, `application/octet-stream` unless one is set on the exchange.
    public init(
        status: HTTPResponse.Status? = nil,
        headers: Headers = Headers(),
        bytes: [UInt8],
        contentType: String? = nil
    ) {
        self.init(
            explicitStatus: status, knownContentType: contentType ?? "application/octet-stream",
            hasUsualContentType: contentType == nil, headers: headers, body: .bytes(bytes))
    }
}

/// A type that a handler may return instead of a ``Response``.
public protocol ResponseConvertible: SendableMetatype {
    /// Returns the response for the value.
    ///
    /// - Throws: Any error of the conversion, such as that of an encoder; handled as if the handler had thrown it.
    consuming func response() throws -> Response
}

extension Response: ResponseConvertible {
    /// Returns the response itself.
    @inlinable
    public consuming func response() -> Response { self }
}

extension String: ResponseConvertible {
    /// Returns a response with the text as plain UTF-8.
    public func response() -> Response { Response(text: self) }
}

extension Array: ResponseConvertible where Element: ResponseArrayElement {
    /// Returns a response with the bytes, as `application/octet-stream`.
    @inlinable
    public func response() -> Response { Element.response(of: self) }
}

/// The element type of arrays that can be returned as a response: only bytes.
///
/// A protocol, so that a closure like `{ _ in [1, 2] }` does not compile: without it the compiler would infer the
/// integers as bytes.
public protocol ResponseArrayElement: Sendable {
    /// Returns the response for an array of these elements.
    static func response(of array: [Self]) -> Response
}

extension UInt8: ResponseArrayElement {
    /// Returns a response with the bytes, as `application/octet-stream`.
    public static func response(of array: [UInt8]) -> Response { Response(bytes: array) }
}

@available(
    *, unavailable,
    message:
        "the closure returns no response: return a Response, a String, [UInt8] (for an array literal write [1, 2] as [UInt8]), a status, an optional of these (nil is 404) or another ResponseConvertible; to write through exchange.response, use stream(method, pattern) or StreamingHandler"
)
extension Int: ResponseArrayElement {
    /// Unavailable: an array of integers is not a body.
    public static func response(of array: [Int]) -> Response { Response() }
}

extension HTTPResponse.Status: ResponseConvertible {
    /// Returns a response of that status without a body.
    public func response() -> Response { Response(status: self) }
}

extension Optional: ResponseConvertible where Wrapped: ResponseConvertible {
    /// Returns the response of the value; throws an ``HTTPError`` with 404 for nil.
    @inlinable
    public consuming func response() throws -> Response {
        guard let value = self else { throw HTTPError(.notFound) }
        return try value.response()
    }
}

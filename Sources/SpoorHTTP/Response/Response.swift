public import HTTPTypes

/// A whole response as a value: what a handler may simply return.
///
/// Head and body leave in one write. To stream a body, write through ``Exchange/response`` instead.
public struct Response: Sendable {
    /// The body of a response that is at hand whole.
    public enum Body: Sendable {
        /// No body.
        case none
        /// A text, sent as UTF-8.
        case text(String)
        /// Bytes.
        case bytes([UInt8])

        /// How many bytes the body has.
        public var count: Int {
            switch self {
            case .none: 0
            case .text(let text): text.utf8.count
            case .bytes(let bytes): bytes.count
            }
        }
    }

    /// The status, if the response has one of its own; the one that is set on the exchange counts otherwise.
    package var explicitStatus: HTTPResponse.Status?
    /// The `Content-Type`, unless ``headers`` has one; nil for none.
    ///
    /// It replaces one that is set on the exchange if it was given, and not if it is only the usual one for such a body.
    public var contentType: String? {
        get { knownContentType }
        set {
            knownContentType = newValue
            hasUsualContentType = false
        }
    }
    private var knownContentType: String?
    /// Whether the `Content-Type` was not given but is the usual one for such a body.
    package private(set) var hasUsualContentType: Bool
    /// The fields beside ``contentType`` and those that framing adds.
    ///
    /// They combine with the fields that are set on the exchange: each `Set-Cookie`, `Link`, `WWW-Authenticate`,
    /// `Proxy-Authenticate`, `Content-Security-Policy` and `Server-Timing` is kept, elements of `Vary`, `Allow` and the lists
    /// of `Access-Control-…` are joined without repeats, and a `Set-Cookie` replaces one of the same name, domain and path.
    /// Any other field replaces those of its name, as do those that the protocol does not know. To replace a list, or to
    /// append to a field of your own, set it on ``Exchange/response``.
    public var headers: Headers
    /// The body.
    public var body: Body
}

extension Response {
    /// The status; 200 unless set, or the status that is set on the exchange if that is another.
    ///
    /// A response that was made without a status is sent with the one of ``ResponseWriter/status``; setting this property, to
    /// 200 as well, decides it.
    public var status: HTTPResponse.Status {
        get { explicitStatus ?? .ok }
        set { explicitStatus = newValue }
    }
}

// In an extension, so that the struct keeps the initialiser that the compiler makes by itself: it moves what it is given,
// where one that sets eleven words one by one copies them all.
extension Response {
    /// Makes a response without a body, or with one of any kind.
    ///
    /// - Parameters:
    ///   - status: The status; the one that is set on the exchange if nil, which is 200 unless it was changed.
    ///   - fields: The fields; see ``headers`` for how they combine with those that are set on the exchange.
    ///   - contentType: The `Content-Type`, in place of one that is set on the exchange.
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

    /// Makes a response of a text.
    ///
    /// - Parameters:
    ///   - status: The status; the one that is set on the exchange if nil, which is 200 unless it was changed.
    ///   - fields: The fields; see ``headers`` for how they combine with those that are set on the exchange.
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

    /// Makes a response of bytes.
    ///
    /// - Parameters:
    ///   - status: The status; the one that is set on the exchange if nil, which is 200 unless it was changed.
    ///   - fields: The fields; see ``headers`` for how they combine with those that are set on the exchange.
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

/// What a handler may return in place of a ``Response``.
public protocol ResponseConvertible: SendableMetatype {
    /// The response that the value stands for.
    ///
    /// - Throws: Whatever keeps it from becoming one, such as an encoder's error; as if the handler had thrown it.
    consuming func response() throws -> Response
}

extension Response: ResponseConvertible {
    /// The response itself.
    @inlinable
    public consuming func response() -> Response { self }
}

extension String: ResponseConvertible {
    /// A response of the text as plain UTF-8.
    public func response() -> Response { Response(text: self) }
}

extension Array: ResponseConvertible where Element: ResponseArrayElement {
    /// A response of the bytes, as `application/octet-stream`.
    @inlinable
    public func response() -> Response { Element.response(of: self) }
}

/// What an array consists of that is a response: bytes alone.
///
/// A protocol, so that a closure like `{ _ in [1, 2] }` does not compile: without it the compiler would take the integers
/// for bytes.
public protocol ResponseArrayElement: Sendable {
    /// The response that an array of these stands for.
    static func response(of array: [Self]) -> Response
}

extension UInt8: ResponseArrayElement {
    /// A response of the bytes, as `application/octet-stream`.
    public static func response(of array: [UInt8]) -> Response { Response(bytes: array) }
}

@available(
    *, unavailable,
    message:
        "the closure returns no response: return a Response, a String, [UInt8] (an array of integers is none: write [1, 2] as [UInt8]), a status, an optional of these (nil is 404) or another ResponseConvertible; to write through exchange.response, use stream(method, pattern) or StreamingHandler"
)
extension Int: ResponseArrayElement {
    /// Not available: integers are no bytes.
    public static func response(of array: [Int]) -> Response { Response() }
}

extension HTTPResponse.Status: ResponseConvertible {
    /// A response of that status without a body.
    public func response() -> Response { Response(status: self) }
}

extension Optional: ResponseConvertible where Wrapped: ResponseConvertible {
    /// The response of the value; nil throws an ``HTTPError`` with 404.
    @inlinable
    public consuming func response() throws -> Response {
        guard let value = self else { throw HTTPError(.notFound) }
        return try value.response()
    }
}

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

    /// The status.
    public var status: HTTPResponse.Status
    /// The `Content-Type`, unless ``fields`` has one; nil for none.
    public var contentType: String?
    /// The fields beside ``contentType`` and those that framing adds; they replace fields of the
    /// same name that a middleware has set on the exchange.
    public var fields: Fields
    /// The body.
    public var body: Body
}

// In an extension, so that the struct keeps the initialiser that the compiler makes by itself: it moves what it is given,
// where one that sets eleven words one by one copies them all.
extension Response {
    /// Makes a response without a body, or with one of any kind.
    public init(
        status: HTTPResponse.Status = .ok,
        fields: Fields = Fields(),
        contentType: String? = nil,
        body: Body = .none
    ) {
        self.init(status: status, contentType: contentType, fields: fields, body: body)
    }

    /// Makes a response of a text: `text/plain; charset=utf-8` unless said otherwise.
    public init(
        status: HTTPResponse.Status = .ok,
        fields: Fields = Fields(),
        text: String,
        contentType: String = "text/plain; charset=utf-8"
    ) {
        self.init(status: status, fields: fields, contentType: contentType, body: .text(text))
    }

    /// Makes a response of bytes.
    public init(
        status: HTTPResponse.Status = .ok,
        fields: Fields = Fields(),
        bytes: [UInt8],
        contentType: String = "application/octet-stream"
    ) {
        self.init(status: status, fields: fields, contentType: contentType, body: .bytes(bytes))
    }
}

/// What a handler may return in place of a ``Response``.
public protocol ResponseConvertible: SendableMetatype {
    /// The response that the value stands for.
    consuming func response() -> Response
}

extension Response: ResponseConvertible {
    /// The response itself.
    @inlinable
    public consuming func response() -> Response { self }
}

extension String: ResponseConvertible {
    /// A 200 with the text as plain UTF-8.
    public func response() -> Response { Response(text: self) }
}

extension [UInt8]: ResponseConvertible {
    /// A 200 with the bytes as `application/octet-stream`.
    public func response() -> Response { Response(bytes: self) }
}

extension HTTPResponse.Status: ResponseConvertible {
    /// A response of that status without a body.
    public func response() -> Response { Response(status: self) }
}

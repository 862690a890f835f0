public import HTTPTypes
public import SpoorText

/// A request to be sent to another service.
public struct HTTPClientRequest: Sendable {
    /// The method.
    public var method: HTTPRequest.Method
    /// Where the request goes: an absolute `http` URL, such as `http://127.0.0.1:14268/api/traces`.
    public var url: String
    /// The fields beside `Host` and those that framing adds.
    public var headers: Headers
    /// The body; sent with `Content-Length`, so that the request can be sent again on a fresh connection.
    public var body: Response.Body
    /// How long the whole exchange may take, from the call to the last byte of the answer; the client's default if nil.
    public var timeout: Duration?

    /// Makes a request.
    public init(
        _ method: HTTPRequest.Method = .get,
        _ url: String,
        headers: Headers = Headers(),
        body: Response.Body = .none,
        timeout: Duration? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }

    /// Makes a request whose path and query are built from parts, so that no part can be taken for another.
    ///
    /// ```swift
    /// HTTPClientRequest(.get, "http://127.0.0.1:9000/v1", path: URLPath("items", id), query: ["lang": language])
    /// ```
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - base: An absolute URL that the path is added to; its own path and query stay in front, a fragment is left out.
    ///   - path: The path behind that of the base.
    ///   - query: The items of the query behind those of the base.
    ///   - fields: The fields.
    ///   - body: The body.
    ///   - timeout: How long the whole exchange may take; the client's default if nil.
    public init(
        _ method: HTTPRequest.Method,
        _ base: String,
        path: URLPath,
        query: URLQuery = URLQuery(),
        headers: Headers = Headers(),
        body: Response.Body = .none,
        timeout: Duration? = nil
    ) {
        let whole = base.utf8.prefix { $0 != UInt8(ascii: "#") }
        let front = whole.prefix { $0 != UInt8(ascii: "?") }
        let stem = front.last == UInt8(ascii: "/") ? front.dropLast() : front
        let queries = [String(Substring(whole[front.endIndex...].dropFirst())), query.description]
            .filter { !$0.isEmpty }
        let url =
            String(Substring(stem)) + path.description
            + (queries.isEmpty ? "" : "?" + queries.joined(separator: "&"))
        self.init(method, url, headers: headers, body: body, timeout: timeout)
    }
}

/// The whole answer to a ``HTTPClientRequest``.
public struct HTTPClientResponse: Sendable {
    /// The status.
    public var status: HTTPResponse.Status
    /// The fields of the head.
    public var headers: Headers
    /// The body.
    public var body: [UInt8]

    /// Makes a response, as a test does.
    public init(status: HTTPResponse.Status, headers: Headers = Headers(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The body as text; what is not UTF-8 is repaired.
    public var text: String { String(decoding: body, as: UTF8.self) }
}

public import HTTPTypes
public import SpoorText

/// A request to another service.
public struct HTTPClientRequest: Sendable {
    /// The method.
    public var method: HTTPRequest.Method
    /// The absolute `http` URL of the request, such as `http://127.0.0.1:14268/api/traces`.
    public var url: String
    /// The headers in addition to `Host` and those that framing adds.
    public var headers: Headers
    /// The body; sent with `Content-Length`, so that the request can be sent again on a new connection.
    public var body: Response.Body
    /// The time limit for the whole exchange, from the call to the last byte of the response; the client's default if
    /// nil.
    public var timeout: Duration?

    /// Creates a request.
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

    /// Creates a request whose path and query are built from parts, each encoded so that it cannot change the others.
    ///
    /// ```swift
    /// HTTPClientRequest(.get, "http://127.0.0.1:9000/v1", path: URLPath("items", id), query: ["lang": language])
    /// ```
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - base: An absolute URL that the path is appended to; its own path and query come first, a fragment is
    ///     dropped.
    ///   - path: The path to append to that of the base.
    ///   - query: The query items to append to those of the base.
    ///   - headers: The headers.
    ///   - body: The body.
    ///   - timeout: The time limit for the whole exchange; the client's default if nil.
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

/// The complete response to an ``HTTPClientRequest``.
public struct HTTPClientResponse: Sendable {
    /// The status.
    public var status: HTTPResponse.Status
    /// The headers.
    public var headers: Headers
    /// The body.
    public var body: [UInt8]

    /// Creates a response, for tests.
    public init(status: HTTPResponse.Status, headers: Headers = Headers(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The body as text; invalid UTF-8 is repaired.
    public var text: String { String(decoding: body, as: UTF8.self) }
}

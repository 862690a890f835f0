public import HTTPTypes
public import SpoorClient
public import SpoorHTTP
public import SpoorServer
import SpoorNetworking

/// A client of one temporary server, which ``withTestClient(over:middleware:handler:limits:clientMiddleware:_:)``
/// creates.
///
/// It is the real client, with the real server at the other end: connections are kept alive, and consecutive requests
/// use the same one. It has no timeouts of practical length; set a time limit for the test. A cancelled task ends
/// its exchange and closes the connection, like a client that disconnects.
public struct TestClient: Sendable {
    /// The transport.
    public let mode: TestMode
    /// The server under test.
    public let server: HTTPServer
    /// The underlying client, for its other functions and its counters.
    public let client: HTTPClient
    /// The destination of connections.
    let route: TestRoute
    /// The event loop of the client's connections.
    let loop: EventLoop

    /// Returns the URL of a path on the server: `http://localhost/…`, or `https` over TLS; only ``client`` can
    /// resolve it.
    public func url(_ path: String) -> String {
        "\(route.tls == nil ? "http" : "https")://\(TestRoute.host)\(path)"
    }

    // MARK: Whole messages

    /// Sends a request and collects its response.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - path: Path and query, with the leading slash; characters that are not allowed in URLs must be
    ///     percent-encoded.
    ///   - headers: Headers in addition to `Host` and those of the framing; see ``SpoorHTTP/Headers/named(_:)``.
    ///   - body: The body, sent with its length.
    /// - Throws: `ClientError`, above all if the server aborted the connection.
    public func execute(
        _ method: HTTPRequest.Method, _ path: String, headers: Headers = [:],
        body: Response.Body = .none
    ) async throws -> TestResponse {
        try await withResponse(method, path, headers: headers, body: body) { response in
            try await TestResponse(collecting: response)
        }
    }

    /// Sends a GET.
    public func get(_ path: String, headers: Headers = [:]) async throws -> TestResponse {
        try await execute(.get, path, headers: headers)
    }

    /// Sends a HEAD.
    public func head(_ path: String, headers: Headers = [:]) async throws -> TestResponse {
        try await execute(.head, path, headers: headers)
    }

    /// Sends a POST.
    public func post(
        _ path: String, headers: Headers = [:], body: Response.Body
    ) async throws -> TestResponse {
        try await execute(.post, path, headers: headers, body: body)
    }

    /// Sends a PUT.
    public func put(
        _ path: String, headers: Headers = [:], body: Response.Body
    ) async throws -> TestResponse {
        try await execute(.put, path, headers: headers, body: body)
    }

    /// Sends a PATCH.
    public func patch(
        _ path: String, headers: Headers = [:], body: Response.Body
    ) async throws -> TestResponse {
        try await execute(.patch, path, headers: headers, body: body)
    }

    /// Sends a DELETE.
    public func delete(_ path: String, headers: Headers = [:]) async throws -> TestResponse {
        try await execute(.delete, path, headers: headers)
    }

    // MARK: Streaming

    /// Sends a request and streams its response.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - path: Path and query.
    ///   - headers: Headers in addition to `Host` and those of the framing.
    ///   - body: The body, sent with its length.
    ///   - read: Reads the response; an unread rest is discarded and the connection closed. Runs in the caller's isolation.
    /// - Throws: `ClientError`, or what `read` throws.
    public func withResponse<Result>(
        _ method: HTTPRequest.Method, _ path: String, headers: Headers = [:],
        body: Response.Body = .none,
        _ read: @escaping (StreamedResponse) async throws -> Result
    ) async throws -> Result {
        let request = HTTPClientRequest(method, url(path), headers: headers, body: body)
        return try await client.withResponse(to: request, read)
    }

    /// Sends a request with a streamed body, and streams its response at the same time.
    ///
    /// The closures run concurrently, as described for `HTTPClient.withResponse(to:bodyLength:writing:_:)`.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - path: Path and query.
    ///   - headers: Headers in addition to `Host` and those of the framing.
    ///   - bodyLength: The number of bytes that will be written; chunked if nil.
    ///   - write: Writes the body, as fast as the server accepts it (back-pressure).
    ///   - read: Reads the response; runs in the caller's isolation.
    /// - Throws: `ClientError`, or what one of the closures throws.
    public func withResponse<Result>(
        _ method: HTTPRequest.Method, _ path: String, headers: Headers = [:],
        bodyLength: Int? = nil,
        writing write: @escaping @Sendable (RequestBodyWriter) async throws -> Void,
        _ read: @escaping (StreamedResponse) async throws -> Result
    ) async throws -> Result {
        try await client.withResponse(
            to: HTTPClientRequest(method, url(path), headers: headers), bodyLength: bodyLength,
            writing: write, read)
    }

    // MARK: Bytes

    /// Runs `body` with a separate connection to the server for raw bytes, to send what the client never sends:
    /// malformed heads, pipelined requests, `Expect`, an upgrade, a partial message.
    ///
    /// - Throws: `SystemError` if the connection fails, or what `body` throws.
    public func withRawConnection<Result>(
        _ body: (RawConnection) async throws -> Result
    ) async throws -> Result {
        try await RawConnection.connect(by: route, on: loop).closing(after: body)
    }

    /// Sends bytes over a separate connection and returns everything received until the server closes it.
    ///
    /// - Parameters:
    ///   - pieces: The bytes to send, each piece by a separate call.
    ///   - closesOutput: Whether the write side is closed after them (half-close), before the response is read.
    public func roundTrip(_ pieces: [String], closesOutput: Bool = false) async throws -> String {
        try await withRawConnection { try await $0.roundTrip(pieces, closesOutput: closesOutput) }
    }
}

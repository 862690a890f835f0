public import HTTPTypes
public import SpoorClient
public import SpoorHTTP
public import SpoorServer
import SpoorNetworking

/// A client of one throw-away server, which ``withTestClient(over:middleware:handler:limits:clientMiddleware:_:)`` makes.
///
/// It is the real client, with the real server at the other end: connections are kept and used again, a request that is sent
/// after another goes over the same one. It waits as long as it takes; whoever runs the test sets its time limit, and a
/// cancelled task ends its exchange and closes the connection, as a client that leaves does.
public struct TestClient: Sendable {
    /// How the client comes to its server.
    public let mode: TestMode
    /// The server under test.
    public let server: HTTPServer
    /// The client under the conveniences, for what they do not offer, and for its counters.
    public let client: HTTPClient
    /// Where connections go.
    let route: TestRoute
    /// The loop that the client's connections are on.
    let loop: EventLoop

    /// The URL of a path on the server: `http://localhost/…`, or `https` over TLS; only ``client`` finds the server by it.
    public func url(_ path: String) -> String {
        "\(route.tls == nil ? "http" : "https")://\(TestRoute.host)\(path)"
    }

    // MARK: Whole messages

    /// Sends a request and gathers its response.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - path: Path and query, with the slash that they begin with; what is no letter of URLs is percent-encoded.
    ///   - fields: Headers beside `Host` and those of the framing; see ``SpoorHTTP/Headers/named(_:)``.
    ///   - body: The body, sent with its length.
    /// - Throws: `ClientError`, above all if the server broke off the connection.
    public func send(
        _ method: HTTPRequest.Method, _ path: String, headers: Headers = [:],
        body: Response.Body = .none
    ) async throws -> TestResponse {
        try await withResponse(method, path, headers: headers, body: body) { response in
            try await TestResponse(gathering: response)
        }
    }

    /// Sends a GET.
    public func get(_ path: String, headers: Headers = [:]) async throws -> TestResponse {
        try await send(.get, path, headers: headers)
    }

    /// Sends a HEAD.
    public func head(_ path: String, headers: Headers = [:]) async throws -> TestResponse {
        try await send(.head, path, headers: headers)
    }

    /// Sends a POST.
    public func post(
        _ path: String, headers: Headers = [:], body: Response.Body
    ) async throws -> TestResponse {
        try await send(.post, path, headers: headers, body: body)
    }

    /// Sends a PUT.
    public func put(
        _ path: String, headers: Headers = [:], body: Response.Body
    ) async throws -> TestResponse {
        try await send(.put, path, headers: headers, body: body)
    }

    /// Sends a DELETE.
    public func delete(_ path: String, headers: Headers = [:]) async throws -> TestResponse {
        try await send(.delete, path, headers: headers)
    }

    // MARK: Pieces

    /// Sends a request and reads its response piece by piece.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - path: Path and query.
    ///   - fields: Headers beside `Host` and those of the framing.
    ///   - body: The body, sent with its length.
    ///   - read: Reads the response; what it leaves is given up, and the connection with it. Runs where the caller runs.
    /// - Throws: `ClientError`, or what `read` throws.
    public func withResponse<Result>(
        _ method: HTTPRequest.Method, _ path: String, headers: Headers = [:],
        body: Response.Body = .none,
        _ read: @escaping (StreamedResponse) async throws -> Result
    ) async throws -> Result {
        let request = HTTPClientRequest(method, url(path), headers: headers, body: body)
        return try await client.withResponse(to: request, read)
    }

    /// Sends a request whose body is written piece by piece, and at the same time reads its response piece by piece.
    ///
    /// The closures run concurrently, as `HTTPClient.withResponse(to:bodyLength:writing:_:)` says.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - path: Path and query.
    ///   - fields: Headers beside `Host` and those of the framing.
    ///   - bodyLength: How many bytes will be written; chunked if nil.
    ///   - write: Writes the body, as fast as the server takes it.
    ///   - read: Reads the response; runs where the caller runs.
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

    /// Runs `body` with a connection of its own to the server that speaks bytes, for what the client never sends: malformed
    /// heads, pipelined requests, `Expect`, an upgrade, half of a message.
    ///
    /// - Throws: `SystemError` if there is no connection, or what `body` throws.
    public func withRawConnection<Result>(
        _ body: (RawConnection) async throws -> Result
    ) async throws -> Result {
        try await RawConnection.connect(by: route, on: loop).closing(after: body)
    }

    /// Sends bytes over a connection of their own and tells all that comes until the server closes.
    ///
    /// - Parameters:
    ///   - pieces: What is sent, each by a call of its own.
    ///   - closesOutput: Whether our direction ends behind them, before what comes is read.
    public func talk(_ pieces: [String], closesOutput: Bool = false) async throws -> String {
        try await withRawConnection { try await $0.talk(pieces, closesOutput: closesOutput) }
    }
}

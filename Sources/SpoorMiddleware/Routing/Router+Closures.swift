public import HTTPTypes
public import SpoorHTTP

/// Routes to closures.
///
/// A closure returns its response, or it is registered with ``Router/stream(_:_:file:line:_:)`` and writes it. A
/// closure whose value is not a response does not compile: an unavailable overload matches, and its message contains
/// the fix. Nor does a streaming closure that returns a response.
extension Router {
    /// Adds a route to a synchronous closure that returns the response.
    @inlinable
    public mutating func on(
        _ method: HTTPRequest.Method, _ pattern: String = "",
        file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable (Exchange) throws -> some ResponseConvertible
    ) {
        on(method, pattern, file: file, line: line, SyncHandler(respond))
    }

    /// Adds a route to an asynchronous closure that returns the response.
    public mutating func on(
        _ method: HTTPRequest.Method, _ pattern: String = "",
        file: StaticString = #fileID, line: UInt = #line,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        on(method, pattern, file: file, line: line, AsyncHandler(respond))
    }

    /// Not available: the closure's value is not a response.
    @available(
        *, unavailable,
        message:
            "the closure returns no response: return a Response, a String, [UInt8], a status, an optional of these (nil is 404) or another ResponseConvertible (where a closure only throws, write { _ -> Response in throw … }); to write through exchange.response, use stream(method, pattern)"
    )
    public mutating func on<Value>(
        _ method: HTTPRequest.Method, _ pattern: String = "",
        file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
    ) {}

    /// Adds a route to a closure that streams its response by writing to `exchange.response`.
    ///
    /// ```swift
    /// routes.stream(.get, "/count") { exchange in
    ///     for number in 1...10 { try await exchange.response.write("\(number)\n") }
    /// }
    /// ```
    ///
    /// When the closure returns, a response that it has begun is ended. If it has only set
    /// `exchange.response.status`, that is sent with an empty body; if it has neither written anything nor set a
    /// status, this is a mistake, answered with 500 by a ``NoResponseError``.
    public mutating func stream(
        _ method: HTTPRequest.Method, _ pattern: String = "",
        file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Void
    ) {
        on(method, pattern, file: file, line: line, StreamingHandler(respond))
    }

    /// Not available: a response that the closure returns would not be sent.
    ///
    /// The function throws so that a call does not compile, and is deprecated so that the compiler shows the reason:
    /// an unavailable overload is never chosen for a closure of one expression, whose value is discarded.
    ///
    /// - Throws: Always, an error with the same reason.
    @available(
        *, deprecated,
        message:
            "the response that the closure returns is not sent: write it through exchange.response and return nothing, or add the route by its method's name or on(method, pattern)"
    )
    public mutating func stream(
        _ method: HTTPRequest.Method, _ pattern: String = "",
        file: StaticString = #fileID, line: UInt = #line,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws -> some ResponseConvertible
    ) throws {
        let route = RouteIdentity(method: method, template: pattern, place: "\(file):\(line)")
        throw UnsentResponseError(handler: "\(route)")
    }
}

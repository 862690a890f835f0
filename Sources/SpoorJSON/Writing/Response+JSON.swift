public import HTTPTypes
public import SpoorHTTP
public import SpoorMiddleware
import SpoorText

/// JSON responses.
extension Response {
    /// Returns a response whose body is the JSON text of a value.
    ///
    /// ```swift
    /// return try .json(order, status: .created, headers: [.location: "/orders/7"])
    /// ```
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - status: The status; if nil, the one that is set on the exchange, which is 200 unless it was changed.
    ///   - headers: The headers in addition to `Content-Type: application/json`.
    ///   - configuration: The coder.
    /// - Throws: The error of the coder; a 500.
    public static func json(
        _ value: some Encodable, status: HTTPResponse.Status? = nil, headers: Headers = Headers(),
        using configuration: JSONConfiguration = JSONConfiguration()
    ) throws -> Response {
        Response(
            status: status, headers: headers, contentType: MediaType.json.essence,
            body: .bytes(try configuration.coding.encode(value)))
    }
}

/// Routes whose closures return an `Encodable`, which is sent as JSON with the coder of the service; nil is 404.
///
/// A value that is a response itself, such as a `String`, is not encoded.
extension Router {
    /// Adds a route to an asynchronous closure that returns a value to send as JSON.
    @_disfavoredOverload
    public mutating func on<Value: Encodable>(
        _ method: HTTPRequest.Method, _ pattern: String = "",
        file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
    ) {
        on(method, pattern, file: file, line: line, JSONHandler(respond))
    }

    /// Adds an asynchronous closure that returns a value to send as JSON, for paths that no route matches.
    ///
    /// The status is that of `exchange.response`, which is 200 unless the closure sets it.
    @_disfavoredOverload
    public mutating func fallback<Value: Encodable>(
        file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
    ) {
        fallback(file: file, line: line, JSONHandler(respond))
    }
}

extension Router.MethodRoutes {
    /// Adds a route to an asynchronous closure that returns a value to send as JSON; nil is 404.
    @_disfavoredOverload
    public mutating func callAsFunction<Value: Encodable>(
        _ pattern: String = "", file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
    ) {
        self(pattern, JSONHandler(respond), file: file, line: line)
    }
}

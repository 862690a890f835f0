public import HTTPTypes
public import SpoorHTTP

/// The usual methods by their names: each takes a closure that returns its response, and may await or not.
extension Router {
    // MARK: GET

    /// Adds a `GET` route to a closure that awaits nothing and returns the response.
    @inlinable
    public mutating func get(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable (Exchange) throws -> some ResponseConvertible
    ) {
        on(.get, pattern, file: file, line: line, respond)
    }

    /// Adds a `GET` route to a closure that awaits and returns the response.
    public mutating func get(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        on(.get, pattern, file: file, line: line, respond)
    }

    /// Not available: the closure's value is no response.
    @available(
        *, unavailable,
        message:
            "the closure returns no response: return a Response, a String, [UInt8], a status, an optional of these (nil is 404) or another ResponseConvertible; to write through exchange.response, use stream(.get, pattern)"
    )
    public mutating func get<Value>(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
    ) {}

    // MARK: HEAD

    /// Adds a `HEAD` route to a closure that awaits nothing and returns the response.
    @inlinable
    public mutating func head(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable (Exchange) throws -> some ResponseConvertible
    ) {
        on(.head, pattern, file: file, line: line, respond)
    }

    /// Adds a `HEAD` route to a closure that awaits and returns the response.
    public mutating func head(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        on(.head, pattern, file: file, line: line, respond)
    }

    /// Not available: the closure's value is no response.
    @available(
        *, unavailable,
        message:
            "the closure returns no response: return a Response, a String, [UInt8], a status, an optional of these (nil is 404) or another ResponseConvertible; to write through exchange.response, use stream(.head, pattern)"
    )
    public mutating func head<Value>(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
    ) {}

    // MARK: POST

    /// Adds a `POST` route to a closure that awaits nothing and returns the response.
    @inlinable
    public mutating func post(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable (Exchange) throws -> some ResponseConvertible
    ) {
        on(.post, pattern, file: file, line: line, respond)
    }

    /// Adds a `POST` route to a closure that awaits and returns the response.
    public mutating func post(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        on(.post, pattern, file: file, line: line, respond)
    }

    /// Not available: the closure's value is no response.
    @available(
        *, unavailable,
        message:
            "the closure returns no response: return a Response, a String, [UInt8], a status, an optional of these (nil is 404) or another ResponseConvertible; to write through exchange.response, use stream(.post, pattern)"
    )
    public mutating func post<Value>(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
    ) {}

    // MARK: PUT

    /// Adds a `PUT` route to a closure that awaits nothing and returns the response.
    @inlinable
    public mutating func put(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable (Exchange) throws -> some ResponseConvertible
    ) {
        on(.put, pattern, file: file, line: line, respond)
    }

    /// Adds a `PUT` route to a closure that awaits and returns the response.
    public mutating func put(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        on(.put, pattern, file: file, line: line, respond)
    }

    /// Not available: the closure's value is no response.
    @available(
        *, unavailable,
        message:
            "the closure returns no response: return a Response, a String, [UInt8], a status, an optional of these (nil is 404) or another ResponseConvertible; to write through exchange.response, use stream(.put, pattern)"
    )
    public mutating func put<Value>(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
    ) {}

    // MARK: PATCH

    /// Adds a `PATCH` route to a closure that awaits nothing and returns the response.
    @inlinable
    public mutating func patch(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable (Exchange) throws -> some ResponseConvertible
    ) {
        on(.patch, pattern, file: file, line: line, respond)
    }

    /// Adds a `PATCH` route to a closure that awaits and returns the response.
    public mutating func patch(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        on(.patch, pattern, file: file, line: line, respond)
    }

    /// Not available: the closure's value is no response.
    @available(
        *, unavailable,
        message:
            "the closure returns no response: return a Response, a String, [UInt8], a status, an optional of these (nil is 404) or another ResponseConvertible; to write through exchange.response, use stream(.patch, pattern)"
    )
    public mutating func patch<Value>(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
    ) {}

    // MARK: DELETE

    /// Adds a `DELETE` route to a closure that awaits nothing and returns the response.
    @inlinable
    public mutating func delete(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable (Exchange) throws -> some ResponseConvertible
    ) {
        on(.delete, pattern, file: file, line: line, respond)
    }

    /// Adds a `DELETE` route to a closure that awaits and returns the response.
    public mutating func delete(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        on(.delete, pattern, file: file, line: line, respond)
    }

    /// Not available: the closure's value is no response.
    @available(
        *, unavailable,
        message:
            "the closure returns no response: return a Response, a String, [UInt8], a status, an optional of these (nil is 404) or another ResponseConvertible; to write through exchange.response, use stream(.delete, pattern)"
    )
    public mutating func delete<Value>(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
    ) {}

    // MARK: OPTIONS

    /// Adds a `OPTIONS` route to a closure that awaits nothing and returns the response.
    @inlinable
    public mutating func options(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable (Exchange) throws -> some ResponseConvertible
    ) {
        on(.options, pattern, file: file, line: line, respond)
    }

    /// Adds a `OPTIONS` route to a closure that awaits and returns the response.
    public mutating func options(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        on(.options, pattern, file: file, line: line, respond)
    }

    /// Not available: the closure's value is no response.
    @available(
        *, unavailable,
        message:
            "the closure returns no response: return a Response, a String, [UInt8], a status, an optional of these (nil is 404) or another ResponseConvertible; to write through exchange.response, use stream(.options, pattern)"
    )
    public mutating func options<Value>(
        _ pattern: String, file: StaticString = #fileID, line: UInt = #line,
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
    ) {}
}

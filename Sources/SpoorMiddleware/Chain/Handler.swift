public import SpoorHTTP

/// A type that answers requests; the innermost element of a middleware chain.
///
/// A handler works within the exchange: it sends a whole ``Response`` with `exchange.response.send`, or streams with
/// `write`. When it returns, a response that it has begun is ended. If it has only set the status, that is sent with
/// the headers and an empty body; if it has done neither, the request is answered with 500 (``NoResponseError``). It
/// runs on the connection's event loop: await, never block.
public protocol Handler: Sendable {
    /// Answers the request.
    ///
    /// - Throws: Anything: a ``ResponseError`` becomes the response it describes, every other error a 500.
    func handle(_ exchange: Exchange) async throws
}

/// A handler that calls a synchronous closure, which returns the response.
public struct SyncHandler: Handler {
    @usableFromInline let respond: @Sendable (Exchange) throws -> Response

    /// Creates a handler from a closure.
    @inlinable
    public init(_ respond: @escaping @Sendable (Exchange) throws -> some ResponseConvertible) {
        self.respond = { exchange in try respond(exchange).response() }
    }

    /// Not available: the closure's value is not a response.
    @available(
        *, unavailable,
        message:
            "the closure returns no response: return a Response, a String, [UInt8], a status, an optional of these (nil is 404) or another ResponseConvertible (where a closure only throws, write { _ -> Response in throw … }); to write through exchange.response, use StreamingHandler"
    )
    public init<Value>(
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
    ) {
        self.respond = { _ in Response() }
    }

    /// Calls the closure and sends the response that it returns.
    public func handle(_ exchange: Exchange) async throws {
        try await exchange.response.send(respond(exchange))
    }
}

/// A handler that calls an asynchronous closure, which returns the response.
///
/// The closure is `@concurrent` because Swift 6.3 does not convert a closure with a capture list to a
/// nonisolated(nonsending) function; on an event loop it still runs on that loop, by the task's executor preference.
public struct AsyncHandler: Handler {
    private let respond: @Sendable @concurrent (Exchange) async throws -> Response

    /// Creates a handler from a closure.
    public init(
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        self.respond = { exchange in try await respond(exchange).response() }
    }

    /// Not available: the closure's value is not a response.
    @available(
        *, unavailable,
        message:
            "the closure returns no response: return a Response, a String, [UInt8], a status, an optional of these (nil is 404) or another ResponseConvertible (where a closure only throws, write { _ -> Response in throw … }); to write through exchange.response, use StreamingHandler"
    )
    public init<Value>(
        _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
    ) {
        self.respond = { _ in Response() }
    }

    /// Calls the closure and sends the response that it returns.
    public func handle(_ exchange: Exchange) async throws {
        // The exchange stays in this task: the closure is awaited and cannot keep it (not Sendable).
        nonisolated(unsafe) let unchecked = exchange
        let response = try await unsafe respond(unchecked)
        try await exchange.response.send(response)
    }
}

/// A handler that calls an asynchronous closure, which writes to `exchange.response`.
///
/// A closure that neither writes anything nor sets a status is a mistake: see ``NoResponseError``.
public struct StreamingHandler: Handler {
    private let respond: @Sendable @concurrent (Exchange) async throws -> Void

    /// Creates a handler from a closure.
    public init(_ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Void) {
        self.respond = respond
    }

    /// Not available: a response that the closure returns would not be sent.
    ///
    /// The initializer throws so that a call does not compile, and is deprecated so that the compiler shows the
    /// reason: an unavailable overload is never chosen for a closure of one expression, whose value is discarded.
    ///
    /// - Throws: Always, an error with the same reason.
    @available(
        *, deprecated,
        message:
            "the response that the closure returns is not sent: write it through exchange.response and return nothing, or use SyncHandler or AsyncHandler"
    )
    public init(
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws -> some ResponseConvertible
    ) throws {
        throw UnsentResponseError(handler: "StreamingHandler")
    }

    /// Calls the closure.
    public func handle(_ exchange: Exchange) async throws {
        // The exchange stays in this task: the closure is awaited and cannot keep it (not Sendable).
        nonisolated(unsafe) let unchecked = exchange
        try await unsafe respond(unchecked)
    }
}

/// A handler for all paths below a path, including the path itself without its slash.
///
/// Under `/assets/{path...}` it also handles `/assets`, if no other route matches; the parameter is then empty.
package protocol MountedHandler: Handler {}

/// The error of a streaming closure that returns a response, which would not be sent: a program has called the
/// unavailable overload with `try`.
struct UnsentResponseError: Error, CustomStringConvertible {
    /// The handler, or the route and its source location.
    let handler: String

    var description: String {
        "the streaming closure of \(handler) returns a response, which would not be sent: write it through exchange.response and return nothing"
    }
}

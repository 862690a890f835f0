public import SpoorHTTP

/// What answers a request: the inner end of a chain.
///
/// A handler works inside the exchange: it sends a whole ``Response`` with `exchange.response.send`,
/// or streams with `write`. When it returns, what it has begun is ended. If it has only set the status, that is sent with
/// the fields and an empty body; if it has done neither, the request is answered with 500 (``NoResponseError``). It runs on the connection's event loop: await, never block.
public protocol Handler: Sendable {
    /// Answers the request.
    ///
    /// - Throws: Anything: a ``ResponseError`` becomes the response it describes, every other error a 500.
    func handle(_ exchange: Exchange) async throws
}

/// A handler made of a closure that awaits nothing and returns the response.
public struct SyncHandler: Handler {
    @usableFromInline let respond: @Sendable (Exchange) throws -> Response

    /// Makes a handler of a closure.
    @inlinable
    public init(_ respond: @escaping @Sendable (Exchange) throws -> some ResponseConvertible) {
        self.respond = { exchange in try respond(exchange).response() }
    }

    /// Not available: the closure's value is no response.
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

    /// Calls the closure and sends what it returns.
    public func handle(_ exchange: Exchange) async throws {
        try await exchange.response.send(respond(exchange))
    }
}

/// A handler made of an asynchronous closure that returns the response.
///
/// The closure is `@concurrent` because Swift 6.3 does not convert one with a capture list to a
/// nonisolated(nonsending) function; on an event loop it still runs on that loop, by the task's executor preference.
public struct AsyncHandler: Handler {
    private let respond: @Sendable @concurrent (Exchange) async throws -> Response

    /// Makes a handler of a closure.
    public init(
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws ->
            some ResponseConvertible
    ) {
        self.respond = { exchange in try await respond(exchange).response() }
    }

    /// Not available: the closure's value is no response.
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

    /// Calls the closure and sends what it returns.
    public func handle(_ exchange: Exchange) async throws {
        // The exchange stays in this task: the closure is awaited and cannot keep it (not Sendable).
        nonisolated(unsafe) let lent = exchange
        let response = try await unsafe respond(lent)
        try await exchange.response.send(response)
    }
}

/// A handler made of an asynchronous closure that answers through the exchange itself.
///
/// A closure that neither writes anything nor sets a status is a mistake: see ``NoResponseError``.
public struct StreamingHandler: Handler {
    private let answer: @Sendable @concurrent (Exchange) async throws -> Void

    /// Makes a handler of a closure.
    public init(_ answer: @escaping @Sendable @concurrent (Exchange) async throws -> Void) {
        self.answer = answer
    }

    /// Not for use: a response that the closure returns would not be sent.
    ///
    /// It can throw so that a call does not compile, and is deprecated so that the compiler says why: an unavailable overload is
    /// never chosen for a closure of one expression, whose value is disregarded.
    ///
    /// - Throws: Always, and says the same.
    @available(
        *, deprecated,
        message:
            "the response that the closure returns is not sent: write it through exchange.response and return nothing, or use SyncHandler or AsyncHandler"
    )
    public init(
        _ answer:
            @escaping @Sendable @concurrent (Exchange) async throws -> some ResponseConvertible
    ) throws {
        throw UnsentResponseError(handler: "StreamingHandler")
    }

    /// Calls the closure.
    public func handle(_ exchange: Exchange) async throws {
        // The exchange stays in this task: the closure is awaited and cannot keep it (not Sendable).
        nonisolated(unsafe) let lent = exchange
        try await unsafe answer(lent)
    }
}

/// A handler for everything below a path, which also takes the path itself without its slash.
///
/// Under `/assets/{path...}` it is asked for `/assets` as well, if no other route matches; the placeholder is empty then.
package protocol MountedHandler: Handler {}

/// A streaming closure returns a response, which would not be sent: the mistake of a program that calls with `try` what is not
/// for use.
struct UnsentResponseError: Error, CustomStringConvertible {
    /// The handler, or the route and its place in the source.
    let handler: String

    var description: String {
        "the streaming closure of \(handler) returns a response, which would not be sent: write it through exchange.response and return nothing"
    }
}

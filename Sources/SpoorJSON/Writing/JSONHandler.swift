public import SpoorHTTP
public import SpoorMiddleware
import HTTPTypes

/// A handler made of a closure that returns a value to send as JSON; nil is 404.
public struct JSONHandler<Value: Encodable>: Handler {
    private let respond: @Sendable @concurrent (Exchange) async throws -> Value

    /// Creates a handler from a closure.
    public init(_ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value) {
        self.respond = respond
    }

    /// Calls the closure and sends the value that it returns.
    public func handle(_ exchange: Exchange) async throws {
        // The exchange stays in this task: the closure is awaited and cannot keep it (not Sendable).
        nonisolated(unsafe) let borrowed = exchange
        let value = try await unsafe respond(borrowed)
        if let optional = value as? any OptionalValue, optional.isNil { throw HTTPError(.notFound) }
        try await exchange.response.send(.json(value, using: exchange.jsonConfiguration))
    }
}

/// An optional, for a type that may be one.
private protocol OptionalValue {
    var isNil: Bool { get }
}

extension Optional: OptionalValue {
    fileprivate var isNil: Bool { self == nil }
}

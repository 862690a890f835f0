public import SpoorHTTP
import SpoorText

/// Turns what is thrown further in into a response, so that everything further out sees the status that was sent.
///
/// A ``ResponseError`` becomes the response it describes, any other error a 500 without details. Every chain has one
/// at its outer end by itself, and the stock middlewares report the status that is sent in any order; put another inside of a middleware of
/// your own that looks at the response after its `next`. What the handler had written before it threw is replaced as long as none
/// of its bytes has left the send buffer. After that nothing can be corrected: the error goes on, and the connection closes
/// without an end of the body.
public struct ErrorMiddleware: Middleware {
    /// Makes the middleware.
    public init() {}

    /// Runs the rest of the chain and answers for its errors.
    @inlinable
    public func intercept(_ exchange: Exchange, next: Next) async throws {
        do {
            try await next(exchange)
        } catch {
            try await Self.answer(for: error, exchange)
        }
        if exchange.hasFailed { next.settle(exchange) }
    }

    /// The one place where a thrown error becomes a response; thrown on when the head is out, or when the client has
    /// disconnected.
    @usableFromInline
    static func answer(for error: any Error, _ exchange: Exchange) async throws {
        await exchange.handlerFailed(with: error)
        guard !exchange.response.isHeadSent else { throw error }
        // Logs and metrics say of a client that disconnected that it was sent no status (499).
        guard exchange.transport.interruption(of: exchange) != .peerLeft else { throw error }
        exchange.discardRepresentation()
        let headers = exchange.response.headers
        do {
            let rejection = try await exchange.onEventLoop { $0.response(to: error, for: exchange) }
            try await exchange.response.send(rejection ?? SpoorHTTP.response(for: error))
        } catch let refused as HeaderError {
            // The error's own response cannot be sent, because a field of it was refused: none of its fields are.
            exchange.replaceFailure(by: refused)
            exchange.state.value.responseHeaders = headers
            exchange.discardRepresentation()
            try await exchange.response.send(SpoorHTTP.response(for: refused))
        }
    }
}

public import SpoorHTTP
import SpoorText

/// Converts errors of the inner chain into responses, so that outer middlewares see the status that was sent.
///
/// A ``ProblemError``, such as ``Problem`` or ``HTTPError``, becomes problem details in the form that the request's
/// `Accept` prefers (RFC 9457; see ``ProblemFormat``), with the trace id if the request is traced; any other
/// ``ResponseError`` becomes the response that it describes, and any other error a 500 without details. Every chain has
/// an error middleware at its outer end automatically, and the stock middlewares report the sent status in any order;
/// add another one inside a custom middleware that reads the response after its `next`. What the handler wrote before
/// it threw is replaced as long as none of its bytes has left the send buffer. After that the response cannot be
/// replaced: the error is thrown on, and the connection closes without ending the body.
public struct ErrorMiddleware: Middleware {
    /// Creates the middleware.
    public init() {}

    /// Runs the rest of the chain and sends the responses to its errors.
    @inlinable
    public func intercept(_ exchange: Exchange, next: Next) async throws {
        do {
            try await next(exchange)
        } catch {
            try await Self.answer(for: error, exchange)
        }
        if exchange.hasFailed { next.reportFailure(exchange) }
    }

    /// Sends the response to an error; the only place where an error becomes a response.
    ///
    /// The error is rethrown if the head has been sent or the client has disconnected.
    @usableFromInline
    static func answer(for error: any Error, _ exchange: Exchange) async throws {
        await exchange.handlerFailed(with: error)
        guard !exchange.response.isHeadSent else { throw error }
        // For a client that disconnected, logs and metrics report that no status was sent (499).
        guard exchange.transport.interruption(of: exchange) != .peerDisconnected else {
            throw error
        }
        exchange.discardRepresentation()
        let headers = exchange.response.headers
        do {
            let rejection = try await exchange.onEventLoop { $0.response(to: error, for: exchange) }
            try await exchange.response.send(
                rejection ?? exchange.response(for: error))
        } catch let invalid
            where !exchange.response.isHeadSent
            && (invalid is HeaderError || invalid is ResponseStateError)
        {
            // The error's own response cannot be sent, because a header or its status is invalid: none of its headers
            // are sent.
            exchange.replaceFailure(by: invalid)
            exchange.state.value.responseHeaders = headers
            exchange.discardRepresentation()
            try await exchange.response.send(exchange.response(for: invalid))
        }
    }
}

extension Exchange {
    fileprivate func response(for error: any Error) -> Response {
        SpoorHTTP.response(for: error, to: request, traceID: traceID)
    }
}

extension ErrorMiddleware: StockMiddleware {
    package static var position: StockPosition { .errors }
}

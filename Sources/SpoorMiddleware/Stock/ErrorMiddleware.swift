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
/// replaced: the error is rethrown, and the connection closes without ending the body.
public struct ErrorMiddleware: Middleware {
    /// Creates the middleware.
    public init() {}

    /// Runs the rest of the chain and sends the responses to its errors.
    @inlinable
    public func intercept(_ exchange: Exchange, next: Next) async throws {
        do {
            try await next(exchange)
        } catch {
            try await Self.respond(to: error, exchange)
        }
        if exchange.hasFailed { next.reportFailure(exchange) }
    }

    /// Sends the response to an error; the only place where an error becomes a response.
    ///
    /// The error is rethrown if the head has been sent or the client has disconnected.
    @usableFromInline
    static func respond(to error: any Error, _ exchange: Exchange) async throws {
        await exchange.handlerFailed(with: error)
        guard !exchange.response.isHeadSent else { throw error }
        // For a client that disconnected, logs and metrics report that no status was sent (499).
        guard exchange.transport.interruption(of: exchange) != .peerDisconnected else {
            throw error
        }
        exchange.discardRepresentation()
        let headers = exchange.response.headers
        let rejection = try await exchange.onEventLoop { $0.response(to: error, for: exchange) }
        guard let invalid = try await exchange.trySending(rejection, for: error) else { return }
        // The error's own response cannot be sent, because a header or its status is invalid: none of its headers are
        // sent.
        exchange.prepareResponse(to: invalid, headers)
        guard let again = try await exchange.trySending(nil, for: invalid) else { return }
        // An observer makes every response invalid, or a transform fails for every one.
        exchange.prepareResponse(to: again, headers)
        exchange.ignoreResponseObservers()
        try await exchange.response.send(exchange.response(for: again))
    }
}

extension Exchange {
    /// Sends the response to an error; returns the reason why it cannot be sent, unless that is the connection.
    fileprivate func trySending(
        _ rejection: Response?, for error: any Error
    ) async throws -> (any Error)? {
        do {
            try await response.send(rejection ?? response(for: error))
            return nil
        } catch let invalid
            where !response.isHeadSent
            && (invalid is HeaderError || invalid is ResponseStateError || hasTransformFailed)
        {
            return invalid
        }
    }

    /// Prepares for the response to an error that has prevented another response.
    fileprivate func prepareResponse(to invalid: any Error, _ headers: Headers) {
        replaceFailure(by: invalid)
        state.value.responseHeaders = headers
        discardRepresentation()
    }

    fileprivate func response(for error: any Error) -> Response {
        SpoorHTTP.response(for: error, to: request, traceID: traceID)
    }
}

extension ErrorMiddleware: StockMiddleware {
    package static var position: StockPosition { .errors }
}

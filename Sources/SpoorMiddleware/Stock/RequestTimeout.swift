public import HTTPTypes
public import SpoorHTTP

/// Bounds the time that a request may take, from here to its last byte of response.
///
/// When it has passed, the handler's task is cancelled, and its waits for the peer end. If nothing of the response has been
/// sent by then, the peer gets a 503; else the connection ends in the middle of the body. Either way it is closed. A handler
/// that ignores the cancellation goes on, but what it sends is refused with an error, and the response is the 503 when it has
/// returned. Of several the innermost counts. In a test without sockets it does nothing.
public struct RequestTimeout: Middleware {
    private let duration: Duration
    private let status: HTTPResponse.Status

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - duration: How long requests may take, their bodies included.
    ///   - status: What the peer is told; 504 for a gateway.
    public init(_ duration: Duration, status: HTTPResponse.Status = .serviceUnavailable) {
        self.duration = duration
        self.status = status
    }

    /// Runs the rest of the chain, and cancels it when its time is over.
    ///
    /// - Throws: ``HTTPError`` with the status after that, or what the chain throws.
    public func intercept(_ exchange: Exchange, next: Next) async throws {
        try await exchange.onEventLoop { wire in
            wire.limitHandler(to: duration, for: exchange)
            var failure: (any Error)?
            do {
                try await next(exchange)
            } catch {
                failure = error
            }
            if wire.endHandlerLimit(for: exchange), !exchange.response.isHeadSent {
                let late = HTTPError(status, headers: [.connection: "close"])
                exchange.replaceFailure(by: late)
                throw late
            }
            if let failure { throw failure }
        }
    }
}

public import HTTPTypes
public import SpoorHTTP

/// Limits the time from this middleware to the last byte of the response.
///
/// When the timeout expires, the handler's task is cancelled, and its waits for the peer end. If nothing of the
/// response has been sent by then, the peer receives a 503; otherwise the connection is closed in the middle of the
/// body. The connection is closed in both cases. A handler that ignores the cancellation continues to run, but its
/// writes throw, and the 503 is sent when it has returned. Of several timeouts the innermost applies. The middleware
/// has no effect in a test without sockets.
public struct RequestTimeout: Middleware {
    private let duration: Duration
    private let status: HTTPResponse.Status

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - duration: The maximum duration of a request, including its body.
    ///   - status: The status of the response after the timeout; use 504 for a gateway.
    public init(_ duration: Duration, status: HTTPResponse.Status = .serviceUnavailable) {
        self.duration = duration
        self.status = status
    }

    /// Runs the rest of the chain, and cancels it when the timeout expires.
    ///
    /// - Throws: ``HTTPError`` with the status after the timeout, or what the chain throws.
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

extension RequestTimeout: StockMiddleware {
    package static var position: StockPosition { .timeout }
}

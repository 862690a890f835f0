public import HTTPTypes
public import SpoorHTTP

/// Bounds the time that a request may take, from here to its last byte of response.
///
/// When it has passed, the handler's task is cancelled, and its waits for the peer end. If the head of the response is not out
/// by then, the peer gets a 503; if it is, the connection ends in the middle of the body. Either way it is closed. A handler
/// that does not heed cancellation goes on, and may still answer by itself. Of several the innermost counts. In a test
/// without sockets it does nothing.
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
            do {
                try await next(exchange)
            } catch {
                if wire.endHandlerLimit(for: exchange), !exchange.response.isHeadSent {
                    let late = HTTPError(status, fields: [.connection: "close"])
                    exchange.replaceFailure(by: late)
                    throw late
                }
                throw error
            }
            _ = wire.endHandlerLimit(for: exchange)
        }
    }
}

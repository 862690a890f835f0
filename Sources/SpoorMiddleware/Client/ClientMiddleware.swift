import HTTPTypes
package import Logging
public import SpoorHTTP

/// A middleware around an outgoing request.
///
/// Code before `next` may change the request; when `next` returns, the response body has been consumed, and status
/// and byte counts are known.
public protocol ClientMiddleware: Sendable {
    /// Intercepts the exchange; call `next` to run the rest of the chain.
    ///
    /// - Throws: Errors of `next` or of the middleware; they are thrown to the caller of the client.
    func intercept(_ exchange: ClientExchange, next: ClientNext) async throws
}

/// The rest of a client's chain: the inner middlewares and the sending of the request.
public struct ClientNext {
    private let middlewares: ArraySlice<any ClientMiddleware>
    private let send: (ClientExchange) async throws -> Void
    private let logger: Logger?

    private static let logger = Logger(label: "spoor.client")

    /// Creates the chain of a client.
    ///
    /// - Parameters:
    ///   - middlewares: The middlewares, the outermost first.
    ///   - logger: The logger for changes that a middleware makes too late; the logger `spoor.client` if nil.
    ///   - send: Sends the request and returns when the response body has been consumed.
    package init(
        _ middlewares: ArraySlice<any ClientMiddleware>,
        logger: Logger? = nil,
        send: @escaping (ClientExchange) async throws -> Void
    ) {
        self.middlewares = middlewares
        self.logger = logger
        self.send = send
    }

    /// Runs the rest of the chain; returns when the response body has been consumed.
    ///
    /// - Throws: Errors of an inner middleware, the connection or the peer.
    public func callAsFunction(_ exchange: ClientExchange) async throws {
        guard let first = middlewares.first else {
            exchange.markSent()
            return try await send(exchange)
        }
        defer { logIgnoredChange(exchange, by: first) }
        try await first.intercept(
            exchange, next: ClientNext(middlewares.dropFirst(), logger: logger, send: send))
    }

    /// Logs that a middleware has changed the request after it was sent.
    ///
    /// An outer middleware may still send the changed request by another call of `next`.
    private func logIgnoredChange(_ exchange: ClientExchange, by middleware: any ClientMiddleware) {
        guard exchange.requestUse == .changedAfterwards else { return }
        exchange.markSent()
        (logger ?? Self.logger).debug(
            "request changed after it was sent, change ignored",
            metadata: [
                "middleware": "\(type(of: middleware))",
                "method": "\(exchange.request.method.rawValue)",
            ])
    }
}

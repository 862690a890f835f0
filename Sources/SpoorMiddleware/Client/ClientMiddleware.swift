import HTTPTypes
package import Logging
public import SpoorHTTP

/// A link of the chain around an outgoing request.
///
/// What it does before `next` may change the request; when `next` returns, the answer's body has been consumed, and
/// status and bytes are known.
public protocol ClientMiddleware: Sendable {
    /// Works around the rest of the chain.
    ///
    /// - Throws: What `next` throws, or errors of its own; they reach the caller of the client.
    func intercept(_ exchange: ClientExchange, next: ClientNext) async throws
}

/// The rest of a client's chain, from one link inwards; its inner end sends the request.
public struct ClientNext {
    private let links: ArraySlice<any ClientMiddleware>
    private let send: (ClientExchange) async throws -> Void
    private let logger: Logger?

    private static let logger = Logger(label: "spoor.client")

    /// Makes the chain of a client.
    ///
    /// - Parameters:
    ///   - links: The middlewares, the outermost first.
    ///   - logger: Logs what a middleware changes too late; one of the name `spoor.client` if nil.
    ///   - send: Sends the request and returns when the answer's body has been consumed.
    package init(
        _ links: ArraySlice<any ClientMiddleware>,
        logger: Logger? = nil,
        send: @escaping (ClientExchange) async throws -> Void
    ) {
        self.links = links
        self.logger = logger
        self.send = send
    }

    /// Runs the rest of the chain; returns when the answer's body has been consumed.
    ///
    /// - Throws: The fault of the connection or of the peer.
    public func callAsFunction(_ exchange: ClientExchange) async throws {
        guard let first = links.first else {
            exchange.noteSending()
            return try await send(exchange)
        }
        defer { logIgnoredChange(exchange, by: first) }
        try await first.intercept(
            exchange, next: ClientNext(links.dropFirst(), logger: logger, send: send))
    }

    /// Logs that a middleware has changed the request after it was sent.
    ///
    /// A middleware outside of it may still send the changed request by another call of `next`.
    private func logIgnoredChange(_ exchange: ClientExchange, by link: any ClientMiddleware) {
        guard exchange.requestUse == .changedAfterwards else { return }
        exchange.noteSending()
        (logger ?? Self.logger).debug(
            "a client middleware changed the request after it was sent, which has no effect",
            metadata: [
                "middleware": "\(type(of: link))", "method": "\(exchange.request.method.rawValue)",
            ])
    }
}

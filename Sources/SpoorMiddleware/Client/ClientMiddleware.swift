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

    /// Makes the chain of a client.
    ///
    /// - Parameters:
    ///   - links: The middlewares, the outermost first.
    ///   - send: Sends the request and returns when the answer's body has been consumed.
    package init(
        _ links: ArraySlice<any ClientMiddleware>,
        send: @escaping (ClientExchange) async throws -> Void
    ) {
        self.links = links
        self.send = send
    }

    /// Runs the rest of the chain; returns when the answer's body has been consumed.
    ///
    /// - Throws: The fault of the connection or of the peer.
    public func callAsFunction(_ exchange: ClientExchange) async throws {
        guard let first = links.first else { return try await send(exchange) }
        try await first.intercept(exchange, next: ClientNext(links.dropFirst(), send: send))
    }
}

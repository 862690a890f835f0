public import SpoorHTTP

/// Middlewares in order, the outermost first, around a handler.
public final class MiddlewareChain: Sendable {
    @usableFromInline let links: [any Middleware]
    @usableFromInline let answerer: Answerer

    /// Folds middlewares around a handler.
    public init(_ links: [any Middleware] = [], handler: any Handler) {
        self.links = links
        answerer = Answerer(handler)
    }

    /// Runs an exchange through the chain; returns when the response has been sent whole.
    ///
    /// An error that comes out of the chain becomes a response here, if the head is not out yet.
    ///
    /// - Throws: The connection's fault, or what broke a response off after its head was out.
    @inlinable
    @inline(__always)
    public func run(_ exchange: Exchange) async throws {
        do {
            if links.isEmpty {
                try await answerer.answer(exchange)
            } else {
                try await Next(chain: self, index: 0)(exchange)
            }
        } catch {
            try await ErrorResponses.answer(for: error, exchange)
        }
    }
}

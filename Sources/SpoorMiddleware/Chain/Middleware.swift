public import SpoorHTTP

/// A link of the chain around a handler.
///
/// What it does before `next` sees the request and can set fields of the response; when `next` returns, the
/// response has been sent whole, and status, bytes and outcome are known: a span, a timer or a
/// log line around `next` covers the whole exchange by construction. "Sent whole" means handed to the kernel,
/// but for answers gathered while more pipelined input is at hand: those are complete in the send buffer.
///
/// A middleware may answer by itself and not call `next`; it must not call it twice.
public protocol Middleware: Sendable {
    /// Works around the rest of the chain.
    ///
    /// - Throws: What `next` throws, or errors of its own; see ``Handler/handle(_:)``.
    func intercept(_ exchange: Exchange, next: Next) async throws
}

/// The rest of the chain, from one link inwards.
public struct Next: Sendable {
    private let chain: MiddlewareChain
    private let index: Int

    @usableFromInline
    package init(chain: MiddlewareChain, index: Int) {
        self.chain = chain
        self.index = index
    }

    /// Runs the rest of the chain; returns when the response has been sent whole.
    ///
    /// - Throws: What the handler or a middleware further in throws, or the connection's fault.
    public func callAsFunction(_ exchange: Exchange) async throws {
        guard index < chain.links.count else { return try await chain.answerer.answer(exchange) }
        try await chain.links[index].intercept(
            exchange, next: Next(chain: chain, index: index + 1))
    }
}

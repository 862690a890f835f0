public import SpoorHTTP
import SpoorText

/// A link of the chain around a handler.
///
/// What it does before `next` sees the request and can set headers of the response; when `next` returns, the
/// response has been sent whole, and status, bytes and outcome are known: a span, a timer or a
/// log line around `next` covers the whole exchange by construction. "Sent whole" means handed to the kernel,
/// but for answers gathered while more pipelined input is at hand: those are complete in the send buffer.
///
/// A middleware may answer by itself and not call `next`; it must not call it twice. One that returns without a response
/// (it has neither called `next`, nor sent anything, nor set a status) is a mistake in the program: the request is
/// answered with 500 by a ``NoResponseError``, which names the middleware in the log.
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
        do {
            guard index < chain.links.count else {
                return try await chain.answerer.answer(exchange)
            }
            try await chain.links[index].intercept(
                exchange, next: Next(chain: chain, index: index + 1))
        } catch {
            await exchange.handlerFailed(with: error)
            throw error
        }
        if !exchange.response.isComplete { try await chain.links[index].complete(exchange) }
    }

    /// Reports what went wrong further in, once the response to it is out; see ``ErrorMiddleware``.
    @usableFromInline
    func settle(_ exchange: Exchange) {
        chain.settle(exchange, brokeOff: false)
    }
}

extension Middleware {
    /// Ends the response that the middleware has begun by itself, or finds that there is none.
    ///
    /// - Throws: ``NoResponseError``; or the error that the middleware has caught after bytes of the response had left.
    fileprivate func complete(_ exchange: Exchange) async throws {
        let caught = exchange.response.failure
        if let caught, exchange.response.isHeadSent, !exchange.state.value.isErrorResponse {
            throw caught
        }
        guard exchange.isAnswered else {
            try Task.checkCancellation()
            let error = NoResponseError(source: .middleware(type: "\(Self.self)"), caught: caught)
            exchange.replaceFailure(by: error)
            throw error
        }
        try await exchange.response.finish()
    }
}

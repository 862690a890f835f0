public import SpoorHTTP
import SpoorText

/// A middleware around a handler.
///
/// Code before `next` sees the request and can set headers of the response; when `next` returns, the whole response
/// has been sent, and status, byte count and outcome are known. So a span, timer or log line around `next` covers the
/// whole exchange. "Sent" means passed to the kernel, except for responses that are batched while more pipelined
/// requests are available: those are complete in the send buffer.
///
/// A middleware may answer the request itself without calling `next`; it must not call `next` twice. One that returns
/// without a response (it has neither called `next`, nor sent anything, nor set a status) is a mistake in the
/// program: the request is answered with 500 by a ``NoResponseError``, which names the middleware in the log.
public protocol Middleware: Sendable {
    /// Intercepts the exchange; call `next` to run the rest of the chain.
    ///
    /// - Throws: Errors of `next` or of the middleware; see ``Handler/handle(_:)``.
    func intercept(_ exchange: Exchange, next: Next) async throws
}

/// The rest of the chain: the inner middlewares and the handler.
public struct Next: Sendable {
    private let chain: MiddlewareChain
    private let index: Int

    @usableFromInline
    package init(chain: MiddlewareChain, index: Int) {
        self.chain = chain
        self.index = index
    }

    /// Runs the rest of the chain; returns when the whole response has been sent.
    ///
    /// - Throws: Errors of the handler, an inner middleware or the connection.
    public func callAsFunction(_ exchange: Exchange) async throws {
        var entry = SyncMiddlewareGroup.Entry(exchange)
        do {
            if let response = try chain.groups[index]?.receive(exchange, &entry) {
                try await exchange.response.send(response)
            } else if index == chain.asyncMiddlewares.count {
                try await chain.responder.respond(to: exchange)
            } else {
                try await chain.asyncMiddlewares[index].intercept(
                    exchange, next: Next(chain: chain, index: index + 1))
                if !exchange.response.isComplete { try await complete(exchange) }
            }
        } catch {
            await exchange.handlerFailed(with: error)
            leave(exchange, entry, thrown: error)
            throw error
        }
        leave(exchange, entry, thrown: nil)
    }

    /// Reports the end of the exchange to the synchronous middlewares, and restores the request.
    @inline(__always)
    private func leave(
        _ exchange: Exchange, _ entry: SyncMiddlewareGroup.Entry, thrown: (any Error)?
    ) {
        if let group = chain.groups[index] {
            group.complete(exchange, entry, thrown: thrown)
        } else {
            exchange.restoreRequest(version: entry.requestVersion)
        }
    }

    /// Ends a response that the middleware has begun; not inlined, because few middlewares leave that to the chain.
    @inline(never)
    private func complete(_ exchange: Exchange) async throws {
        try await chain.asyncMiddlewares[index].complete(exchange)
    }

    /// Logs an error of the inner chain once its response has been sent; see ``ErrorMiddleware``.
    @usableFromInline
    func reportFailure(_ exchange: Exchange) {
        chain.reportFailure(exchange, isAborted: false)
    }
}

extension Middleware {
    /// Ends a response that the middleware has begun, or checks that there is one.
    ///
    /// - Throws: ``NoResponseError``; or the error that the middleware caught after bytes of the response had been
    ///   sent.
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

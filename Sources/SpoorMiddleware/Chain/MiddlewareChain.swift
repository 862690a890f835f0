public import Logging
public import SpoorHTTP

/// Middlewares in order, the outermost first, around a handler.
public final class MiddlewareChain: Sendable {
    @usableFromInline let links: [any Middleware]
    @usableFromInline let answerer: Answerer
    /// Where failures are reported; nil in a chain within another, which reports them.
    private let logger: Logger?

    /// Folds middlewares around a handler.
    ///
    /// - Parameters:
    ///   - links: The middlewares, the outermost first.
    ///   - handler: What answers.
    ///   - logger: Where errors are reported that became a 500, or broke a response off; at the level `error`.
    public convenience init(
        _ links: [any Middleware] = [], handler: any Handler,
        logger: Logger = Logger(label: "spoor.server")
    ) {
        self.init(links, within: logger, handler: handler)
    }

    /// Folds middlewares around a handler, for a chain of its own or, without a logger, within another.
    init(
        _ links: [any Middleware], within logger: Logger?, of route: RouteIdentity? = nil,
        handler: any Handler
    ) {
        self.links = links
        self.logger = logger
        answerer = Answerer(handler, of: route)
    }

    /// Runs an exchange through the chain; returns when the response has been sent whole.
    ///
    /// An error that comes out of the chain becomes a response here, if the head is not out yet. One that became a 500,
    /// wherever in the chain, is logged once.
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
            return try await answer(for: error, exchange)
        }
        if exchange.hasFailed { settle(exchange, brokeOff: false) }
    }

    /// Answers for an error that came out of the chain.
    @usableFromInline
    func answer(for error: any Error, _ exchange: Exchange) async throws {
        do {
            try await ErrorMiddleware.answer(for: error, exchange)
        } catch {
            settle(exchange, brokeOff: true)
            throw error
        }
        settle(exchange, brokeOff: false)
    }

    /// Reports what went wrong, once the response to it is out or has broken off.
    @usableFromInline
    func settle(_ exchange: Exchange, brokeOff: Bool) {
        guard let logger, exchange.hasFailed, let error = exchange.takeFailure() else { return }
        FailureReport(error, of: exchange, brokeOff: brokeOff)?.log(to: logger)
        exchange.runSettledActions()
    }
}

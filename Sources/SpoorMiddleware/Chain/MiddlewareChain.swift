public import Logging
public import SpoorHTTP

/// An ordered list of middlewares, the outermost first, around a handler.
public final class MiddlewareChain: Sendable {
    /// The asynchronous middlewares.
    let asyncMiddlewares: [any Middleware]
    /// The synchronous middlewares before each of ``asyncMiddlewares``, and before the handler.
    let groups: [SyncMiddlewareGroup?]
    @usableFromInline let responder: Responder
    /// The values of the application, if the handler is a router that has any.
    @usableFromInline let application: ApplicationValues.Storage?
    /// Whether there are no middlewares.
    @usableFromInline let isEmpty: Bool
    /// All middlewares, the outermost first.
    let middlewares: [any Middleware]
    /// The logger for errors; nil in a chain within another, which logs them.
    private let logger: Logger?

    /// Creates a chain of middlewares around a handler.
    ///
    /// - Parameters:
    ///   - middlewares: The middlewares, the outermost first.
    ///   - handler: The handler.
    ///   - logger: The logger for errors that became a 500 or aborted a response; at level `error`.
    public convenience init(
        _ middlewares: [any Middleware] = [], handler: any Handler,
        logger: Logger = Logger(label: "spoor.server")
    ) {
        self.init(middlewares, within: logger, handler: handler)
    }

    /// Creates a chain of middlewares around a handler: a separate chain or, without a logger, one within another
    /// chain.
    init(
        _ middlewares: [any Middleware], within logger: Logger?, of route: RouteIdentity? = nil,
        handler: any Handler
    ) {
        self.middlewares = middlewares
        isEmpty = middlewares.isEmpty
        var asyncMiddlewares: [any Middleware] = []
        var groups: [SyncMiddlewareGroup?] = []
        for section in middlewares.sections {
            groups.append(section.group.isEmpty ? nil : SyncMiddlewareGroup(section.group))
            if let middleware = section.asyncMiddleware { asyncMiddlewares.append(middleware) }
        }
        self.asyncMiddlewares = asyncMiddlewares
        self.groups = groups
        self.logger = logger
        responder = Responder(handler, of: route)
        application = (handler as? any RoutingHandler)?.application.storage
    }

    /// Runs an exchange through the chain; returns when the whole response has been sent.
    ///
    /// An error that the chain throws becomes a response here, if the head has not been sent yet. An error that
    /// became a 500, anywhere in the chain, is logged once.
    ///
    /// - Throws: Errors of the connection, or an error that aborted a response after its head was sent.
    @inlinable
    @inline(__always)
    public func run(_ exchange: Exchange) async throws {
        exchange.setApplication(application)
        do {
            if isEmpty {
                try await responder.respond(to: exchange)
            } else {
                try await Next(chain: self, index: 0)(exchange)
            }
        } catch {
            return try await respond(to: error, exchange)
        }
        if exchange.hasFailed { reportFailure(exchange, isAborted: false) }
    }

    /// Sends the response to an error that the chain has thrown.
    @usableFromInline
    func respond(to error: any Error, _ exchange: Exchange) async throws {
        do {
            try await ErrorMiddleware.respond(to: error, exchange)
        } catch {
            reportFailure(exchange, isAborted: true)
            throw error
        }
        reportFailure(exchange, isAborted: false)
    }

    /// Logs an error once its response has been sent or aborted.
    @usableFromInline
    func reportFailure(_ exchange: Exchange, isAborted: Bool) {
        guard let logger, exchange.hasFailed, let error = exchange.takeFailure() else { return }
        FailureReport(error, of: exchange, isAborted: isAborted)?.log(to: logger)
        exchange.runErrorResponseActions()
    }
}

extension [any Middleware] {
    /// The synchronous middlewares before each asynchronous one, and before the handler.
    fileprivate var sections: [(group: [any SyncMiddleware], asyncMiddleware: (any Middleware)?)] {
        var sections: [(group: [any SyncMiddleware], asyncMiddleware: (any Middleware)?)] = []
        var group: [any SyncMiddleware] = []
        for middleware in self {
            if let member = middleware as? any SyncMiddleware {
                group.append(member)
            } else {
                sections.append((group, middleware))
                group = []
            }
        }
        return sections + [(group, nil)]
    }
}

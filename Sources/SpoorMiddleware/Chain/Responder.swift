public import SpoorHTTP

/// The innermost element of a chain: calls the handler.
///
/// It determines once whether the handler is synchronous, asynchronous or a router, so that a request makes no
/// asynchronous or dynamic call that its handler does not need.
///
/// A class, so that choosing a route costs one reference.
@usableFromInline
final class Responder: Sendable {
    private let handler: any Handler
    /// The handler's closure, if it is synchronous.
    @usableFromInline let respond: (@Sendable (Exchange) throws -> Response)?
    /// The handler's routes, if it is a router.
    private let routes: (any ResponderSelector)?
    /// The route that leads to the handler, if any.
    private let route: RouteIdentity?

    init(_ handler: any Handler, of route: RouteIdentity? = nil) {
        self.handler = handler
        respond = (handler as? SyncHandler)?.respond
        routes = (handler as? any RoutingHandler)?.responderSelector
        self.route = route
    }

    /// Handles the request, and ends the response if the handler has not.
    @inlinable
    @inline(__always)
    func respond(to exchange: Exchange) async throws {
        let chosen = try choose(for: exchange)
        switch try chosen.respondWithoutWaiting(to: exchange) {
        case .complete: return
        case .mustDrain: try await exchange.response.drain()
        case .unsent(let response): try await exchange.response.sendSlowPath(response)
        case .unanswered: try await chosen.handle(exchange)
        }
    }

    /// What is left to do after the synchronous part of a response.
    @usableFromInline
    enum Progress {
        /// Nothing.
        case complete
        /// The kernel must accept the end of the response.
        case mustDrain
        /// The response cannot be sent without waiting. It is boxed, so that it needs no space in the frames of
        /// asynchronous functions.
        indirect case unsent(Response)
        /// The handler is asynchronous.
        case unanswered
    }

    /// Calls a synchronous closure, and sends its response if that is possible without waiting.
    @inlinable
    @inline(__always)
    func respondWithoutWaiting(to exchange: Exchange) throws -> Progress {
        guard let respond else { return .unanswered }
        let response = try respond(exchange)
        switch try exchange.response.sendWithoutWaiting(response) {
        case nil: return .unsent(response)
        case .mustDrain: return .mustDrain
        case .done: return .complete
        }
    }

    /// Returns this responder, or, if its handler is a router, that of the route which matches the request.
    @usableFromInline
    func choose(for exchange: Exchange) throws -> Responder {
        guard let routes else { return self }
        let chosen = try routes.responder(for: exchange)
        return chosen.routes == nil ? chosen : try chosen.choose(for: exchange)
    }

    /// Calls a handler of any kind.
    @usableFromInline
    func handle(_ exchange: Exchange) async throws {
        do {
            try await handler.handle(exchange)
        } catch  where exchange.transport.hasEndedEventStream(of: exchange) {
            // Graceful shutdown has cancelled the handler, which is how an event stream ends.
        }
        guard !exchange.response.isComplete else { return }
        guard exchange.isAnswered else {
            // A handler that returns early because it was cancelled is not at fault.
            try Task.checkCancellation()
            throw NoResponseError(
                source: .handler(type: "\(type(of: handler))", route: route?.description))
        }
        try await exchange.response.finish()
    }
}

/// An object that chooses the responder of each request.
protocol ResponderSelector: AnyObject, Sendable {
    /// Returns the responder of a request and sets the route on the exchange.
    ///
    /// - Throws: ``HTTPError`` when no route matches.
    func responder(for exchange: Exchange) throws -> Responder
}

/// A handler that chooses another handler for each request, synchronously.
protocol RoutingHandler: Handler {
    /// The routes, prepared for requests.
    var responderSelector: any ResponderSelector { get }
    /// The values that all requests share.
    var application: ApplicationValues { get }
}

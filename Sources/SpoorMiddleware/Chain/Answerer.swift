public import SpoorHTTP

/// The inner end of a chain, told apart once, so that the usual request takes no dynamic asynchronous call more than it needs.
///
/// A class, so that choosing a route costs a reference.
@usableFromInline
final class Answerer: Sendable {
    private let handler: any Handler
    /// The handler, if it is a closure that awaits nothing.
    @usableFromInline let respond: (@Sendable (Exchange) throws -> Response)?
    /// The handler, if it is a router: it chooses the answerer.
    private let router: Router?
    /// The route that leads here, if one does.
    private let route: RouteIdentity?

    init(_ handler: any Handler, of route: RouteIdentity? = nil) {
        self.handler = handler
        respond = (handler as? Respond)?.respond
        router = handler as? Router
        self.route = route
    }

    /// Answers the request, and ends the response if the handler has not.
    @inlinable
    @inline(__always)
    func answer(_ exchange: Exchange) async throws {
        let chosen = try choose(for: exchange)
        guard let respond = chosen.respond else { return try await chosen.handle(exchange) }
        let response = try respond(exchange)
        guard let progress = try exchange.response.sendAtOnce(response) else {
            return try await exchange.response.sendElsewhere(response)
        }
        if case .mustDrain = progress { try await exchange.response.drain() }
    }

    /// Who answers, behind all routers.
    @usableFromInline
    func choose(for exchange: Exchange) throws -> Answerer {
        guard let router else { return self }
        let routed = try router.route(exchange)
        return routed.router == nil ? routed : try routed.choose(for: exchange)
    }

    /// Lets a handler of any kind answer.
    @usableFromInline
    func handle(_ exchange: Exchange) async throws {
        do {
            try await handler.handle(exchange)
        } catch  where exchange.transport.hasEndedEventStream(of: exchange) {
            // The drain has cancelled the handler: that is how an event stream ends.
        }
        guard !exchange.response.isComplete else { return }
        guard exchange.isAnswered else {
            // A handler that has given up because it was cancelled makes no mistake.
            try Task.checkCancellation()
            throw NoResponseError(
                source: .handler(type: "\(type(of: handler))", route: route?.description))
        }
        try await exchange.response.finish()
    }
}

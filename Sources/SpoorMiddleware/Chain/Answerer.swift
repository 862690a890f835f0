import SpoorHTTP

/// The inner end of a chain, told apart once, so that the usual request takes no dynamic asynchronous call more than it needs.
///
/// A class, so that choosing a route costs a reference.
final class Answerer: Sendable {
    private let handler: any Handler
    /// The handler, if it is a closure that awaits nothing.
    private let respond: (@Sendable (Exchange) throws -> Response)?
    /// The handler, if it is a router: it chooses the answerer.
    private let router: Router?

    init(_ handler: any Handler) {
        self.handler = handler
        respond = (handler as? Respond)?.respond
        router = handler as? Router
    }

    /// Answers the request, and ends the response if the handler has not.
    @inline(__always)
    func answer(_ exchange: Exchange) async throws {
        let chosen = try router == nil ? self : choose(for: exchange)
        if let respond = chosen.respond {
            let response = try respond(exchange)
            guard let progress = try exchange.response.sendAtOnce(response) else {
                return try await exchange.response.sendElsewhere(response)
            }
            if case .mustDrain = progress { try await exchange.response.drain() }
            return
        }
        try await chosen.handler.handle(exchange)
        if !exchange.response.isComplete { try await exchange.response.finish() }
    }

    /// Who answers, behind all routers.
    private func choose(for exchange: Exchange) throws -> Answerer {
        guard let router else { return self }
        return try router.route(exchange).choose(for: exchange)
    }
}

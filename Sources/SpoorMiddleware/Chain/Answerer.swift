import SpoorHTTP

/// The inner end of a chain, told apart once, so that the usual request takes no dynamic asynchronous call more than it needs.
enum Answerer: Sendable {
    /// The response comes from a closure that awaits nothing.
    case atOnce(@Sendable (Exchange) throws -> Response)
    /// The router chooses the answerer.
    case routed(Router)
    /// Any other handler.
    case handled(any Handler)

    init(_ handler: any Handler) {
        self =
            switch handler {
            case let handler as Respond: .atOnce(handler.respond)
            case let handler as Router: .routed(handler)
            default: .handled(handler)
            }
    }

    /// Answers the request, and ends the response if the handler has not.
    func answer(_ exchange: Exchange) async throws {
        var answerer = self
        while case .routed(let router) = answerer { answerer = try router.route(exchange) }
        if case .atOnce(let respond) = answerer {
            return try await exchange.response.send(respond(exchange))
        }
        if case .handled(let handler) = answerer { try await handler.handle(exchange) }
        if !exchange.response.isComplete { try await exchange.response.finish() }
    }
}

import SpoorHTTP

/// A sequence of adjacent synchronous middlewares in a chain, which the chain calls without suspension points.
@usableFromInline
final class SyncMiddlewareGroup: Sendable {
    private let members: [any SyncMiddleware]
    /// Whether each of them observes a step.
    private let observes: [Bool]

    init(_ members: [any SyncMiddleware]) {
        self.members = members
        observes = members.map { !$0.observedSteps.isEmpty }
    }

    /// Calls the functions of the members around the rest of a chain, which does not know the group.
    func intercept(_ exchange: Exchange, next: Next) async throws {
        let start = exchange.replacementCount
        var entered = 0
        var thrown: (any Error)?
        do {
            if let response = try receive(exchange, entered: &entered) {
                try await exchange.response.send(response)
            } else {
                try await next(exchange)
            }
        } catch {
            thrown = error
        }
        complete(exchange, entered: entered, replacementCount: start, thrown: thrown)
        if let thrown { throw thrown }
    }

    /// Passes a request to the members, the outermost first, until one responds or throws.
    ///
    /// - Parameter entered: The number of members that have received the request, and must be notified of the end.
    func receive(_ exchange: Exchange, entered: inout Int) throws -> Response? {
        for (index, member) in members.enumerated() {
            let before = exchange.replacementCount
            let response = try member.requestReceived(exchange)
            exchange.markReplacements(after: before, by: index)
            // With the request as the member sees it, without its own replacement.
            if observes[index] { exchange.addObserver(member, replacementCount: before) }
            entered += 1
            if let response { return response }
        }
        return nil
    }

    /// Notifies the members that have received an exchange of its end, the innermost first.
    ///
    /// If the response to an error has still to be sent, they are notified after that.
    ///
    /// - Parameters:
    ///   - entered: The number of members that have received it.
    ///   - replacementCount: The number of replacements of the request before the first member.
    ///   - thrown: The error that the rest of the chain has thrown.
    func complete(
        _ exchange: Exchange, entered: Int, replacementCount: Int, thrown: (any Error)?
    ) {
        if entered > 0 {
            if let thrown, !exchange.response.isHeadSent {
                exchange.afterErrorResponse { [self] in
                    let end = $0.conclusion(thrown: thrown)
                    for member in members[..<entered].reversed() {
                        member.exchangeCompleted($0, end)
                    }
                }
            } else {
                let end = exchange.conclusion(thrown: thrown)
                for index in (0..<entered).reversed() {
                    exchange.endReplacements(after: replacementCount, byMembersFrom: index)
                    members[index].exchangeCompleted(exchange, end)
                }
            }
        }
        exchange.endReplacements(after: replacementCount)
    }
}

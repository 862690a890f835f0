import SpoorHTTP

/// A sequence of adjacent synchronous middlewares in a chain, which the chain calls without suspension points.
@usableFromInline
final class SyncMiddlewareGroup: Sendable {
    private let members: [any SyncMember]
    /// The steps of an exchange that any of the members observes.
    private let observedSteps: ExchangeSteps

    init(_ middlewares: [any SyncMiddleware]) {
        members = middlewares.map { $0.member }
        observedSteps = members.reduce(into: ExchangeSteps()) { $0.formUnion($1.observedSteps) }
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
    /// - Parameter entered: The number of members that the request has reached; it does not include one that throws.
    func receive(_ exchange: Exchange, entered: inout Int) throws -> Response? {
        let start = exchange.replacementCount
        defer { observe(exchange, entered: entered, replacementCount: start) }
        while entered < members.count {
            let before = exchange.replacementCount
            let response = try members[entered].requestReceived(exchange)
            exchange.markReplacements(after: before, by: entered)
            entered += 1
            if let response { return response }
        }
        return nil
    }

    /// Adds the members that a request has reached as observers of the exchange.
    private func observe(_ exchange: Exchange, entered: Int, replacementCount: Int) {
        guard !observedSteps.isEmpty, entered > 0 else { return }
        exchange.addObserver(
            EnteredMembers(group: self, count: entered, replacementCount: replacementCount))
    }

    /// Reports the end of an exchange to the members that the request has reached, the innermost first; after the
    /// response to the error, if there will be one.
    ///
    /// - Parameters:
    ///   - entered: The number of these members.
    ///   - replacementCount: The number of replacements of the request before the first member.
    ///   - thrown: The error that the rest of the chain has thrown.
    func complete(
        _ exchange: Exchange, entered: Int, replacementCount: Int, thrown: (any Error)?
    ) {
        if entered > 0 {
            if let thrown, !exchange.response.isHeadSent {
                completeAfterResponse(
                    exchange, entered: entered, replacementCount: replacementCount, thrown: thrown)
            } else {
                complete(exchange, exchange.conclusion(thrown: thrown), entered, replacementCount)
            }
        }
        exchange.endReplacements(after: replacementCount)
    }

    /// Reports the end after the response to an error, to each member with the request as it sees it: the replacements
    /// end before that response is sent.
    @inline(never)
    private func completeAfterResponse(
        _ exchange: Exchange, entered: Int, replacementCount: Int, thrown: any Error
    ) {
        guard exchange.replacementCount > 0 else {
            return exchange.afterErrorResponse { [self] in
                complete($0, $0.conclusion(thrown: thrown), entered, replacementCount)
            }
        }
        var views: [(member: any SyncMember, view: ExchangeView)] = []
        for index in (0..<entered).reversed() {
            exchange.endReplacements(after: replacementCount, byMembersFrom: index)
            views.append((members[index], exchange.view))
        }
        exchange.afterErrorResponse { exchange in
            let end = exchange.conclusion(thrown: thrown)
            for (member, view) in views {
                exchange.with(view) { member.exchangeCompleted(exchange, end) }
            }
        }
    }

    private func complete(
        _ exchange: Exchange, _ conclusion: ExchangeConclusion, _ entered: Int,
        _ replacementCount: Int
    ) {
        for index in (0..<entered).reversed() {
            exchange.endReplacements(after: replacementCount, byMembersFrom: index)
            members[index].exchangeCompleted(exchange, conclusion)
        }
    }

    /// The members that a request has reached, as an observer of its exchange.
    private struct EnteredMembers: ExchangeObserver {
        let group: SyncMiddlewareGroup
        let count: Int
        /// The number of replacements of the request before the first member.
        let replacementCount: Int

        var observedSteps: ExchangeSteps { group.observedSteps }

        func routeMatched(_ exchange: Exchange) {
            notify(of: .routeMatched, exchange) { $0.routeMatched(exchange) }
        }

        func requestBodyRead(_ exchange: Exchange) {
            notify(of: .requestBodyRead, exchange) { $0.requestBodyRead(exchange) }
        }

        func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
            notify(of: .responseWillBeSent, exchange) {
                $0.responseWillBeSent(exchange, body: &body)
            }
        }

        func responseHeadSent(_ exchange: Exchange) {
            notify(of: .responseHeadSent, exchange) { $0.responseHeadSent(exchange) }
        }

        /// Calls the members that observe a step, the innermost first, each with the request as it sees it.
        @inline(__always)
        private func notify(
            of step: ExchangeSteps, _ exchange: Exchange, _ call: (any SyncMember) -> Void
        ) {
            var index = count
            while index > 0 {
                index -= 1
                let member = group.members[index]
                guard member.observedSteps.contains(step) else { continue }
                if exchange.replacementCount == replacementCount {
                    call(member)
                } else {
                    exchange.withRequest(seenByMember: index, after: replacementCount) {
                        call(member)
                    }
                }
            }
        }
    }
}

/// A synchronous middleware as an object, whose functions are called without copying the middleware.
private protocol SyncMember: AnyObject, Sendable {
    var observedSteps: ExchangeSteps { get }

    func requestReceived(_ exchange: Exchange) throws -> Response?
    func exchangeCompleted(_ exchange: Exchange, _ conclusion: ExchangeConclusion)
    func routeMatched(_ exchange: Exchange)
    func requestBodyRead(_ exchange: Exchange)
    func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody)
    func responseHeadSent(_ exchange: Exchange)
}

private final class TypedSyncMember<Base: SyncMiddleware>: SyncMember {
    let observedSteps: ExchangeSteps
    private let base: Base

    init(_ base: Base) {
        self.base = base
        observedSteps = base.observedSteps
    }

    func requestReceived(_ exchange: Exchange) throws -> Response? {
        try base.requestReceived(exchange)
    }

    func exchangeCompleted(_ exchange: Exchange, _ conclusion: ExchangeConclusion) {
        base.exchangeCompleted(exchange, conclusion)
    }

    func routeMatched(_ exchange: Exchange) { base.routeMatched(exchange) }

    func requestBodyRead(_ exchange: Exchange) { base.requestBodyRead(exchange) }

    func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
        base.responseWillBeSent(exchange, body: &body)
    }

    func responseHeadSent(_ exchange: Exchange) { base.responseHeadSent(exchange) }
}

extension SyncMiddleware {
    /// The middleware as an object.
    fileprivate var member: any SyncMember { TypedSyncMember(self) }
}

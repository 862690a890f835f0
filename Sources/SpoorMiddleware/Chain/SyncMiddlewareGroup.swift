import SpoorHTTP

/// A sequence of adjacent synchronous middlewares in a chain, which the chain calls without suspension points.
@usableFromInline
final class SyncMiddlewareGroup: Sendable {
    private let members: [any SyncMember]
    /// The steps of an exchange that each of the members observes.
    private let memberSteps: [ExchangeSteps]
    /// The steps of an exchange that any of the members observes.
    private let observedSteps: ExchangeSteps

    init(_ middlewares: [any SyncMiddleware]) {
        members = middlewares.map { $0.member }
        memberSteps = middlewares.map(\.observedSteps)
        observedSteps = memberSteps.reduce(into: ExchangeSteps()) { $0.formUnion($1) }
    }

    /// The members that a request has reached, and what they have seen of it.
    struct Entry {
        /// The number of members that the request has reached; it does not include one that throws.
        var count = 0
        /// The version of the request before the first member.
        let requestVersion: Int
        /// The version of the request that each member has received; empty if none has replaced it.
        private(set) var versions: [Int] = []

        init(_ exchange: Exchange) { requestVersion = exchange.requestVersion }

        /// Adds a member that has received a version of the request, and has passed another one on if it has replaced it.
        mutating func add(received version: Int, passed next: Int) {
            if next != requestVersion {
                while versions.count < count { versions.append(requestVersion) }
                versions.append(version)
            }
            count += 1
        }
    }

    /// Calls the functions of the members around the rest of a chain, which does not know the group.
    func intercept(_ exchange: Exchange, next: Next) async throws {
        var entry = Entry(exchange)
        var thrown: (any Error)?
        do {
            if let response = try receive(exchange, &entry) {
                try await exchange.response.send(response)
            } else {
                try await next(exchange)
            }
        } catch {
            thrown = error
        }
        complete(exchange, entry, thrown: thrown)
        if let thrown { throw thrown }
    }

    /// Passes a request to the members, the outermost first, until one responds or throws.
    func receive(_ exchange: Exchange, _ entry: inout Entry) throws -> Response? {
        defer { observe(exchange, entry) }
        var version = entry.requestVersion
        while entry.count < members.count {
            let response: Response?
            do {
                response = try members[entry.count].requestReceived(exchange)
            } catch {
                exchange.restoreRequest(version: version)
                throw error
            }
            let next = exchange.requestVersion
            entry.add(received: version, passed: next)
            version = next
            if let response { return response }
        }
        return nil
    }

    /// Adds the members that a request has reached as observers of the exchange.
    private func observe(_ exchange: Exchange, _ entry: Entry) {
        guard !observedSteps.isEmpty, entry.count > 0 else { return }
        exchange.addObserver(
            EnteredMembers(group: self, count: entry.count, versions: entry.versions))
    }

    /// Reports the end of an exchange to the members that the request has reached, the innermost first; after the
    /// response to the error, if there will be one: not if the client has disconnected.
    ///
    /// - Parameter thrown: The error that the rest of the chain has thrown.
    func complete(_ exchange: Exchange, _ entry: Entry, thrown: (any Error)?) {
        if entry.count > 0 {
            let conclusion = exchange.conclusion(thrown: thrown)
            if let thrown, !exchange.response.isHeadSent, conclusion.outcome != .clientDisconnected
            {
                exchange.afterErrorResponse { [self] in
                    complete($0, entry, $0.conclusion(thrown: thrown))
                }
            } else {
                complete(exchange, entry, conclusion)
            }
        }
        exchange.restoreRequest(version: entry.requestVersion)
    }

    /// Reports the end of an exchange to each member with the request as it has received it.
    private func complete(
        _ exchange: Exchange, _ entry: Entry, _ conclusion: ExchangeConclusion
    ) {
        guard entry.versions.isEmpty, entry.requestVersion == exchange.requestVersion else {
            return completeWithVersions(exchange, entry, conclusion)
        }
        var index = entry.count
        while index > 0 {
            index -= 1
            members[index].exchangeCompleted(exchange, conclusion)
        }
    }

    @inline(never)
    private func completeWithVersions(
        _ exchange: Exchange, _ entry: Entry, _ conclusion: ExchangeConclusion
    ) {
        for index in (0..<entry.count).reversed() {
            let version = entry.versions.isEmpty ? entry.requestVersion : entry.versions[index]
            exchange.withRequest(version: version) {
                members[index].exchangeCompleted(exchange, conclusion)
            }
        }
    }

    /// The members that a request has reached, as an observer of its exchange; three words, which an existential holds
    /// without a box.
    private struct EnteredMembers: ExchangeObserver {
        let group: SyncMiddlewareGroup
        let count: Int
        /// See ``Entry/versions``.
        let versions: [Int]

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

        /// Calls the members that observe a step, the innermost first, each with the request as it has received it.
        @inline(__always)
        private func notify(
            of step: ExchangeSteps, _ exchange: Exchange, _ call: (any SyncMember) -> Void
        ) {
            var index = count
            while index > 0 {
                index -= 1
                guard group.memberSteps[index].contains(step) else { continue }
                if versions.isEmpty {
                    call(group.members[index])
                } else {
                    exchange.withRequest(version: versions[index]) { call(group.members[index]) }
                }
            }
        }
    }
}

/// A synchronous middleware as an object, whose functions are called without copying the middleware.
private protocol SyncMember: AnyObject, Sendable {
    func requestReceived(_ exchange: Exchange) throws -> Response?
    func exchangeCompleted(_ exchange: Exchange, _ conclusion: ExchangeConclusion)
    func routeMatched(_ exchange: Exchange)
    func requestBodyRead(_ exchange: Exchange)
    func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody)
    func responseHeadSent(_ exchange: Exchange)
}

private final class TypedSyncMember<Base: SyncMiddleware>: SyncMember {
    private let base: Base

    init(_ base: Base) {
        self.base = base
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

import SpoorText

/// The client of a request, as far as it is known: the peer of the connection, unless a middleware has replaced it by
/// what a trusted proxy reports.
public struct ClientInfo: Sendable, Hashable {
    /// The address of the client.
    public var address: ConnectionInfo.Endpoint
    /// The scheme that the client used, in lower case: `http` or `https`.
    public var scheme: String

    /// Creates the description of a client.
    public init(address: ConnectionInfo.Endpoint, scheme: String) {
        self.address = address
        self.scheme = scheme
    }
}

/// What an element of the chain has replaced for those further in.
struct ReplacedRequest {
    let request: Request
    let client: ClientInfo?
    /// The index of the synchronous middleware that has replaced it, among those of its group.
    var member: Int?
}

/// The reason why a request cannot replace that of the exchange.
public enum RequestReplacementError: Error, Equatable, CustomStringConvertible {
    /// A header was rejected when it was set.
    case headerInvalid(HeaderError)
    /// The request is not a changed copy of the exchange's request, so it lacks the parameters of the matched route.
    case notDerived

    /// A message that states the reason.
    public var description: String {
        switch self {
        case .headerInvalid(let error): error.description
        case .notDerived:
            "the request that replaces the one of the exchange is not a changed copy of it: begin with "
                + "var request = exchange.request"
        }
    }
}

/// Replacing the request for the elements of the chain further in.
extension Exchange {
    /// The client: that of the connection, unless a middleware has replaced it.
    public var client: ClientInfo {
        state.value.changes?.client
            ?? ClientInfo(
                address: connection.peer, scheme: connection.isSecure ? "https" : "http")
    }

    /// Replaces the request for the elements of the chain further in: path, query and headers.
    ///
    /// Elements further out see the original request again when the middleware that calls this has returned. The
    /// framing of the body does not change, whatever the headers state.
    ///
    /// ```swift
    /// var request = exchange.request
    /// request.path = "/v2" + request.path
    /// try exchange.replaceRequest(with: request)
    /// try await next(exchange)
    /// ```
    ///
    /// - Parameter request: A changed copy of ``request``.
    /// - Throws: If the copy has a header that must not be sent, or is not a copy of this exchange's request.
    public func replaceRequest(with request: Request) throws(RequestReplacementError) {
        if let name = request.headers.rejectedName {
            throw .headerInvalid(HeaderError(name: name))
        }
        let (old, new) = (state.value.request.head.bytes, request.head.bytes)
        for range in state.value.parameterRanges {
            guard range.upperBound <= new.count, old[range] == new[range] else {
                throw .notDerived
            }
        }
        keepReplaced()
        state.value.request = request
    }

    /// Replaces the client for the elements of the chain further in; elements further out see the original again when
    /// the middleware that calls this has returned.
    public func replaceClient(with client: ClientInfo) {
        keepReplaced().client = client
    }

    @discardableResult
    private func keepReplaced() -> ExchangeChanges {
        let changes = state.value.beginChanges()
        changes.replacedRequests.append(
            ReplacedRequest(request: state.value.request, client: changes.client))
        return changes
    }

    /// The number of replacements that are in effect.
    package var replacementCount: Int { state.value.changes?.replacedRequests.count ?? 0 }

    /// Records that a synchronous middleware has made the replacements after the first `count`.
    package func markReplacements(after count: Int, by member: Int) {
        guard count < replacementCount, let changes = state.value.changes else { return }
        for index in count..<changes.replacedRequests.count {
            changes.replacedRequests[index].member = member
        }
    }

    /// Ends those replacements after the first `count` that a member of a group and those after it have made.
    package func endReplacements(after count: Int, byMembersFrom member: Int) {
        guard count < replacementCount, let changes = state.value.changes else { return }
        let first = changes.replacedRequests[count...].firstIndex { ($0.member ?? 0) >= member }
        if let first { endReplacements(after: first) }
    }

    /// Ends the replacements after the first `count`.
    package func endReplacements(after count: Int) {
        guard count < replacementCount, let changes = state.value.changes else { return }
        if !state.value.parameterRanges.isEmpty, changes.routedRequest == nil {
            changes.routedRequest = state.value.request
        }
        let first = changes.replacedRequests[count]
        state.value.request = first.request
        changes.client = first.client
        changes.replacedRequests.removeSubrange(count...)
    }

    /// Calls a closure with the request as it was before the replacement with that index.
    package func withRequest(beforeReplacement index: Int, _ body: () -> Void) {
        guard index < replacementCount, let changes = state.value.changes else { return body() }
        let current = (state.value.request, changes.client)
        let replaced = changes.replacedRequests[index]
        (state.value.request, changes.client) = (replaced.request, replaced.client)
        body()
        (state.value.request, changes.client) = current
    }

    /// Calls a closure with the request as a member of a group sees it, without its own replacements.
    ///
    /// - Parameter count: The number of replacements before those of the group.
    package func withRequest(seenByMember member: Int, after count: Int, _ body: () -> Void) {
        guard count < replacementCount, let changes = state.value.changes else { return body() }
        let index = changes.replacedRequests[count...].firstIndex { ($0.member ?? 0) >= member }
        withRequest(beforeReplacement: index ?? replacementCount, body)
    }

    /// The bytes that the positions of the route's parameters refer to.
    package var parameterBytes: [UInt8] {
        state.value.changes?.routedRequest?.head.bytes ?? state.value.request.head.bytes
    }
}

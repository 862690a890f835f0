import SpoorText

/// The request and the client as an element of the chain sees them.
package struct ExchangeView {
    let request: Request
    let client: ClientInfo?
}

/// The reason why a request cannot replace that of the exchange.
public enum RequestReplacementError: Error, Equatable, CustomStringConvertible {
    /// A header was rejected when it was set.
    case headerInvalid(HeaderError)
    /// The request is not a changed copy of the exchange's request, so it does not have its method, the length of its
    /// body, or the parameters of the matched route.
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
        guard isDerived(request) else { throw .notDerived }
        keepReplaced()
        state.value.request = request
    }

    /// Returns whether a request is a changed copy of that of the exchange, which contains all bytes that were received
    /// and the parameters of the matched route.
    private func isDerived(_ request: Request) -> Bool {
        let received = state.value.changes?.replacedRequests.first?.request ?? state.value.request
        let (old, new) = (parameterBytes, request.head.bytes)
        guard request.bodyLength == received.bodyLength, new.starts(with: received.head.bytes)
        else { return false }
        // Once the request in which the route was matched is kept, others need not contain the parameters.
        guard state.value.changes?.routedRequest == nil else { return true }
        return state.value.parameterRanges.allSatisfy {
            $0.upperBound <= new.count && old[$0] == new[$0]
        }
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

    /// The request and the client as they are now.
    package var view: ExchangeView {
        ExchangeView(request: state.value.request, client: state.value.changes?.client)
    }

    /// Calls a closure with the request as it was before the replacement with that index.
    package func withRequest(beforeReplacement index: Int, _ body: () -> Void) {
        guard index < replacementCount, let changes = state.value.changes else { return body() }
        let replaced = changes.replacedRequests[index]
        with(ExchangeView(request: replaced.request, client: replaced.client), body)
    }

    /// Calls a closure with the request and the client as they were at another time.
    package func with(_ view: ExchangeView, _ body: () -> Void) {
        let changes = state.value.beginChanges()
        let current = self.view
        let routed = changes.routedRequest
        // The request of the view need not contain the parameters.
        if !state.value.parameterRanges.isEmpty, routed == nil {
            changes.routedRequest = current.request
        }
        (state.value.request, changes.client) = (view.request, view.client)
        body()
        (state.value.request, changes.client) = (current.request, current.client)
        changes.routedRequest = routed
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

import SpoorText

/// The reason why a request cannot replace that of the exchange.
public enum RequestReplacementError: Error, Equatable, CustomStringConvertible {
    /// A header was rejected when it was set.
    case headerInvalid(HeaderError)
    /// The request is not a changed copy of the exchange's request, so it does not have its method or the length of its
    /// body.
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
        beginVersion()
        state.value.request = request
    }

    /// Returns whether a request is a changed copy of that of the exchange, which contains all bytes that were received.
    private func isDerived(_ request: Request) -> Bool {
        let received = state.value.changes?.versions.first?.request ?? state.value.request
        return request.bodyLength == received.bodyLength
            && request.head.bytes.starts(with: received.head.bytes)
    }

    /// Replaces the client for the elements of the chain further in; elements further out see the original again when
    /// the middleware that calls this has returned.
    public func replaceClient(with client: ClientInfo) {
        beginVersion().client = client
    }

    /// Begins another version of request and client, for the elements of the chain further in.
    @discardableResult
    private func beginVersion() -> ExchangeChanges {
        let changes = state.value.beginChanges()
        let current = RequestVersion(request: state.value.request, client: changes.client)
        if changes.versions.isEmpty { changes.versions.append(current) }
        changes.versions[changes.version] = current
        changes.version = changes.versions.count
        changes.versions.append(current)
        return changes
    }

    /// The number of the version of request and client that is in effect; 0 is the one that was received.
    package var requestVersion: Int { state.value.changes?.version ?? 0 }

    /// Restores an earlier version of request and client; later ones are kept for the elements that have seen them.
    package func restoreRequest(version: Int) {
        guard let changes = state.value.changes, version != changes.version else { return }
        changes.versions[changes.version] = RequestVersion(
            request: state.value.request, client: changes.client)
        state.value.request = changes.versions[version].request
        changes.client = changes.versions[version].client
        changes.version = version
    }

    /// Calls a closure while a version of request and client is in effect.
    package func withRequest(version: Int, _ body: () -> Void) {
        let current = requestVersion
        restoreRequest(version: version)
        body()
        restoreRequest(version: current)
    }

    /// The bytes of the head of a version of the request.
    func requestBytes(version: Int) -> [UInt8] {
        guard let changes = state.value.changes, version != changes.version else {
            return state.value.request.head.bytes
        }
        return changes.versions[version].request.head.bytes
    }
}

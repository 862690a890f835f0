import HTTPTypes
import SpoorText

/// Leaving HTTP: other protocols on the same connection (RFC 9110 §7.8), and tunnels (§9.3.6).
extension Exchange {
    /// Whether the client offers to go on with another protocol, such as `websocket`, on this connection.
    public func offersUpgrade(to name: String) -> Bool {
        // RFC 9110 §7.8: an Upgrade in HTTP/1.0, or without its connection option, is disregarded.
        request.version == .http11
            && request.headers.hasElement("upgrade", in: .connection)
            && request.headers.hasElement(name, in: .upgrade)
    }

    /// Accepts another protocol: sends `101 Switching Protocols`, after which the connection's bytes are the handler's.
    ///
    /// The connection ends when the handler returns. Middlewares around it see their `next` return then, so a span or a
    /// log line covers the whole life of the new protocol.
    ///
    /// - Parameters:
    ///   - name: One of the protocols that the client has named in `Upgrade`.
    ///   - fields: Further fields of the 101, such as `Sec-WebSocket-Accept`; `Upgrade` and `Connection` are set.
    ///   - behavior: What happens when the server begins to drain.
    /// - Throws: ``UpgradeError``, of which `notOffered` becomes `426 Upgrade Required` if it is let pass;
    ///   ``ResponseStateError/headAlreadySent``; or the connection's fault.
    public func upgrade(
        to name: String, headers: Headers = Headers(),
        atShutdown behavior: DuplexStream.ShutdownBehavior = .endsReading
    ) async throws -> DuplexStream {
        guard response.isHeadSent || offersUpgrade(to: name) else {
            throw UpgradeError.notOffered(name)
        }
        return try await handOver(
            status: .switchingProtocols, headers: headers, upgrade: name, atShutdown: behavior)
    }

    /// Accepts a `CONNECT`: sends 200 without a body, after which the connection's bytes are the handler's.
    ///
    /// - Parameters:
    ///   - fields: Headers of the 200.
    ///   - behavior: What happens when the server begins to drain.
    /// - Throws: ``UpgradeError/notOffered(_:)`` for any other method, or as ``upgrade(to:headers:atShutdown:)``.
    public func openTunnel(
        headers: Headers = Headers(),
        atShutdown behavior: DuplexStream.ShutdownBehavior = .endsReading
    ) async throws -> DuplexStream {
        guard request.knownMethod == .connect else { throw UpgradeError.notOffered("CONNECT") }
        return try await handOver(status: .ok, headers: headers, upgrade: nil, atShutdown: behavior)
    }

    private func handOver(
        status: HTTPResponse.Status, headers: Headers, upgrade: String?,
        atShutdown behavior: DuplexStream.ShutdownBehavior
    ) async throws -> DuplexStream {
        try await onEventLoop { wire in
            guard state.value.isOpen else { throw notOpenError() }
            discardRepresentation()
            state.value.responseStatus = status
            state.value.responseHeaders.combine(with: headers)
            if let upgrade { state.value.responseHeaders[.upgrade] = upgrade }
            did(.responding)
            let stream = try await wire.handOver(for: self)
            if behavior == .keepsReading { stream.keepReadingDuringShutdown() }
            state.value.duplexCounts = stream.counts
            did(.responseBegun)
            return DuplexStream(stream)
        }
    }
}

/// Why a connection cannot leave HTTP.
public enum UpgradeError: ResponseError, Equatable, CustomStringConvertible {
    /// The client has not offered this protocol: 426, which names it.
    case notOffered(String)
    /// The body of the request has not been read to its end, behind which the other protocol would begin: 400.
    case bodyPending
    /// There is no connection under the exchange, as in a test in process: 501.
    case unavailable

    /// The answer if the handler lets the error pass.
    public func response() -> Response {
        switch self {
        case .notOffered("CONNECT"):
            Response(status: .notImplemented, text: "501 Not Implemented\n")
        case .notOffered(let name):
            // RFC 9110 §15.5.22: a 426 names the protocol, and §7.8: with the connection option.
            Response(
                status: .upgradeRequired, headers: [.upgrade: name, .connection: "upgrade"],
                text: "426 Upgrade Required\n")
        case .bodyPending: Response(status: .badRequest, text: "400 Bad Request\n")
        case .unavailable: Response(status: .notImplemented, text: "501 Not Implemented\n")
        }
    }

    /// What is in the way.
    public var description: String {
        switch self {
        case .notOffered(let name): "the client does not offer \(name)"
        case .bodyPending: "the request's body has not been read to its end"
        case .unavailable: "there is no connection to hand over"
        }
    }
}

extension Headers {
    /// Whether a field whose value is a list has an element, without regard to case (RFC 9110 §5.6.1).
    func hasElement(_ wanted: String, in name: HTTPField.Name) -> Bool {
        values(of: name).contains { value in
            value.utf8.split(separator: .comma).contains { element in
                element.trimmingBlanks.equalsIgnoringCase(wanted.utf8)
            }
        }
    }
}

import HTTPTypes
import SpoorText

/// Upgrades to other protocols on the same connection (RFC 9110 §7.8), and tunnels (§9.3.6).
extension Exchange {
    /// Returns whether the client offers to switch this connection to another protocol, such as `websocket`.
    public func offersUpgrade(to name: String) -> Bool {
        // RFC 9110 §7.8: an Upgrade in HTTP/1.0, or without its connection option, is ignored.
        request.version == .http11
            && request.headers.hasElement("upgrade", in: .connection)
            && request.headers.hasElement(name, in: .upgrade)
    }

    /// Accepts an upgrade: sends `101 Switching Protocols`, after which the handler reads and writes the connection's
    /// bytes.
    ///
    /// The connection is closed when the handler returns. Middlewares around it see their `next` return at that time,
    /// so a span or a log line covers the whole lifetime of the new protocol.
    ///
    /// - Parameters:
    ///   - name: One of the protocols that the client listed in `Upgrade`.
    ///   - headers: Additional headers of the 101, such as `Sec-WebSocket-Accept`; `Upgrade` and `Connection` are set
    ///     automatically.
    ///   - behavior: How a graceful shutdown of the server affects the connection.
    /// - Throws: ``UpgradeError``, of which `notOffered` becomes `426 Upgrade Required` if the handler does not catch
    ///   it; ``ResponseStateError/headAlreadySent``; or the error of the connection.
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

    /// Accepts a `CONNECT`: sends 200 without a body, after which the handler reads and writes the connection's
    /// bytes.
    ///
    /// - Parameters:
    ///   - headers: Headers of the 200.
    ///   - behavior: How a graceful shutdown of the server affects the connection.
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
            let before = state.value.unsentHead
            discardRepresentation()
            state.value.responseStatus = status
            state.value.responseHeaders.merge(with: headers)
            if let upgrade { state.value.responseHeaders[.upgrade] = upgrade }
            if isResponseObserved {
                var body = OutgoingBody(.switchedProtocol)
                willSend(&body)
                // Bytes of the other protocol follow, so the client must not see another status or protocol.
                let changed = state.value.responseStatus
                state.value.responseStatus = status
                if changed != status { transport.logIgnored(.status(changed), for: self) }
                if let upgrade { state.value.responseHeaders[.upgrade] = upgrade }
            }
            let stream: any DuplexTransport
            do {
                stream = try await wire.handOver(for: self)
            } catch {
                // Another response is sent instead, without the status and the headers of the upgrade.
                if state.value.phase == .open { state.value.unsentHead = before }
                throw error
            }
            if behavior == .keepsReading { stream.keepReadingDuringShutdown() }
            state.value.duplexCounts = stream.counts
            didSendHead()
            return DuplexStream(stream)
        }
    }
}

/// The reason why a connection cannot be upgraded or tunnelled.
public enum UpgradeError: ProblemError, Equatable, CustomStringConvertible {
    /// The client has not offered this protocol: 426, which names it.
    case notOffered(String)
    /// The body of the request, after which the other protocol would begin, has not been read to its end: 400.
    case bodyPending
    /// The exchange has no connection, as in an in-process test: 501.
    case unavailable

    /// The problem that is sent if the handler does not catch the error.
    public var problem: Problem {
        switch self {
        case .notOffered("CONNECT"): Problem(.notImplemented)
        case .notOffered(let name):
            // RFC 9110 §15.5.22: a 426 names the protocol; §7.8: with the connection option.
            Problem(.upgradeRequired, headers: [.upgrade: name, .connection: "upgrade"])
        case .bodyPending: Problem(.badRequest)
        case .unavailable: Problem(.notImplemented)
        }
    }

    /// A message that states the reason.
    public var description: String {
        switch self {
        case .notOffered(let name): "the client does not offer \(name)"
        case .bodyPending: "the request's body has not been read to its end"
        case .unavailable: "there is no connection to hand over"
        }
    }
}

extension Headers {
    /// Returns whether a list header contains an element, compared case-insensitively (RFC 9110 §5.6.1).
    func hasElement(_ wanted: String, in name: HTTPField.Name) -> Bool {
        values(of: name).contains { value in
            value.utf8.split(separator: .comma).contains { element in
                element.trimmingBlanks.equalsIgnoringCase(wanted.utf8)
            }
        }
    }
}

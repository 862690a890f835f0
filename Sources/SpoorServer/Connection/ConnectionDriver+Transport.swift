import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// The operations that handlers use through their exchanges.
extension ConnectionDriver: ExchangeWire {
    var isOnEventLoop: Bool { loop.isCurrent }

    func runOnEventLoop(_ body: () async throws -> Void) async throws {
        // The closure stays in this task, which waits for it: only the thread changes.
        nonisolated(unsafe) let work = body
        try await loop.run { try await unsafe work() }
    }

    func send(_ body: Response.Body, contentType: String?, for exchange: Exchange) throws
        -> SendProgress
    {
        try checkHandlerTimeout()
        let count = body.count
        let headers = exchange.state.value.responseHeaders
        let framing = startResponse(exchange, headers: headers, bodyLength: count)
        try ResponseSerializer.append(
            exchange.state.value.responseStatus, headers: headers, contentType: contentType,
            body: body, framing: framing, date: server.date, to: &workspace.value.output.bytes)
        if framing.sendsBody {
            exchange.state.value.bodyBytesSent = count
        } else if count > 0, exchange.request.knownMethod != .head {
            logIgnored(.body(exchange.state.value.responseStatus), for: exchange)
        }
        return try endResponse(exchange)
    }

    /// Ends a response whose bytes are all in the buffer.
    @inline(__always)
    private func endResponse(_ exchange: Exchange) throws -> SendProgress {
        let progress = try completed()
        if case .done = progress {
            handle(responding: .responseSent, exchange)
        } else {
            handle(responding: .responseEndPending, exchange)
        }
        return progress
    }

    func sendHead(bodyLength: Int?, for exchange: Exchange) throws {
        // The head stays open for the response to the timeout.
        try checkHandlerTimeout()
        let start =
            workspace.value.session.exchange.writeRate.byteCount
            &+ UInt64(workspace.value.output.pendingCount)
        workspace.value.session.exchange.responseStart = start
        try appendHead(bodyLength: bodyLength, for: exchange)
        handle(responding: .headSent, exchange)
    }

    func discardUnsentResponse(of exchange: Exchange) {
        guard case .handling(_, .streaming) = machine.state, let count = unsentResponseCount
        else { return }
        // A peer that reads nothing does not read another response either.
        if case .timedOut(.write) = workspace.value.session.exchange.faultCause { return }
        workspace.value.output.removeLast(count)
        workspace.value.session.exchange.eventStream = .none
        exchange.state.value.bodyBytesSent = 0
        handle(responding: .responseDiscarded, exchange)
    }

    private func appendHead(bodyLength: Int?, for exchange: Exchange) throws {
        let headers = exchange.state.value.responseHeaders
        let framing = startResponse(exchange, headers: headers, bodyLength: bodyLength)
        try ResponseSerializer.appendHead(
            exchange.state.value.responseStatus, headers: headers, framing: framing,
            date: server.date, to: &workspace.value.output.bytes)
        workspace.value.encoder = BodyEncoder(framing)
    }

    func sendInterim(
        _ status: HTTPResponse.Status, headers: Headers, for exchange: Exchange
    ) throws -> SendProgress {
        try checkHandlerTimeout()
        // RFC 9110 §15.2: not to HTTP/1.0 clients.
        guard exchange.request.version == .http11 else { return .done }
        logUnsent(headers, with: MessageFraming(length: .none), for: exchange)
        try ResponseSerializer.appendInterim(
            status, headers: headers, to: &workspace.value.output.bytes)
        return try flush()
    }

    func write(_ bytes: Span<UInt8>, for exchange: Exchange) throws -> SendProgress {
        try checkHandlerTimeout()
        try workspace.value.encoder.append(bytes, to: &workspace.value.output.bytes)
        if workspace.value.encoder.sendsBody {
            exchange.state.value.bodyBytesSent = workspace.value.encoder.bytesWritten
        }
        guard workspace.value.output.pendingCount >= server.limits.maxSendBufferBytes else {
            return .done
        }
        return try flushInTurn()
    }

    func finish(trailers: Headers?, for exchange: Exchange) throws -> SendProgress {
        // A truncated body must not appear complete. Another protocol than HTTP has its own end.
        if workspace.value.upgradedStream == nil { try checkHandlerTimeout() }
        if let trailers, !trailers.isEmpty, !workspace.value.encoder.isChunked {
            logIgnored(.trailers, for: exchange)
        }
        try workspace.value.encoder.finish(trailers: trailers, to: &workspace.value.output.bytes)
        return try endResponse(exchange)
    }

    /// Logs framing headers of a response that the server sends otherwise.
    func logUnsent(_ headers: Headers, with framing: MessageFraming, for exchange: Exchange) {
        guard !headers.isEmpty else { return }
        for name in framing.unsentHeaders(among: headers) {
            logIgnored(.framingHeader(name), for: exchange)
        }
    }

    func logIgnored(_ change: IgnoredChange, for exchange: Exchange) {
        guard server.logger.logLevel <= .debug else { return }
        var metadata: Logger.Metadata = [
            "method": "\(exchange.request.method.rawValue)", "path": "\(exchange.request.path)",
            "route": "\(exchange.route ?? "-")", "peer": "\(exchange.connection.peer)",
        ]
        switch change {
        case .status(let status):
            metadata["status"] = "\(status.code)"
            metadata["sent"] = "\(exchange.response.status.code)"
            server.logger.debug(
                "status set after response head, ignored",
                metadata: metadata)
        case .header(let name):
            metadata["header"] = "\(name)"
            server.logger.debug(
                "header changed after response head, ignored",
                metadata: metadata)
        case .framingHeader(let name):
            metadata["header"] = "\(name)"
            server.logger.debug(
                "framing header of response ignored",
                metadata: metadata)
        case .body(let status):
            metadata["status"] = "\(status.code)"
            server.logger.debug(
                "body of response ignored, its status has none",
                metadata: metadata)
        case .trailers:
            server.logger.debug(
                "trailers of response ignored, its body is not chunked",
                metadata: metadata)
        }
    }

    func flush(for exchange: Exchange) throws -> SendProgress {
        try flushInTurn()
    }

    /// Passes buffered bytes of a body that continues to the kernel.
    ///
    /// A writer that must wait gives others their turn anyway; one whose peer reads as fast as it writes does so
    /// periodically.
    private func flushInTurn() throws -> SendProgress {
        let progress = try flush()
        return progress == .done && isTurnOver() ? .mustDrain : progress
    }

    func drain(for exchange: Exchange) async throws {
        if workspace.value.output.pendingCount > 0 {
            repeat { try await waitWritable() } while try flush() == .mustDrain
        } else {
            // A handler that writes only empty pieces does not notice otherwise.
            if isAborted { throw interruption }
            await yieldTurn()
        }
        handle(responding: .flushed, exchange)
    }

    func handOver(for exchange: Exchange) async throws -> any DuplexTransport {
        try checkHandlerTimeout()
        guard machine.isBodyComplete else { throw UpgradeError.bodyPending }
        try appendHead(bodyLength: nil, for: exchange)
        // From here on no other response can replace it, whatever happens to the connection.
        handle(responding: .protocolSwitched, exchange)
        if try flush() == .mustDrain { try await drain(for: exchange) }
        let stream = UpgradedStream(self, input: workspace.value.input)
        workspace.value.input = ReceiveBuffer()
        workspace.value.upgradedStream = stream
        return stream
    }
}

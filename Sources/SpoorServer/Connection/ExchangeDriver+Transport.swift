import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// The wire under the exchanges of a connection.
extension ExchangeDriver: ExchangeTransport {
    var isAtHome: Bool { server.loop.isCurrent }

    func atHome(_ body: () async throws -> Void) async throws {
        // The work stays in this task, which waits for it: only the thread changes.
        nonisolated(unsafe) let work = body
        try await server.loop.run { try await unsafe work() }
    }

    func receiveBody(for exchange: Exchange) async throws -> [UInt8]? {
        if let bound = exchange.state.value.bodyBytesMax { state.value.body.bodyBytesMax = bound }
        switch state.value.machine.readBody() {
        case .end: return nil
        case .decode: break
        case .sendContinue:
            // RFC 9110 §10.1.1: who is going to be refused is not asked to go on.
            guard state.value.input.isEmpty, !state.value.body.announcesTooMuch else { break }
            ResponseSerializer.appendContinue(to: &state.value.output.bytes)
            if try flush() == .mustDrain { try await drain(for: exchange) }
        }
        while true {
            var piece: [UInt8] = []
            if try decode(appendingTo: &piece, for: exchange) {
                state.value.machine.bodyEnded()
                return piece.isEmpty ? nil : piece
            }
            if !piece.isEmpty { return piece }
            try await flushBeforeWaiting(exchange)
            try await receiveMore()
        }
    }

    func send(_ body: Response.Body, contentType: String?, for exchange: Exchange) throws
        -> SendProgress
    {
        let count = body.count
        let fields = exchange.state.value.responseFields
        let framing = startResponse(exchange, fields: fields, bodyLength: count)
        try ResponseSerializer.append(
            exchange.state.value.responseStatus, fields: fields, contentType: contentType,
            body: body, framing: framing, date: server.date, to: &state.value.output.bytes)
        if framing.sendsBody { exchange.state.value.bodyBytesSent = count }
        return try completed()
    }

    func sendHead(bodyLength: Int?, for exchange: Exchange) throws {
        let fields = exchange.state.value.responseFields
        let framing = startResponse(exchange, fields: fields, bodyLength: bodyLength)
        try ResponseSerializer.appendHead(
            exchange.state.value.responseStatus, fields: fields, framing: framing,
            date: server.date, to: &state.value.output.bytes)
        state.value.encoder = BodyEncoder(framing)
    }

    func sendInterim(
        _ status: HTTPResponse.Status, fields: Fields, for exchange: Exchange
    ) throws -> SendProgress {
        // RFC 9110 §15.2: not to clients of HTTP/1.0.
        guard exchange.request.version == .http11 else { return .done }
        try ResponseSerializer.appendInterim(
            status, fields: fields, to: &state.value.output.bytes)
        return try flush()
    }

    func write(_ bytes: Span<UInt8>, for exchange: Exchange) throws -> SendProgress {
        if state.value.isHandlerLate { throw interruption }
        try state.value.encoder.append(bytes, to: &state.value.output.bytes)
        if state.value.encoder.sendsBody {
            exchange.state.value.bodyBytesSent = state.value.encoder.bytesWritten
        }
        guard state.value.output.pendingCount >= server.limits.sendBufferBytesMax else {
            return .done
        }
        let progress = try flush()
        // Who must wait gives others their turn anyhow; who need not does so now and then.
        return progress == .done && isTurnOver() ? .mustDrain : progress
    }

    func finish(trailers: Fields?, for exchange: Exchange) throws -> SendProgress {
        if let trailers, !trailers.isEmpty, !state.value.encoder.isChunked {
            noteIgnored(.trailers, for: exchange)
        }
        try state.value.encoder.finish(trailers: trailers, to: &state.value.output.bytes)
        return try completed()
    }

    func noteIgnored(_ change: IgnoredChange, for exchange: Exchange) {
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
                "a status was set after the response's head was sent, and is ignored",
                metadata: metadata)
        case .field(let name):
            metadata["field"] = "\(name)"
            server.logger.debug(
                "a field was changed after the response's head was sent, which is ignored",
                metadata: metadata)
        case .trailers:
            server.logger.debug(
                "trailer fields were given for a body that is not chunked, and are ignored",
                metadata: metadata)
        }
    }

    func flush(for exchange: Exchange) throws -> SendProgress {
        try flush()
    }

    func drain(for exchange: Exchange) async throws {
        guard state.value.output.pendingCount > 0 else { return await yieldTurn() }
        repeat { try await waitWritable() } while try flush() == .mustDrain
    }
}

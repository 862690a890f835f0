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
        switch state.value.machine.readBody() {
        case .end: return nil
        case .decode: break
        case .sendContinue:
            guard state.value.input.isEmpty else { break }
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
        let framing = startResponse(exchange, bodyLength: count)
        try ResponseSerializer.append(
            exchange.state.value.responseStatus, fields: exchange.state.value.responseFields,
            contentType: contentType,
            body: body, framing: framing, date: server.date, to: &state.value.output.bytes)
        if framing.sendsBody { exchange.state.value.bodyBytesSent = count }
        return try completed()
    }

    func sendHead(bodyLength: Int?, for exchange: Exchange) throws {
        let framing = startResponse(exchange, bodyLength: bodyLength)
        try ResponseSerializer.appendHead(
            exchange.state.value.responseStatus, fields: exchange.state.value.responseFields,
            framing: framing,
            date: server.date, to: &state.value.output.bytes)
        state.value.encoder = BodyEncoder(framing)
    }

    func write(_ bytes: Span<UInt8>, for exchange: Exchange) throws -> SendProgress {
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
        try state.value.encoder.finish(trailers: trailers, to: &state.value.output.bytes)
        return try completed()
    }

    func flush(for exchange: Exchange) throws -> SendProgress {
        try flush()
    }

    func drain(for exchange: Exchange) async throws {
        guard state.value.output.pendingCount > 0 else { return await yieldTurn() }
        repeat { try await waitWritable() } while try flush() == .mustDrain
    }
}

// MARK: - Parts

extension ExchangeDriver {
    /// Decides how the response is framed; one that begins while the server drains says that the connection closes.
    private func startResponse(_ exchange: Exchange, bodyLength: Int?) -> MessageFraming {
        state.value.machine.isDraining = server.isDraining
        return state.value.machine.startResponse(
            exchange.state.value.responseStatus, bodyLength: bodyLength,
            fields: exchange.state.value.responseFields)
    }

    /// A response stands complete in the buffer: hand it over now, unless another request is at hand already.
    private func completed() throws -> SendProgress {
        let mayGather =
            !state.value.input.isEmpty && state.value.body.isComplete
            && !state.value.machine.closesAfterwards
            && state.value.output.pendingCount < server.limits.sendBufferBytesMax
        guard mayGather else { return try flush() }
        state.value.connection.flushSoon()
        return .done
    }

    /// Hands what is gathered to the kernel.
    func flush() throws -> SendProgress {
        do {
            return try state.value.output.send(to: state.value.connection.stream)
                ? .done : .mustDrain
        } catch {
            throw ConnectionFault.broken(error)
        }
    }

    /// Hands over what is gathered before the peer is waited for: it may be waiting for that.
    func flushBeforeWaiting(_ exchange: Exchange) async throws {
        guard state.value.output.pendingCount > 0 else { return }
        if try flush() == .mustDrain { try await drain(for: exchange) }
    }

    func waitWritable() async throws {
        let deadline = state.value.connection.deadline(server.timeouts.write)
        switch await state.value.connection.stream.waitWritable(until: deadline) {
        case .ready: return
        case .timedOut: throw ConnectionFault.timedOut(.write)
        case .interrupted: throw ConnectionFault.cutOff
        }
    }

    /// Takes the framing off what is at hand; true at the end of the body.
    private func decode(appendingTo piece: inout [UInt8], for exchange: Exchange) throws -> Bool {
        let progress: BodyDecoder.Progress
        do {
            progress = try state.value.input.withUnread { unread throws(BodyFault) in
                try state.value.body.decode(
                    unread, appendingTo: &piece, trailers: &exchange.state.value.trailers)
            }
        } catch {
            state.value.machine.bodyFailed()
            throw RefusedBody(fault: error)
        }
        switch progress {
        case .needMore(let count):
            state.value.input.consume(count)
            return false
        case .end(let count):
            state.value.input.consume(count)
            return true
        case .data: return false
        }
    }

    /// Receives more of a body.
    private func receiveMore() async throws {
        while true {
            if !state.value.connection.stream.mayHaveMore {
                let deadline = state.value.connection.deadline(server.timeouts.body)
                switch await state.value.connection.stream.waitReadable(until: deadline) {
                case .ready: break
                case .timedOut: throw ConnectionFault.timedOut(.body)
                case .interrupted: throw ConnectionFault.cutOff
                }
            }
            switch try state.value.connection.fill(&state.value.input) {
            case .bytes: return isTurnOver() ? await yieldTurn() : ()
            case .wouldBlock: continue
            case .endOfStream: throw ConnectionFault.closedByPeer
            }
        }
    }
}

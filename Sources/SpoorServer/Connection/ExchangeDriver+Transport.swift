import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// The wire under the exchanges of a connection.
extension ExchangeDriver: ExchangeTransport {
    func receiveBody(for exchange: Exchange) async throws -> [UInt8]? {
        switch state.readBody() {
        case .end: return nil
        case .decode: break
        case .sendContinue:
            guard input.isEmpty else { break }
            ResponseSerializer.appendContinue(to: &output.bytes)
            if try flush() == .mustDrain { try await drain(for: exchange) }
        }
        while true {
            var piece: [UInt8] = []
            if try decode(appendingTo: &piece, for: exchange) {
                state.bodyEnded()
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
        let framing = state.startResponse(
            exchange.responseStatus, bodyLength: count, fields: exchange.responseFields)
        try ResponseSerializer.append(
            exchange.responseStatus, fields: exchange.responseFields, contentType: contentType,
            body: body, framing: framing, date: server.date, to: &output.bytes)
        if framing.sendsBody { exchange.bodyBytesSent = count }
        return try completed()
    }

    func sendHead(bodyLength: Int?, for exchange: Exchange) throws {
        let framing = state.startResponse(
            exchange.responseStatus, bodyLength: bodyLength, fields: exchange.responseFields)
        try ResponseSerializer.appendHead(
            exchange.responseStatus, fields: exchange.responseFields, framing: framing,
            date: server.date, to: &output.bytes)
        encoder = BodyEncoder(framing)
    }

    func write(_ bytes: Span<UInt8>, for exchange: Exchange) throws -> SendProgress {
        try encoder.append(bytes, to: &output.bytes)
        if encoder.sendsBody { exchange.bodyBytesSent = encoder.bytesWritten }
        return output.pendingCount < server.limits.sendBufferBytesMax ? .done : try flush()
    }

    func finish(trailers: Fields?, for exchange: Exchange) throws -> SendProgress {
        try encoder.finish(trailers: trailers, to: &output.bytes)
        return try completed()
    }

    func flush(for exchange: Exchange) throws -> SendProgress {
        try flush()
    }

    func drain(for exchange: Exchange) async throws {
        repeat { try await waitWritable() } while try flush() == .mustDrain
    }
}

// MARK: - Parts

extension ExchangeDriver {
    /// A response stands complete in the buffer: hand it over now, unless another request is at hand already.
    private func completed() throws -> SendProgress {
        let mayGather =
            !input.isEmpty && body.isComplete && !state.closesAfterwards
            && output.pendingCount < server.limits.sendBufferBytesMax
        guard mayGather else { return try flush() }
        connection.flushSoon()
        return .done
    }

    /// Hands what is gathered to the kernel.
    func flush() throws -> SendProgress {
        do {
            return try output.send(to: connection.stream) ? .done : .mustDrain
        } catch {
            throw ConnectionFault.broken(error)
        }
    }

    /// Hands over what is gathered before the peer is waited for: it may be waiting for that.
    func flushBeforeWaiting(_ exchange: Exchange) async throws {
        guard output.pendingCount > 0 else { return }
        if try flush() == .mustDrain { try await drain(for: exchange) }
    }

    func waitWritable() async throws {
        let deadline = connection.deadline(server.timeouts.write)
        switch await connection.stream.waitWritable(until: deadline) {
        case .ready: return
        case .timedOut: throw ConnectionFault.timedOut(.write)
        case .interrupted: throw ConnectionFault.cutOff
        }
    }

    /// Takes the framing off what is at hand; true at the end of the body.
    private func decode(appendingTo piece: inout [UInt8], for exchange: Exchange) throws -> Bool {
        let progress: BodyDecoder.Progress
        let (received, unread) = (input.storage, input.unread)
        do {
            progress = try body.decode(
                received.span.extracting(unread), appendingTo: &piece,
                trailers: &exchange.trailers)
        } catch {
            throw RefusedBody(fault: error)
        }
        switch progress {
        case .needMore(let count):
            input.consume(count)
            return false
        case .end(let count):
            input.consume(count)
            return true
        case .data: return false
        }
    }

    /// Receives more of a body.
    private func receiveMore() async throws {
        while true {
            if !connection.stream.mayHaveMore {
                let deadline = connection.deadline(server.timeouts.body)
                switch await connection.stream.waitReadable(until: deadline) {
                case .ready: break
                case .timedOut: throw ConnectionFault.timedOut(.body)
                case .interrupted: throw ConnectionFault.cutOff
                }
            }
            switch try connection.fill(&input) {
            case .bytes: return
            case .wouldBlock: continue
            case .endOfStream: throw ConnectionFault.closedByPeer
            }
        }
    }
}

import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// Receiving request bodies within their time-outs.
extension ConnectionDriver {
    func receiveBody(for exchange: Exchange) async throws -> [UInt8]? {
        if let bound = exchange.state.value.maxBodyBytes { state.value.body.maxBodyBytes = bound }
        switch handle(.bodyRequested) {
        case .endBody: return nil
        case .sendContinue:
            // RFC 9110 §10.1.1: no 100 Continue for a request that is going to be rejected.
            guard state.value.input.isEmpty, !state.value.body.announcesTooMuch else { break }
            ResponseSerializer.appendContinue(to: &state.value.output.bytes)
            if try flush() == .mustDrain { try await drain(for: exchange) }
        default: break
        }
        return try await receivePiece(for: exchange)
    }

    /// Returns the next bytes of the body; nil at its end, which is reported to the machine.
    func receivePiece(for exchange: Exchange) async throws -> [UInt8]? {
        while true {
            var piece: [UInt8] = []
            if try decode(appendingTo: &piece, for: exchange) {
                _ = handle(.bodyEnded)
                return piece.isEmpty ? nil : piece
            }
            if !piece.isEmpty { return piece }
            try await flushBeforeWaiting(exchange)
            try await receiveMore()
        }
    }

    /// Removes the framing of received bytes; returns true at the end of the body.
    private func decode(
        appendingTo piece: inout [UInt8], for exchange: Exchange
    ) throws -> Bool {
        let progress: BodyDecoder.Progress
        do {
            progress = try state.value.input.withUnread { unread throws(BodyFault) in
                try state.value.body.decode(
                    unread, appendingTo: &piece, trailers: &exchange.state.value.trailers)
            }
        } catch {
            let rejected = rejection(of: error, for: exchange)
            // Reported once, however often the handler tries again.
            if handle(.bodyFailed) != .proceed { state.value.rejectedBody = rejected }
            throw RejectedBody(fault: error, rejected: rejected)
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

    private func receiveMore() async throws {
        while true {
            if !state.value.connection.stream.mayHaveMore { try await waitForBody() }
            switch try fillInput() {
            case .bytes(let count):
                state.value.session.exchange.bodyPace.note(count)
                return isTurnOver() ? await yieldTurn() : ()
            case .wouldBlock: continue
            case .endOfStream: throw recorded(.closedByPeer)
            }
        }
    }

    /// Reads once; a fault is recorded for the end of the exchange.
    private func fillInput() throws -> ReceiveResult {
        do {
            return try state.value.connection.fill(&state.value.input)
        } catch {
            throw recorded(error)
        }
    }

    private func waitForBody() async throws {
        let allowance = state.value.session.exchange.bodyPace.allowance(
            silence: server.timeouts.body, minBytesPerSecond: server.limits.minBodyBytesPerSecond)
        let start = server.loop.now
        switch await state.value.connection.stream.waitReadable(
            until: start.advanced(byNanoseconds: allowance))
        {
        case .ready: break
        case .timedOut:
            server.noteTimeout(.body)
            throw recorded(.timedOut(.body))
        case .interrupted: throw interruption
        }
        state.value.session.exchange.bodyPace.noteWait(
            nanoseconds: server.loop.now.nanoseconds &- start.nanoseconds)
    }
}

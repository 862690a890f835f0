import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// Receiving request bodies within their timeouts.
extension ConnectionDriver {
    func receiveBody(for exchange: Exchange) async throws -> [UInt8]? {
        if let bound = exchange.state.value.maxBodyBytes {
            workspace.value.body.maxBodyBytes = bound
        }
        switch handle(.bodyRequested) {
        case .endBody: return nil
        case .sendContinue:
            // RFC 9110 §10.1.1: no 100 Continue for a request that is going to be rejected.
            guard workspace.value.input.isEmpty, !workspace.value.body.announcesTooMuch else {
                break
            }
            ResponseSerializer.appendContinue(to: &workspace.value.output.bytes)
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
            progress = try workspace.value.input.withUnread { unread throws(BodyFault) in
                try workspace.value.body.decode(
                    unread, appendingTo: &piece, trailers: &exchange.state.value.trailers)
            }
        } catch {
            throw rejectedBody(for: error, of: exchange)
        }
        switch progress {
        case .needMore(let count):
            workspace.value.input.consume(count)
            return false
        case .end(let count):
            workspace.value.input.consume(count)
            return true
        case .data: return false
        }
    }

    @inline(never)
    private func rejectedBody(for fault: BodyFault, of exchange: Exchange) -> RejectedBody {
        let rejected = rejection(of: fault, for: exchange)
        // Reported once, however often the handler tries again.
        if handle(.bodyFailed) != .proceed { workspace.value.rejectedBody = rejected }
        return RejectedBody(fault: fault, rejected: rejected)
    }

    private func receiveMore() async throws {
        while true {
            if !stream.mayHaveMore { try await waitForBody() }
            switch try fillInput() {
            case .bytes(let count):
                workspace.value.session.exchange.bodyRate.count(count)
                return isTurnOver() ? await yieldTurn() : ()
            case .wouldBlock: continue
            case .endOfStream: throw recorded(.closedByPeer)
            }
        }
    }

    /// Reads once; a fault is recorded for the end of the exchange.
    private func fillInput() throws -> ReceiveResult {
        do {
            return try fill(&workspace.value.input)
        } catch {
            throw recorded(error)
        }
    }

    private func waitForBody() async throws {
        let allowance = workspace.value.session.exchange.bodyRate.allowance(
            timeout: server.timeouts.body, minBytesPerSecond: server.limits.minBodyBytesPerSecond)
        let start = loop.now
        switch await stream.waitReadable(
            until: start.advanced(byNanoseconds: allowance))
        {
        case .ready: turnBegan()
        case .timedOut:
            server.countTimeout(.body)
            throw recorded(.timedOut(.body))
        case .interrupted: throw interruption
        case .busy: throw recorded(.broken(.concurrentRead))
        }
        workspace.value.session.exchange.bodyRate.countWait(
            nanoseconds: loop.now.nanoseconds &- start.nanoseconds)
    }
}

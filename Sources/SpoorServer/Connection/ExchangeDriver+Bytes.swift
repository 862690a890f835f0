import HTTPTypes
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// Between the exchange and the stream: framing on and off, bytes in and out, waiting for a peer within its time.
extension ExchangeDriver {
    /// Decides how the response is framed; one that begins while the server drains says that the connection closes.
    func startResponse(
        _ exchange: Exchange, fields: Fields, bodyLength: Int?
    ) -> MessageFraming {
        state.value.machine.isDraining =
            server.isDraining || state.value.connection.hasServedEnough
            || state.value.isPeerGone || state.value.isHandlerLate
        if let bound = exchange.state.value.bodyBytesMax { state.value.body.bodyBytesMax = bound }
        // What is too much for the route is not read away either.
        if !state.value.machine.isBodyComplete, state.value.body.announcesTooMuch {
            state.value.machine.bodyFailed()
        }
        let framing = state.value.machine.startResponse(
            exchange.state.value.responseStatus, bodyLength: bodyLength,
            fields: fields)
        if exchange.state.value.responseStatus.code < 200, framing.connection != .upgrade {
            // An interim status ends no exchange: what is sent is what logs and spans are told.
            exchange.state.value.responseStatus = .internalServerError
        }
        return framing
    }

    /// A response stands complete in the buffer: hand it over now, unless another request is at hand already.
    func completed() throws -> SendProgress {
        let mayGather =
            !state.value.input.isEmpty && state.value.machine.isBodyComplete
            && !state.value.machine.closesAfterwards
            && state.value.output.pendingCount < server.limits.sendBufferBytesMax
            && state.value.gatheredCount < server.limits.pipelinedResponsesMax
        guard mayGather else { return try flush() }
        // What is armed for the first hands over those behind it as well.
        if state.value.gatheredCount == 0 { state.value.connection.flushSoon() }
        state.value.gatheredCount += 1
        return .done
    }

    /// Hands what is gathered to the kernel.
    func flush() throws -> SendProgress {
        let pendingCount = state.value.output.pendingCount
        defer { noteSent(pendingCount - state.value.output.pendingCount) }
        state.value.gatheredCount = 0
        do {
            return try state.value.output.send(to: state.value.connection.stream)
                ? .done : .mustDrain
        } catch {
            throw noted(.broken(error))
        }
    }

    /// Counts bytes that the kernel has taken.
    func noteSent(_ count: Int) {
        state.value.writePace.note(count)
        server.noteSent(count)
    }

    /// Hands over what is gathered before the peer is waited for: it may be waiting for that.
    func flushBeforeWaiting(_ exchange: Exchange) async throws {
        guard state.value.output.pendingCount > 0 else { return }
        if try flush() == .mustDrain { try await drain(for: exchange) }
    }

    /// Waits until the kernel takes more of what is being sent.
    func waitWritable() async throws {
        switch await waitForPeerToTake() {
        case .ready: return
        case .interrupted: throw interruption
        case .timedOut: throw noted(.timedOut(.write))
        }
    }

    /// Waits until the kernel takes more, as long as the peer takes enough to be waited for.
    func waitForPeerToTake() async -> WaitOutcome {
        let stream = state.value.connection.stream
        var queuedCount = stream.queuedByteCount
        while true {
            let allowance = state.value.writePace.allowance(
                silence: server.timeouts.write,
                bytesPerSecondMin: server.limits.writeBytesPerSecondMin)
            let start = server.loop.now
            let outcome = await stream.waitWritable(until: start.advanced(byNanoseconds: allowance))
            if outcome == .interrupted { return outcome }
            state.value.writePace.noteWait(
                nanoseconds: server.loop.now.nanoseconds &- start.nanoseconds)
            if outcome == .ready { return outcome }
            // The kernel wants more room than a slow reader makes in that time; that it took something is enough.
            let leftCount = stream.queuedByteCount
            guard leftCount < queuedCount else {
                server.noteTimeout(.write)
                return .timedOut
            }
            queuedCount = leftCount
        }
    }

    /// Takes the framing off what is at hand; true at the end of the body.
    func decode(appendingTo piece: inout [UInt8], for exchange: Exchange) throws -> Bool {
        let progress: BodyDecoder.Progress
        do {
            progress = try state.value.input.withUnread { unread throws(BodyFault) in
                try state.value.body.decode(
                    unread, appendingTo: &piece, trailers: &exchange.state.value.trailers)
            }
        } catch {
            state.value.machine.bodyFailed()
            let rejected = rejection(of: error, for: exchange)
            server.noteRefusedBody(rejected, of: state.value.connection)
            throw RefusedBody(fault: error, rejected: rejected)
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
    func receiveMore() async throws {
        while true {
            if !state.value.connection.stream.mayHaveMore { try await waitForBody() }
            switch try fillInput() {
            case .bytes(let count):
                state.value.bodyPace.note(count)
                return isTurnOver() ? await yieldTurn() : ()
            case .wouldBlock: continue
            case .endOfStream: throw noted(.closedByPeer)
            }
        }
    }

    /// Reads once; a fault is recorded for the end of the exchange.
    private func fillInput() throws -> ReceiveResult {
        do {
            return try state.value.connection.fill(&state.value.input)
        } catch {
            throw noted(error)
        }
    }

    private func waitForBody() async throws {
        let allowance = state.value.bodyPace.allowance(
            silence: server.timeouts.body, bytesPerSecondMin: server.limits.bodyBytesPerSecondMin)
        let start = server.loop.now
        switch await state.value.connection.stream.waitReadable(
            until: start.advanced(byNanoseconds: allowance))
        {
        case .ready: break
        case .timedOut:
            server.noteTimeout(.body)
            throw noted(.timedOut(.body))
        case .interrupted: throw interruption
        }
        state.value.bodyPace.noteWait(
            nanoseconds: server.loop.now.nanoseconds &- start.nanoseconds)
    }
}

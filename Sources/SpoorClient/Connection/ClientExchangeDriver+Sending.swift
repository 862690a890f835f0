import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// Sending the request: at once as far as the peer takes it, the rest in a task of its own beside the one that receives.
extension ClientExchangeDriver {
    /// Gets a connection and sends what the kernel takes at once: head and body, or the head of a request whose body is
    /// streamed or waits for `100 Continue`.
    func beginSending() async throws(ClientError) {
        let connection = try await acquire(isFresh: resendCount > 0)
        connection.state.startRequest(request.method, outgoing.directives)
        lastProgress = pool.loop.now
        if outgoing.directives.expectsContinue { gate = ContinueGate(on: pool.loop) }
        let isAllAtHand =
            !outgoing.directives.hasBody || !outgoing.isStreamed && gate == nil
        do throws(ClientError) {
            let isTaken = try offer(outgoing.head, isAllAtHand ? outgoing.body : [], &sentCount)
            if isTaken, isAllAtHand { sending = .complete }
        } catch {
            // RFC 9112 §9.5: the peer may have answered before it closed.
            sending = .ended(error)
        }
    }

    /// Sends the rest of a request whose body is at hand; what it comes to is noted.
    func sendRest() async {
        do throws(ClientError) {
            try checkSending()
            if gate != nil {
                try await transmit(outgoing.head, [], &sentCount)
                try await passGate()
            }
            try await transmit(outgoing.head, outgoing.body, &sentCount)
            sending = .complete
        } catch {
            sendingFailed(error)
        }
    }

    /// Sends the rest of the head, and the body that is written piece by piece, until its end; what it comes to is noted.
    func sendWritten(_ body: RequestBodyQueue) async {
        do throws(ClientError) {
            try checkSending()
            try await transmit(outgoing.head, [], &sentCount)
            while let piece = try await body.next() {
                try await passGate()
                var sent = 0
                try await transmit(piece, [], &sent)
                if body.sent(piece.count) { sending = .complete }
            }
            try await passGate()
            sending = .complete
        } catch {
            sendingFailed(error)
        }
    }

    /// The closure that writes the body has thrown.
    ///
    /// - Returns: Whether its error is what the exchange comes to; not if the sending had ended before, for then the response,
    ///   or what else ended it, is what counts.
    func writerFailed(_ error: any Error) -> Bool {
        guard failure == nil else { return false }
        if case .ended = sending { return false }
        if case .underWay = sending { sending = .ended(.requestBodyFailed) }
        fail(.requestBodyFailed)
        return true
    }

    /// Stops the sending; the response goes on.
    func endSending(because reason: ClientError) {
        sending = .ended(reason)
        gate?.open()
        connection?.stream.endWaits()
    }

    /// Takes note of why the sending cannot go on.
    private func sendingFailed(_ error: ClientError) {
        guard case .underWay = sending else { return }
        sending = .ended(error)
        // RFC 9112 §9.5: the peer may have answered before it closed, which the receiving side will find out.
        if case .connectionBroken = error { return }
        fail(error)
    }

    private func checkSending() throws(ClientError) {
        if let failure { throw failure }
        if case .ended(let reason) = sending { throw reason }
    }

    private func passGate() async throws(ClientError) {
        guard let gate else { return }
        await gate.pass(
            until: min(end, pool.loop.now.advanced(by: limits.continueTimeout)))
        self.gate = nil
        try checkSending()
    }

    /// Sends all of both pieces from the byte `sent` on.
    private func transmit(
        _ first: [UInt8], _ second: [UInt8], _ sent: inout Int
    ) async throws(ClientError) {
        while try !offer(first, second, &sent) { try await waitToSend() }
    }

    /// Sends what the kernel takes of both pieces from the byte `sent` on; true if nothing is left.
    private func offer(
        _ first: [UInt8], _ second: [UInt8], _ sent: inout Int
    ) throws(ClientError) -> Bool {
        let total = first.count + second.count
        guard sent < total else { return true }
        guard let stream = connection?.stream else { throw failure ?? .uploadStopped }
        let result: SendResult
        do {
            let rest = second.span.extracting(droppingFirst: max(0, sent - first.count))
            result =
                sent >= first.count
                ? try stream.send(rest)
                : second.isEmpty
                    ? try stream.send(first.span.extracting(droppingFirst: sent))
                    : try stream.send(first.span.extracting(droppingFirst: sent), rest)
        } catch {
            throw .connectionBroken(.send, error)
        }
        if case .bytes(let count) = result {
            sent += count
            lastProgress = pool.loop.now
        }
        return sent == total
    }

    /// Waits until the peer takes more of the request.
    private func waitToSend() async throws(ClientError) {
        try checkSending()
        guard let stream = connection?.stream else { throw failure ?? .uploadStopped }
        var silenceEnd = pool.loop.now.advanced(byNanoseconds: silenceNanoseconds)
        while true {
            let outcome = await stream.waitWritable(until: min(end, silenceEnd))
            try checkSending()
            switch outcome {
            case .ready: return
            case .interrupted: throw .connectionClosed(.send)
            case .timedOut:
                // A peer that sends meanwhile is not silent.
                silenceEnd = lastProgress.advanced(byNanoseconds: silenceNanoseconds)
                if pool.loop.now >= min(end, silenceEnd) { throw timedOut(.send) }
            }
        }
    }
}

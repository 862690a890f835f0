import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// Sending the request: at once as far as the peer takes it, the rest in a task of its own beside the one that receives.
extension ClientExchangeDriver {
    /// Gets a connection and sends what the kernel takes at once: head and body, or the head of a request whose body is
    /// streamed or waits for `100 Continue`.
    func beginSending() async throws(ClientError) {
        try await acquire(isFresh: resendCount > 0)
        attempt.machine.startRequest(request.method, outgoing.directives)
        lastProgress = pool.loop.now
        let waits = attempt.machine.isAwaitingContinue
        if waits { attempt.gate = ContinueGate(on: pool.loop) }
        let isAllAtHand = !outgoing.directives.hasBody || !outgoing.isStreamed && !waits
        do throws(ClientError) {
            let isTaken = try offer(outgoing.head, isAllAtHand ? outgoing.body : [])
            if isTaken, isAllAtHand { handle(.requestSent) }
        } catch {
            // RFC 9112 §9.5: the peer may have answered before it closed.
            stopSending(because: error)
            handle(.sendingFailed)
        }
    }

    /// Sends the rest of a request whose body is at hand; what it comes to is noted.
    func sendRest() async {
        do throws(ClientError) {
            try checkSending()
            if attempt.gate != nil {
                try await transmit(outgoing.head, [])
                try await passGate()
            }
            try await transmit(outgoing.head, outgoing.body)
            handle(.requestSent)
        } catch {
            sendingFailed(error)
        }
    }

    /// Sends the rest of the head, and the body that is written piece by piece, until its end; what it comes to is noted.
    func sendWritten(_ body: RequestBodyQueue) async {
        do throws(ClientError) {
            try checkSending()
            try await transmit(outgoing.head, [])
            while let piece = try await body.next() {
                try await passGate()
                attempt.sentCount = 0
                try await transmit(piece, [])
                if body.sent(piece.count) { handle(.requestSent) }
            }
            try await passGate()
            if attempt.machine.isSending { handle(.requestSent) }
        } catch {
            sendingFailed(error)
        }
    }

    /// The closure that writes the body has thrown.
    ///
    /// - Returns: Whether its error is what the exchange comes to; not if the sending had ended before, for then the response,
    ///   or what else ended it, is what counts.
    func writerFailed(_ error: any Error) -> Bool {
        guard failure == nil, attempt.stopReason == nil else { return false }
        fail(.requestBodyFailed)
        return true
    }

    /// Takes note of why the sending cannot go on.
    private func sendingFailed(_ error: ClientError) {
        guard attempt.machine.isSending else { return }
        // RFC 9112 §9.5: the peer may have answered before it closed, which the receiving side will find out.
        guard case .connectionBroken = error else { return fail(error) }
        stopSending(because: error)
        handle(.sendingFailed)
    }

    private func checkSending() throws(ClientError) {
        if let failure { throw failure }
        if let reason = attempt.stopReason { throw reason }
    }

    private func passGate() async throws(ClientError) {
        guard let gate = attempt.gate else { return }
        await gate.pass(
            until: min(end, pool.loop.now.advanced(by: limits.continueTimeout)))
        attempt.gate = nil
        if attempt.machine.isAwaitingContinue { handle(.continueTimedOut) }
        try checkSending()
    }

    /// Sends all of both pieces from the byte on that was not sent yet.
    private func transmit(_ first: [UInt8], _ second: [UInt8]) async throws(ClientError) {
        while try !offer(first, second) { try await waitToSend() }
    }

    /// Sends what the kernel takes of both pieces from the byte on that was not sent yet; true if nothing is left.
    private func offer(_ first: [UInt8], _ second: [UInt8]) throws(ClientError) -> Bool {
        let sent = attempt.sentCount
        let total = first.count + second.count
        guard sent < total else { return true }
        guard let stream = attempt.connection?.stream else { throw failure ?? .uploadStopped }
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
            attempt.sentCount = sent + count
            lastProgress = pool.loop.now
        }
        return attempt.sentCount == total
    }

    /// Waits until the peer takes more of the request.
    private func waitToSend() async throws(ClientError) {
        try checkSending()
        guard let stream = attempt.connection?.stream else { throw failure ?? .uploadStopped }
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

/// Holds the body of a request back until `100 Continue` comes, or has been waited for long enough (RFC 9110 §10.1.1).
///
/// It belongs to the thread of its loop, and one task at most waits at it.
final class ContinueGate {
    private enum State {
        case closed
        case waitedFor(CheckedContinuation<Void, Never>)
        case open
    }

    private let loop: EventLoop
    private var state = State.closed
    private var deadline: Deadline?

    init(on loop: EventLoop) {
        self.loop = loop
    }

    /// Suspends until the gate is open, and opens it at `instant`.
    func pass(until instant: MonotonicInstant) async {
        guard case .closed = state else { return }
        await withCheckedContinuation { continuation in
            state = .waitedFor(continuation)
            let deadline = Deadline { [unowned self] in open() }
            self.deadline = deadline
            loop.arm(deadline, at: instant)
        }
    }

    /// Lets the body go; a second time does nothing.
    func open() {
        let before = state
        state = .open
        if let deadline { loop.remove(deadline) }
        deadline = nil
        if case .waitedFor(let continuation) = before { continuation.resume() }
    }
}

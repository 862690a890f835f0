import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// Sending the request: as much as the peer accepts immediately, the rest in a separate task next to the one that
/// receives.
extension ClientExchangeDriver {
    /// Acquires a connection and sends what the kernel accepts immediately: head and body, or the head of a request
    /// whose body is streamed or waits for `100 Continue`.
    func beginSending() async throws(ClientError) {
        try await acquire(needsNewConnection: resendCount > 0)
        attempt.machine.startRequest(request.method, outgoing.directives)
        lastProgress = pool.loop.now
        let waits = attempt.machine.isAwaitingContinue
        if waits { attempt.gate = ContinueGate(on: pool.loop) }
        let isBodyAvailable = !outgoing.directives.hasBody || !outgoing.isStreamed && !waits
        do throws(ClientError) {
            let isSentCompletely = try offer(outgoing.head, isBodyAvailable ? outgoing.body : [])
            if isSentCompletely, isBodyAvailable { handle(.requestSent) }
        } catch {
            // RFC 9112 §9.5: the peer may have answered before it closed.
            stopSending(because: error)
            handle(.sendingFailed)
        }
    }

    /// Sends the rest of a request whose body is complete in memory; records the result.
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

    /// Sends the rest of the head, and the body while it is written, until its end; records the result.
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

    /// Handles an error of the closure that writes the body.
    ///
    /// - Returns: Whether the exchange fails with that error; false if the sending had ended before, because then the
    ///   response, or what else has ended it, is the result.
    func writerFailed(_ error: any Error) -> Bool {
        guard failure == nil, attempt.stopReason == nil else { return false }
        fail(.requestBodyFailed)
        return true
    }

    /// Records why the sending cannot continue.
    private func sendingFailed(_ error: ClientError) {
        guard attempt.machine.isSending else { return }
        // RFC 9112 §9.5: the peer may have answered before it closed, which the receiving side checks.
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

    /// Sends both parts completely, from the first unsent byte on.
    private func transmit(_ first: [UInt8], _ second: [UInt8]) async throws(ClientError) {
        while try !offer(first, second) { try await waitToSend() }
    }

    /// Sends what the kernel accepts of both parts, from the first unsent byte on; returns true if nothing is left.
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

    /// Waits until the peer accepts more of the request.
    private func waitToSend() async throws(ClientError) {
        try checkSending()
        guard let stream = attempt.connection?.stream else { throw failure ?? .uploadStopped }
        var inactivity = SendInactivity(
            limit: readTimeoutNanoseconds, queuedByteCount: stream.queuedByteCount,
            at: pool.loop.now)
        while true {
            let outcome = await stream.waitWritable(
                until: min(end, inactivity.nextCheck(after: pool.loop.now)))
            try checkSending()
            switch outcome {
            case .ready: return
            case .interrupted: throw .connectionClosed(.send)
            case .busy: throw .connectionBroken(.send, .concurrentWrite)
            case .timedOut:
                let now = pool.loop.now
                inactivity.record(queuedByteCount: stream.queuedByteCount, at: now)
                // A peer that sends meanwhile has not timed out.
                inactivity.record(activityAt: lastProgress)
                guard now >= end || inactivity.hasTimedOut(at: now) else { continue }
                stream.discardUnsentBytesOnClose()
                throw timedOut(.send)
            }
        }
    }
}

/// Delays a request body until `100 Continue` arrives or its timeout has expired (RFC 9110 §10.1.1).
///
/// It is confined to its event loop's thread, and at most one task waits for it.
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

    /// Suspends until the gate is open; opens it at `instant`.
    func pass(until instant: MonotonicInstant) async {
        guard case .closed = state else { return }
        await withCheckedContinuation { continuation in
            state = .waitedFor(continuation)
            let deadline = Deadline { [unowned self] in open() }
            self.deadline = deadline
            loop.arm(deadline, at: instant)
        }
    }

    /// Releases the body; has no effect the second time.
    func open() {
        let before = state
        state = .open
        if let deadline { loop.remove(deadline) }
        deadline = nil
        if case .waitedFor(let continuation) = before { continuation.resume() }
    }
}

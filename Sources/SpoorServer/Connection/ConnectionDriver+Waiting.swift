import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// Waiting for requests, with and without a task, and the end of a connection.
extension ConnectionDriver {
    /// Starts a wait for a request, of `nanoseconds`.
    func beginWaiting(_ nanoseconds: UInt64) {
        waitingSince = loop.now
        idleUntil = server.idleDeadline(nanoseconds)
    }

    /// Waits for a request without a task.
    func becomeIdle() {
        execution = .idle
        if let handlerDeadline {
            loop.remove(handlerDeadline)
            self.handlerDeadline = nil
        }
        loop.arm(timerForWaiting(), at: idleUntil)
        // Handles what has arrived while the stream was not observed.
        if stream.mayHaveMore { wake() }
    }

    /// Returns the timer, which is created when first needed.
    func timerForWaiting() -> Deadline {
        if let timer { return timer }
        let timer = Deadline { [unowned self] in timerFired() }
        self.timer = timer
        return timer
    }

    private func timerFired() {
        if case .idle = execution { expire() } else { flushFromTimer() }
    }

    private func wake() {
        guard case .idle = execution else { return }
        execution = .starting
        if let timer { loop.disarm(timer) }
        server.start(self)
    }

    /// Observes input that no task waits for.
    func observePeer() {
        stream.observeReadiness { [unowned self] in
            if case .idle = execution { wake() } else { peerBecameReady() }
        }
    }

    /// Handles the end of a wait.
    func expire() {
        if case .ended = execution { return }
        if server.isDraining {
            // The short wait during a shutdown is not the peer's fault.
            _ = handle(.shutdown)
        } else {
            server.countTimeout(machine.requestCount > 0 ? .idle : .head)
            _ = handle(.timedOut)
        }
        end()
    }

    /// Closes the connection; has no effect the second time.
    func end() {
        if case .ended = execution { return }
        execution = .ended
        if let timer { loop.remove(timer) }
        if let handlerDeadline { loop.remove(handlerDeadline) }
        stream.observeReadiness(nil)
        if machine.state == .closed(.broken) { stream.close() } else { stream.closeOrderly() }
        server.ended(self)
    }

    /// Ends the connection if it has waited for a request since before `instant`, and none has arrived.
    func endIfIdle(since instant: MonotonicInstant) {
        guard let waitingSince, waitingSince <= instant, !stream.mayHaveMore else { return }
        // A wait that has just timed out can no longer be interrupted: its task must not become idle instead.
        idleUntil = loop.now
        if machine.state == .idle { _ = handle(.shutdown) }
        if case .idle = execution { end() } else { stream.interrupt() }
    }

    /// Ends the connection immediately.
    func abort() {
        _ = handle(.aborted)
        if isServing { recordInterruption() }
        if case .idle = execution { return end() }
        stream.interrupt()
        cancelTask()
    }

    // MARK: Time

    /// Returns the instant `nanoseconds` from now.
    func deadline(_ nanoseconds: UInt64) -> MonotonicInstant {
        loop.now.advanced(byNanoseconds: nanoseconds)
    }
}

extension ConnectionInfo {
    /// Creates the information about both ends of a stream, before any handshake.
    convenience init(of stream: any ByteStream) {
        self.init(peer: .init(stream.peer), local: (try? stream.local).map { .init($0) } ?? .none)
    }
}

extension ConnectionInfo.Endpoint {
    /// Creates an endpoint from an address, in the form that handlers see.
    init(_ address: SocketAddress) {
        self = address.isInProcess ? .none : .init(host: address.host, port: address.port)
    }
}

import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// What ends an exchange from outside: clients that disconnect, handlers that take too long, and the server's shutdown.
extension ConnectionDriver {
    /// Tells the machine of an interruption, and cancels the handler's task if there is one; false if not.
    @discardableResult
    func interrupt(_ event: ServerConnectionMachine.Event) -> Bool {
        guard handle(event) == .cancelHandler else { return false }
        if event != .eventStreamEnded { noteInterruption() }
        state.value.connection.cancelTask()
        return true
    }

    // MARK: The peer

    /// Bytes, or an end, that nobody waits for have come while the handler works.
    ///
    /// A reset cancels it. So does the end of the client's direction, when nothing stands unread before it and the handler had
    /// begun before: this is all that the kernel tells of a client that is gone.
    func peerBecameReady() {
        guard machine.isHandling, !machine.interruptions.contains(.peerLeft) else { return }
        let connection = state.value.connection
        let upgradedStream = state.value.upgradedStream
        if connection.stream.hasHungUp {
            // When both directions have ended in order, nothing is lost for another protocol.
            if upgradedStream?.hasEndedWriting != true { interrupt(.peerLeft) }
        } else if connection.stream.hasPeerClosedWriting,
            server.limits.cancelsWhenClientEndsSending, upgradedStream == nil,
            machine.isBodyComplete, state.value.input.isEmpty
        {
            // What is read here, should it be the next request, is found in the buffer by the next read. A fault is an end
            // too: a secure connection was closed without `close_notify`.
            let result = (try? connection.fill(&state.value.input)) ?? .endOfStream
            if result == .endOfStream { interrupt(.peerLeft) }
        }
    }

    // MARK: The time of a handler

    /// How far the time of a handler is.
    enum HandlerTime {
        /// It has no end, or has not passed.
        case open
        /// It has passed: nothing that the handler sends is accepted.
        case passed
        /// It has passed, and the response to that may be sent.
        case responding
    }

    func limitHandler(to duration: Duration, for exchange: Exchange) {
        let deadline = state.value.handlerDeadline ?? Deadline { [unowned self] in handlerIsLate() }
        state.value.handlerDeadline = deadline
        server.loop.arm(deadline, at: server.loop.now.advanced(by: duration))
    }

    func endHandlerLimit(for exchange: Exchange) -> Bool {
        if let deadline = state.value.handlerDeadline { server.loop.disarm(deadline) }
        guard state.value.session.exchange.handlerTime == .passed else { return false }
        // For a last response.
        if machine.response == .open { state.value.session.exchange.handlerTime = .responding }
        state.value.connection.resumeWaiting()
        return true
    }

    /// Refuses what is sent after the time of the handler has passed, so that the response is the one to that.
    func checkHandlerTime() throws {
        if state.value.session.exchange.handlerTime == .passed { throw interruption }
    }

    private func handlerIsLate() {
        guard interrupt(.handlerTimedOut) else { return }
        state.value.session.exchange.handlerTime = .passed
        server.noteTimeout(.handler)
        if state.value.upgradedStream == nil {
            state.value.connection.stream.interrupt()
        } else {
            state.value.connection.wakeWaiting()
        }
    }

    // MARK: The server's shutdown

    /// How far an event stream has got with respect to the server's graceful shutdown.
    enum EventStreamState {
        /// The response is none.
        case none
        /// Events are sent.
        case open
        /// The shutdown has cancelled the handler's task; one last event may be sent.
        case ending
        /// The last event was sent.
        case ended
    }

    var isShuttingDown: Bool { server.progress.stage > .none }

    /// The server begins to drain; a handler may be at work.
    func drainBegan() {
        guard machine.isHandling else { return }
        state.value.upgradedStream?.drainBegan()
        endEventStreamIfDraining()
    }

    func beginEventStream(for exchange: Exchange) {
        if state.value.session.exchange.eventStream == .none {
            state.value.session.exchange.eventStream = .open
        }
        endEventStreamIfDraining()
    }

    func takesEvent(for exchange: Exchange) -> Bool {
        switch state.value.session.exchange.eventStream {
        case .none, .open: return true
        case .ending:
            state.value.session.exchange.eventStream = .ended
            return true
        case .ended: return false
        }
    }

    func hasEndedEventStream(of exchange: Exchange) -> Bool {
        switch state.value.session.exchange.eventStream {
        case .none, .open: false
        case .ending, .ended: true
        }
    }

    private func endEventStreamIfDraining() {
        guard state.value.session.exchange.eventStream == .open, server.isDraining else { return }
        state.value.session.exchange.eventStream = .ending
        interrupt(.eventStreamEnded)
    }

    // MARK: What has interrupted the exchange

    func interruption(of exchange: Exchange) -> Interruption? {
        let interruptions = machine.interruptions
        if interruptions.contains(.handlerTimedOut) {
            return .timedOut(ConnectionFault.Phase.handler.rawValue)
        }
        if interruptions.contains(.peerLeft) { return .peerLeft }
        if interruptions.contains(.aborted) { return .aborted }
        return state.value.session.exchange.faultCause?.interruption
    }

    func nanosecondsSinceInterruption(of exchange: Exchange) -> UInt64 {
        guard let instant = state.value.session.exchange.interruptedAt else { return 0 }
        return MonotonicInstant.now().nanoseconds &- instant.nanoseconds
    }

    /// Remembers when something interrupted the exchange; the first time counts.
    func noteInterruption() {
        if state.value.session.exchange.interruptedAt == nil {
            state.value.session.exchange.interruptedAt = server.loop.now
        }
    }

    /// Remembers a fault that is about to be thrown.
    func noted(_ fault: ConnectionFault) -> ConnectionFault {
        noteInterruption()
        if state.value.session.exchange.faultCause == nil {
            state.value.session.exchange.faultCause = fault.cause
        }
        return fault
    }

    /// What a wait that was interrupted means.
    var interruption: ConnectionFault {
        machine.interruptions.contains(.handlerTimedOut) && !state.value.connection.isCutOff
            ? .timedOut(.handler) : .aborted
    }
}

import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// Clients that leave, and handlers that take too long: what cancels a handler's task.
extension ExchangeDriver {
    /// Bytes, or an end, that nobody waits for have come while the handler works.
    ///
    /// A reset cancels it. So does the end of the client's direction, when nothing stands unread before it and the handler had
    /// begun before: this is all that the kernel tells of a client that is gone.
    func peerBecameReady() {
        guard state.value.isHandling, !state.value.isPeerGone else { return }
        let connection = state.value.connection
        if connection.stream.hasHungUp {
            // Both directions ended in order is no loss to who has another protocol on the line.
            if state.value.handedOver?.hasEndedWriting != true { peerLeft() }
        } else if connection.stream.hasPeerClosedWriting,
            server.limits.cancelsWhenClientEndsSending,
            state.value.handedOver == nil, state.value.machine.isBodyComplete,
            state.value.input.isEmpty
        {
            // What is read here, should it be the next request, is found in the buffer by who reads next. A fault is an
            // end too: of a secure connection whose peer has not said goodbye.
            let result = (try? connection.fill(&state.value.input)) ?? .endOfStream
            if result == .endOfStream { peerLeft() }
        }
    }

    func peerLeft() {
        state.value.isPeerGone = true
        noteInterruption()
        state.value.connection.cancelTask()
    }

    // MARK: The time of a handler

    func limitHandler(to duration: Duration, for exchange: Exchange) {
        let deadline = state.value.handlerDeadline ?? Deadline { [unowned self] in handlerIsLate() }
        state.value.handlerDeadline = deadline
        server.loop.arm(deadline, at: server.loop.now.advanced(by: duration))
    }

    func endHandlerLimit(for exchange: Exchange) -> Bool {
        if let deadline = state.value.handlerDeadline { server.loop.disarm(deadline) }
        guard state.value.isHandlerLate else { return false }
        // For a last answer.
        state.value.connection.resumeWaiting()
        return true
    }

    private func handlerIsLate() {
        guard state.value.isHandling else { return }
        state.value.isHandlerLate = true
        noteInterruption()
        server.noteTimeout(.handler)
        state.value.connection.cancelTask()
        if state.value.handedOver == nil {
            state.value.connection.stream.interrupt()
        } else {
            state.value.connection.wakeWaiting()
        }
    }

    func interruption(of exchange: Exchange) -> Interruption? {
        if state.value.isHandlerLate { return .timedOut(ConnectionFault.Phase.handler.rawValue) }
        if state.value.isPeerGone { return .peerLeft }
        return state.value.connection.isCutOff ? .cutOff : state.value.faultInterruption
    }

    func nanosecondsSinceInterruption(of exchange: Exchange) -> UInt64 {
        guard let instant = state.value.interruptedAt else { return 0 }
        return MonotonicInstant.now().nanoseconds &- instant.nanoseconds
    }

    /// Takes note of when something ended the exchange from outside; the first time counts.
    func noteInterruption() {
        if state.value.interruptedAt == nil { state.value.interruptedAt = server.loop.now }
    }

    /// A fault that is about to be thrown.
    func noted(_ fault: ConnectionFault) -> ConnectionFault {
        noteInterruption()
        if state.value.faultInterruption == nil {
            state.value.faultInterruption = fault.interruption
        }
        return fault
    }

    /// What a wait that was interrupted means.
    var interruption: ConnectionFault {
        state.value.isHandlerLate && !state.value.connection.isCutOff
            ? .timedOut(.handler) : .cutOff
    }
}

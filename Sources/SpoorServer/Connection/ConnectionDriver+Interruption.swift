import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// Interruptions of an exchange from outside: clients that disconnect, handler timeouts, and graceful shutdown.
extension ConnectionDriver {
    /// Passes an interruption to the machine, and cancels the handler's task; returns false if there is none.
    @discardableResult
    func interrupt(_ event: ServerConnectionMachine.Event) -> Bool {
        guard handle(event) == .cancelHandler else { return false }
        if event != .eventStreamEnded { recordInterruption() }
        cancelTask()
        return true
    }

    // MARK: The peer

    /// Handles bytes or an end that arrive while the handler runs and no task waits for them.
    ///
    /// A reset cancels the handler. So does a half-close, if no unread bytes precede it and the handler had already
    /// started, because the kernel reports nothing else about a client that has disconnected.
    func peerBecameReady() {
        guard machine.isHandling, !machine.interruptions.contains(.peerDisconnected) else { return }
        let upgradedStream = workspace.value.upgradedStream
        if stream.hasHungUp {
            // After both directions have been closed normally, nothing is lost for another protocol.
            if upgradedStream?.hasClosedOutput != true { interrupt(.peerDisconnected) }
        } else if stream.hasPeerClosedWriting,
            server.limits.cancelsWhenClientEndsSending, upgradedStream == nil,
            machine.isBodyComplete, workspace.value.input.isEmpty
        {
            // If these bytes are the next request, the next read finds them in the buffer. An error is an end too: a
            // TLS connection was closed without close-notify.
            let result = (try? fill(&workspace.value.input)) ?? .endOfStream
            if result == .endOfStream { interrupt(.peerDisconnected) }
        }
    }

    /// Whether the server has aborted the connection.
    var isAborted: Bool {
        machine.interruptions.contains(.aborted) || machine.state == .closed(.aborted)
    }

    /// The address of the task; 0 while there is none.
    var taskAddress: UInt {
        if case .running(let task) = execution { task.address } else { 0 }
    }

    /// Cancels the task, if there is one.
    func cancelTask() {
        if case .running(let task) = execution { task.cancel() }
    }

    /// Ends the current waits for the peer, and allows later ones.
    func wakeWaiting() {
        guard !isAborted else { return }
        stream.endWaits()
    }

    /// Allows waits for the peer after an interruption, unless the connection was aborted.
    func resumeWaiting() {
        if !isAborted { stream.clearInterruption() }
    }

    // MARK: The handler's timeout

    func limitHandler(to duration: Duration, for exchange: Exchange) {
        let deadline =
            handlerDeadline ?? Deadline { [unowned self] in expireHandlerTime() }
        handlerDeadline = deadline
        loop.arm(deadline, at: loop.now.advanced(by: duration))
    }

    func endHandlerLimit(for exchange: Exchange) -> Bool {
        if let deadline = handlerDeadline { loop.disarm(deadline) }
        guard workspace.value.session.exchange.handlerTime == .expired else { return false }
        // For a last response.
        if machine.response == .open { workspace.value.session.exchange.handlerTime = .responding }
        resumeWaiting()
        return true
    }

    /// Rejects what is sent after the handler's timeout, so that the response is the one to the timeout.
    @inline(__always)
    func checkHandlerTimeout() throws {
        if workspace.value.session.exchange.handlerTime == .expired { throw interruption }
    }

    private func expireHandlerTime() {
        guard interrupt(.handlerTimedOut) else { return }
        workspace.value.session.exchange.handlerTime = .expired
        server.countTimeout(.handler)
        if workspace.value.upgradedStream == nil {
            stream.interrupt()
        } else {
            wakeWaiting()
        }
    }

    // MARK: Graceful shutdown

    var isShuttingDown: Bool { server.progress.stage > .none }

    /// Handles the start of the server's drain; a handler may be running.
    func drainBegan() {
        guard machine.isHandling else { return }
        workspace.value.upgradedStream?.drainBegan()
        endEventStreamIfDraining()
    }

    func beginEventStream(for exchange: Exchange) {
        if workspace.value.session.exchange.eventStream == .none {
            workspace.value.session.exchange.eventStream = .open
        }
        endEventStreamIfDraining()
    }

    func canSendEvent(for exchange: Exchange) -> Bool {
        switch workspace.value.session.exchange.eventStream {
        case .none, .open: return true
        case .ending:
            workspace.value.session.exchange.eventStream = .ended
            return true
        case .ended: return false
        }
    }

    func hasEndedEventStream(of exchange: Exchange) -> Bool {
        switch workspace.value.session.exchange.eventStream {
        case .none, .open: false
        case .ending, .ended: true
        }
    }

    private func endEventStreamIfDraining() {
        guard workspace.value.session.exchange.eventStream == .open, server.isDraining else {
            return
        }
        workspace.value.session.exchange.eventStream = .ending
        interrupt(.eventStreamEnded)
    }

    // MARK: The cause of an interruption

    func interruption(of exchange: Exchange) -> Interruption? {
        let interruptions = machine.interruptions
        if interruptions.contains(.handlerTimedOut) {
            return .timedOut(ConnectionFault.Phase.handler.rawValue)
        }
        if interruptions.contains(.peerDisconnected) { return .peerDisconnected }
        if interruptions.contains(.aborted) { return .aborted }
        return workspace.value.session.exchange.faultCause?.interruption
    }

    func nanosecondsSinceInterruption(of exchange: Exchange) -> UInt64 {
        guard let instant = workspace.value.session.exchange.interruptedAt else { return 0 }
        return MonotonicInstant.now().nanoseconds &- instant.nanoseconds
    }

    /// Records the time of an interruption; the first one is kept.
    func recordInterruption() {
        if workspace.value.session.exchange.interruptedAt == nil {
            workspace.value.session.exchange.interruptedAt = loop.now
        }
    }

    /// Records a fault that is about to be thrown.
    func recorded(_ fault: ConnectionFault) -> ConnectionFault {
        // Another task may use an upgraded connection after the handler has returned.
        guard isServing else { return fault }
        recordInterruption()
        if workspace.value.session.exchange.faultCause == nil {
            workspace.value.session.exchange.faultCause = fault.cause
        }
        return fault
    }

    /// The fault of a wait that was interrupted.
    var interruption: ConnectionFault {
        machine.interruptions.contains(.handlerTimedOut) && !isAborted
            ? .timedOut(.handler) : .aborted
    }
}

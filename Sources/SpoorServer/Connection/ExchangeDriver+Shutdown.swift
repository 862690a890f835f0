import SpoorHTTP

/// What a drain does to exchanges in flight that have no end of their own: event streams and upgraded connections.
extension ExchangeDriver {
    /// How far an event stream has got with respect to the drain.
    enum EventStreamState {
        /// The response is none.
        case none
        /// Events are sent.
        case open
        /// The drain has cancelled the handler's task; one last event may be sent.
        case ending
        /// The last event was sent.
        case ended

        /// Whether the drain has cancelled the handler's task.
        var hasBeenEnded: Bool { self == .ending || self == .ended }
    }

    var isShuttingDown: Bool { server.progress.stage > .none }

    /// The server drains while a handler is at work.
    func drainBegan() {
        guard state.value.isHandling else { return }
        state.value.handedOver?.drainBegan()
        endEventStreamIfDraining()
    }

    func beginEventStream(for exchange: Exchange) {
        if state.value.eventStream == .none { state.value.eventStream = .open }
        endEventStreamIfDraining()
    }

    func takesEvent(for exchange: Exchange) -> Bool {
        switch state.value.eventStream {
        case .none, .open: return true
        case .ending:
            state.value.eventStream = .ended
            return true
        case .ended: return false
        }
    }

    func hasEndedEventStream(of exchange: Exchange) -> Bool { state.value.eventStream.hasBeenEnded }

    private func endEventStreamIfDraining() {
        guard state.value.eventStream == .open, server.isDraining else { return }
        state.value.eventStream = .ending
        state.value.connection.cancelTask()
    }
}

/// Closes the listening sockets of an event loop without resetting connections.
///
/// Closing a listening socket resets the connections in its accept queue. Therefore new connections are first dropped by
/// a packet filter, or redirected to the other processes that share the port, while the pending ones are accepted. Then
/// the sockets are closed, and `accept` returns nil.
package final class PortHandover {
    /// Where the connections of a socket come from, and whether other processes share its port.
    package enum Reach: Sendable {
        /// From the same machine (loopback, Unix domain sockets), or from a queue shared with other processes.
        case local
        /// From the network: a handshake takes a round trip.
        case network
        /// From the network, and other processes may listen on the same port.
        case sharedPort
    }

    /// The time that completed handshakes of local clients take to reach the accept queue.
    private static let acceptQueueDelay = Duration.milliseconds(20)

    /// The time that pending handshakes take to complete: more than any round trip.
    private static let handshakeDelay = Duration.milliseconds(500)

    private let sources: [(source: any ConnectionSource, reach: Reach)]
    private let loop: EventLoop
    private var timers: [Deadline] = []

    /// Creates a hand-over that has not started.
    package init(of sources: [(source: any ConnectionSource, reach: Reach)], on loop: EventLoop) {
        self.sources = sources
        self.loop = loop
    }

    /// Starts the hand-over; the caller continues to accept until every source returns nil.
    package func begin() {
        stopAccepting(reached(by: .local), after: Self.acceptQueueDelay)
        stopAccepting(reached(by: .network), after: Self.handshakeDelay)
        let shared = reached(by: .sharedPort)
        guard !shared.isEmpty else { return }
        // While another process takes over the port, no connection may be lost.
        for source in shared { source.redirectNewConnections() }
        after(Self.handshakeDelay) { handover in
            handover.stopAccepting(shared, after: Self.acceptQueueDelay)
        }
    }

    /// Cancels the remaining steps, once the sources are closed.
    package func end() {
        for timer in timers { loop.remove(timer) }
        timers = []
    }

    private func reached(by reach: Reach) -> [any ConnectionSource] {
        sources.filter { $0.reach == reach }.map(\.source)
    }

    /// Drops new connections, and closes the sources when the pending connections are accepted.
    private func stopAccepting(_ sources: [any ConnectionSource], after wait: Duration) {
        guard !sources.isEmpty else { return }
        for source in sources { source.dropNewConnections() }
        after(wait) { _ in
            for source in sources {
                source.endRedirection()
                source.finish()
            }
        }
    }

    private func after(_ duration: Duration, _ step: @escaping (PortHandover) -> Void) {
        let timer = Deadline { [weak self] in if let self { step(self) } }
        timers.append(timer)
        loop.arm(timer, at: loop.now.advanced(by: duration))
    }
}

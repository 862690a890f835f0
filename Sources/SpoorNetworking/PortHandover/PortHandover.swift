/// Takes the listening sockets of a loop out of service without resetting connections.
///
/// Closing a socket resets the connections in its queue. So new connections are first kept away, by a packet filter
/// or by redirecting them to the processes that share the port, and the pending ones are accepted; then the sockets
/// are closed, and `accept` returns nil.
package final class PortHandover {
    /// The origin of a socket's connections, and whether other processes accept them too.
    package enum Reach: Sendable {
        /// There is no network in between (loopback, Unix domain sockets), or the queue is shared with other
        /// processes.
        case local
        /// A handshake takes a network round trip.
        case network
        /// Other processes may listen on the same port.
        case sharedPort
    }

    /// The time for the last handshakes to reach the kernel's queue, without a network in between.
    private static let queueFills = Duration.milliseconds(20)

    /// The time for pending handshakes: more than a round trip around the world.
    private static let handshakesEnd = Duration.milliseconds(500)

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
        stopAccepting(reached(by: .local), after: Self.queueFills)
        stopAccepting(reached(by: .network), after: Self.handshakesEnd)
        let shared = reached(by: .sharedPort)
        guard !shared.isEmpty else { return }
        // Another process may listen there too: no connection may be lost between the two.
        for source in shared { source.redirectNewConnections() }
        after(Self.handshakesEnd) { handover in
            handover.stopAccepting(shared, after: Self.queueFills)
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

    /// Prevents new connections, and accepts the pending ones.
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

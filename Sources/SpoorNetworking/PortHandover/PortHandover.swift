/// Takes the listening sockets of one loop out of service without resetting a connection.
///
/// Connections that wait in the queue of a socket that is closed are reset. So new ones are kept away first, by a packet
/// filter or by redirecting them to the processes that share the port, and those that have begun are accepted; then the
/// sockets are closed, and `accept` answers nil.
package final class PortHandover {
    /// From where connections come to a socket, and who else takes them.
    package enum Reach: Sendable {
        /// No network is between (loopback, Unix sockets), or the queue does not end with this process.
        case local
        /// A handshake takes a network's round trip.
        case network
        /// Other processes may listen at the same port.
        case sharedPort
    }

    /// How long the last handshakes are given to reach the kernel's queue, where no network is between.
    private static let queueFills = Duration.milliseconds(20)

    /// How long handshakes that have begun are waited for: a round trip around the world and more.
    private static let handshakesEnd = Duration.milliseconds(500)

    private let sources: [(source: any ConnectionSource, reach: Reach)]
    private let loop: EventLoop
    private var timers: [Deadline] = []

    /// A hand-over that has not begun.
    package init(of sources: [(source: any ConnectionSource, reach: Reach)], on loop: EventLoop) {
        self.sources = sources
        self.loop = loop
    }

    /// Begins; the caller goes on accepting until every source answers nil.
    package func begin() {
        stopAccepting(reached(by: .local), after: Self.queueFills)
        stopAccepting(reached(by: .network), after: Self.handshakesEnd)
        let shared = reached(by: .sharedPort)
        guard !shared.isEmpty else { return }
        // Another process may listen there too: no connection is to fall between the two.
        for source in shared { source.redirectNewConnections() }
        after(Self.handshakesEnd) { handover in
            handover.stopAccepting(shared, after: Self.queueFills)
        }
    }

    /// Forgets what is left to do, once the sources are closed.
    package func end() {
        for timer in timers { loop.remove(timer) }
        timers = []
    }

    private func reached(by reach: Reach) -> [any ConnectionSource] {
        sources.filter { $0.reach == reach }.map(\.source)
    }

    /// Lets no more connections begin, and accepts those that have begun.
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

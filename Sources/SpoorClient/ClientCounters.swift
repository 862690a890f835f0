import Synchronization

/// The counters of a client since its creation.
public struct ClientCounters: Hashable, Sendable {
    /// The number of started requests.
    public internal(set) var requests = 0
    /// The number of opened connections.
    public internal(set) var connectionsOpened = 0
    /// The number of failed attempts to connect.
    public internal(set) var connectionsFailed = 0
    /// The number of TLS handshakes that failed after the connection was established.
    public internal(set) var handshakesFailed = 0
    /// The number of requests sent over an idle connection.
    public internal(set) var connectionsReused = 0
    /// The number of idle connections that the peer closed before they were used again.
    public internal(set) var connectionsClosedWhileIdle = 0
    /// The number of idle connections that were closed because they exceeded the idle timeout.
    public internal(set) var connectionsExpired = 0
    /// The number of connections that were closed after an exchange because they exceeded the maximum age.
    public internal(set) var connectionsRetired = 0
    /// The number of requests that were sent again because an idle connection failed.
    public internal(set) var resends = 0
    /// The number of requests that had to wait for a connection.
    public internal(set) var waits = 0
    /// The number of requests that were rejected because too many requests were waiting for a connection.
    public internal(set) var rejections = 0
}

/// The counters of one client, incremented on all event loops.
final class ClientCounts: Sendable {
    private typealias Condition = @Sendable (ClientCounters) -> Bool

    private struct State {
        var counters = ClientCounters()
        var waiting: [(condition: Condition, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var snapshot: ClientCounters { state.withLock(\.counters) }

    /// Increments a counter.
    ///
    /// Inlined, so that the key path is an offset and not an object.
    @inline(__always)
    func add(_ counter: WritableKeyPath<ClientCounters, Int>) {
        let isAwaited = state.withLock { state in
            state.counters[keyPath: counter] += 1
            return !state.waiting.isEmpty
        }
        if isAwaited { resumeWaiting() }
    }

    /// Resumes the waits whose conditions are met.
    private func resumeWaiting() {
        let reached = state.withLock { state in
            let counters = state.counters
            let reached = state.waiting.filter { $0.condition(counters) }
            state.waiting.removeAll { $0.condition(counters) }
            return reached
        }
        for waiter in reached { waiter.continuation.resume() }
    }

    /// Returns when the counters satisfy a condition, for tests.
    func wait(until condition: @escaping @Sendable (ClientCounters) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isMet = state.withLock { state in
                guard !condition(state.counters) else { return true }
                state.waiting.append((condition, continuation))
                return false
            }
            if isMet { continuation.resume() }
        }
    }
}

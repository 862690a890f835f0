import Synchronization

/// What a client has done so far.
public struct ClientCounters: Hashable, Sendable {
    /// Requests that were begun.
    public internal(set) var requests = 0
    /// Connections that were made.
    public internal(set) var connectionsOpened = 0
    /// Connections that could not be made.
    public internal(set) var connectionsFailed = 0
    /// TLS handshakes that failed, after the connection was made.
    public internal(set) var handshakesFailed = 0
    /// Requests that went over a kept connection.
    public internal(set) var connectionsReused = 0
    /// Kept connections that the peer closed before they had work again.
    public internal(set) var connectionsClosedWhileIdle = 0
    /// Kept connections that were closed because they had no work for too long.
    public internal(set) var connectionsExpired = 0
    /// Connections that were closed after an exchange, because they were too old.
    public internal(set) var connectionsRetired = 0
    /// Requests that were sent again, because a kept connection died under them.
    public internal(set) var resends = 0
    /// Requests that had to wait for a connection.
    public internal(set) var waits = 0
    /// Requests that were refused, because too many wait for a connection.
    public internal(set) var refusals = 0
}

/// The counters of one client, counted on all loops.
final class ClientCounts: Sendable {
    private typealias Condition = @Sendable (ClientCounters) -> Bool

    private struct State {
        var counters = ClientCounters()
        var waiting: [(condition: Condition, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var snapshot: ClientCounters { state.withLock(\.counters) }

    /// Adds one to a counter.
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

    /// Resumes those whose conditions the counters meet.
    private func resumeWaiting() {
        let reached = state.withLock { state in
            let counters = state.counters
            let reached = state.waiting.filter { $0.condition(counters) }
            state.waiting.removeAll { $0.condition(counters) }
            return reached
        }
        for waiter in reached { waiter.continuation.resume() }
    }

    /// Returns when the counters meet a condition, for tests.
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

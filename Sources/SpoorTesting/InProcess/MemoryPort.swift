import Glibc
import SpoorNetworking
import Synchronization

/// A port in memory where a server listens and clients connect.
final class MemoryPort: InProcessPort {
    private struct State {
        var listeners: [MemoryListener] = []
        var turn = 0
    }

    private let state = Mutex(State())

    init() {}

    /// Adds a listener on an event loop; connections are distributed among all listeners (round-robin).
    func listen(on loop: EventLoop) -> any ConnectionSource {
        let listener = MemoryListener(at: self, on: loop)
        state.withLock { $0.listeners.append(listener) }
        return listener
    }

    /// Connects, on the current event loop.
    ///
    /// - Throws: `ECONNREFUSED` if there is no listener or its queue is full.
    func connect(on loop: EventLoop) throws(SystemError) -> any ByteStream {
        let link = MemoryListener.Link()
        let stream = try MemoryStream(on: loop, incoming: link.toClient, outgoing: link.toServer)
        let listener: MemoryListener? = state.withLock { state in
            guard !state.listeners.isEmpty else { return nil }
            state.turn = (state.turn + 1) % state.listeners.count
            return state.listeners[state.turn]
        }
        guard let listener, listener.offer(link) else {
            stream.close()
            throw SystemError(code: ECONNREFUSED, call: "connect")
        }
        return stream
    }

    /// Removes a closed listener.
    func remove(_ listener: MemoryListener) {
        state.withLock { $0.listeners.removeAll { $0 === listener } }
    }
}

import SpoorNetworking
import Synchronization

/// The listener of a port in memory: accepts connections as streams on its event loop.
final class MemoryListener: ConnectionSource, @unchecked Sendable {
    // Unchecked, because the readiness is confined to the event loop's thread; the queue has a lock.

    /// The two directions of a connection, before its ends are attached to their loops.
    struct Link {
        let toServer = MemoryPipe()
        let toClient = MemoryPipe()
    }

    /// The maximum number of connections that wait to be accepted, as with the kernel's queue.
    static let backlog = 1024

    let loop: EventLoop
    private let port: MemoryPort
    private var readiness: StreamReadiness?
    private let queue = Mutex(Queue())

    private struct Queue {
        var waiting: [Link] = []
        var isClosed = false
    }

    init(at port: MemoryPort, on loop: EventLoop) {
        self.port = port
        self.loop = loop
    }

    var address: SocketAddress { .inProcess }

    /// Adds a connection to the queue; returns false if the queue is full or the listener is closed.
    func offer(_ link: Link) -> Bool {
        let isTaken = queue.withLock { queue in
            guard !queue.isClosed, queue.waiting.count < Self.backlog else { return false }
            queue.waiting.append(link)
            return true
        }
        if isTaken {
            loop.execute { [self] in
                if loop.isCurrent { readiness?.became(.readable) }
            }
        }
        return isTaken
    }

    func accept() async throws(SystemError) -> MemoryStream? {
        loop.checkConfinement()
        while true {
            let (link, isClosed) = queue.withLock { queue in
                (queue.waiting.isEmpty ? nil : queue.waiting.removeFirst(), queue.isClosed)
            }
            if let link {
                return try MemoryStream(
                    on: loop, incoming: link.toServer, outgoing: link.toClient)
            }
            guard !isClosed else { return nil }
            let readiness = try registered()
            readiness.markDrained()
            // Connections that arrived before the readiness existed caused no event.
            guard queue.withLock({ $0.waiting.isEmpty }) else { continue }
            switch await readiness.waitReadable(until: .never) {
            case .ready, .timedOut: continue
            case .interrupted: return nil
            case .busy: throw .concurrentRead
            }
        }
    }

    private func registered() throws(SystemError) -> StreamReadiness {
        if let readiness { return readiness }
        let made = try StreamReadiness(on: loop)
        readiness = made
        return made
    }

    func finish() {
        loop.checkConfinement()
        queue.withLock { $0.isClosed = true }
        port.remove(self)
        readiness?.became(.readable)
    }

    func close() {
        loop.checkConfinement()
        let rejected = queue.withLock { queue in
            defer { queue = Queue(isClosed: true) }
            return queue.waiting
        }
        port.remove(self)
        for link in rejected {
            link.toClient.end()
            link.toServer.closeReading()
        }
        readiness?.end()
    }
}

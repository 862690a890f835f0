internal import Synchronization

/// What hands out the connections that are made to a port in memory, as streams on its loop.
package final class MemoryListener: ConnectionSource, @unchecked Sendable {
    // Unchecked, because the registration belongs to the loop's thread; the queue has a lock.

    /// The two directions of a connection, before its ends are on their loops.
    struct Link {
        let toServer = MemoryPipe()
        let toClient = MemoryPipe()
    }

    /// More connections than this do not wait to be accepted, as with the kernel's queue.
    static let backlog = 1024

    package let loop: EventLoop
    private let port: MemoryPort
    private var registration: Registration?
    private let queue = Mutex(Queue())

    private struct Queue {
        var waiting: [Link] = []
        var isClosed = false
    }

    init(at port: MemoryPort, on loop: EventLoop) {
        self.port = port
        self.loop = loop
    }

    package var address: SocketAddress { .inProcess }

    /// Puts a connection into the queue; false if there is no room or nobody listens.
    func offer(_ link: Link) -> Bool {
        let isTaken = queue.withLock { queue in
            guard !queue.isClosed, queue.waiting.count < Self.backlog else { return false }
            queue.waiting.append(link)
            return true
        }
        if isTaken {
            loop.execute { [self] in
                if loop.isCurrent { registration?.became(.readable) }
            }
        }
        return isTaken
    }

    package func accept() async throws(SystemError) -> MemoryStream? {
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
            let registration = try registered()
            registration.noteDrained()
            // What came before the registration was there made no edge.
            guard queue.withLock({ $0.waiting.isEmpty }) else { continue }
            if await registration.waitReadable(until: .never) == .interrupted { return nil }
        }
    }

    private func registered() throws(SystemError) -> Registration {
        if let registration { return registration }
        let made = try loop.register()
        registration = made
        return made
    }

    package func finish() {
        loop.checkConfinement()
        queue.withLock { $0.isClosed = true }
        port.remove(self)
        registration?.became(.readable)
    }

    package func close() {
        loop.checkConfinement()
        let refused = queue.withLock { queue in
            defer { queue = Queue(isClosed: true) }
            return queue.waiting
        }
        port.remove(self)
        for link in refused {
            link.toClient.end()
            link.toServer.breakOff()
        }
        if let registration { loop.deregister(registration) }
    }
}

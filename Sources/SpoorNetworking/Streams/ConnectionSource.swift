/// Where a server's connections come from: a listening socket, or what an ``InProcessPort`` has in its place.
///
/// It belongs to one loop and everything but the properties is called on that loop's thread.
package protocol ConnectionSource: AnyObject, Sendable {
    associatedtype Stream: ByteStream

    var loop: EventLoop { get }

    /// Where it listens, with the port that the kernel chose.
    var address: SocketAddress { get }

    /// The next connection, or nil after `close()` or the end of the loop; at most one task accepts.
    func accept() async throws(SystemError) -> Stream?

    /// Stops listening once the waiting connections have been accepted; then `accept` answers nil.
    func finish()

    /// Stops listening: `accept` answers nil, waiting connections are refused.
    func close()

    /// How often a connection could not be accepted for lack of descriptors or memory.
    var shortageCount: Int { get }

    /// Drops the first packets of new connections, so that those that wait can all be accepted.
    func dropNewConnections()

    /// Redirects new connections to the other processes that share the port, if there are any.
    func redirectNewConnections()

    /// Ends what ``redirectNewConnections()`` began, for the processes that stay.
    func endRedirection()
}

/// A source without a kernel has nothing to do here.
extension ConnectionSource {
    package var shortageCount: Int { 0 }
    package func dropNewConnections() {}
    package func redirectNewConnections() {}
    package func endRedirection() {}
}

extension Listener: ConnectionSource {}

/// Where servers listen and clients connect without the kernel: the injection point for connections in memory.
package protocol InProcessPort: AnyObject, Sendable {
    /// Listens with one loop.
    func listen(on loop: EventLoop) -> any ConnectionSource

    /// Connects, on the current loop.
    ///
    /// - Throws: `ECONNREFUSED` if nobody listens.
    func connect(on loop: EventLoop) throws(SystemError) -> any ByteStream
}

/// A port of that kind as a part of an address; two are equal if their ports are the same object.
package struct InProcessPlace: Hashable, Sendable {
    /// The port.
    package let port: any InProcessPort

    /// The place of a port.
    package init(_ port: any InProcessPort) {
        self.port = port
    }

    package static func == (left: InProcessPlace, right: InProcessPlace) -> Bool {
        left.port === right.port
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(port))
    }
}

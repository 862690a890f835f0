/// A source of a server's connections: a listening socket, or the equivalent of an ``InProcessPort``.
///
/// It is confined to one event loop: everything except the properties is called on that loop's thread.
package protocol ConnectionSource: AnyObject, Sendable {
    associatedtype Stream: ByteStream

    var loop: EventLoop { get }

    /// The local address, with the port that the kernel chose.
    var address: SocketAddress { get }

    /// Returns the next connection, or nil after `close()` or the stop of the loop; at most one task accepts.
    func accept() async throws(SystemError) -> Stream?

    /// Stops listening once the waiting connections have been accepted; then `accept` returns nil.
    func finish()

    /// Stops listening: `accept` returns nil, waiting connections are reset.
    func close()

    /// The number of failed accepts for lack of descriptors or memory.
    var shortageCount: Int { get }

    /// Drops the first packets of new connections, so that all waiting ones can be accepted.
    func dropNewConnections()

    /// Redirects new connections to the other processes that share the port, if there are any.
    func redirectNewConnections()

    /// Reverts ``redirectNewConnections()``, for the remaining processes.
    func endRedirection()
}

/// Defaults for a source without a kernel socket.
extension ConnectionSource {
    package var shortageCount: Int { 0 }
    package func dropNewConnections() {}
    package func redirectNewConnections() {}
    package func endRedirection() {}
}

extension Listener: ConnectionSource {}

/// A port on which servers listen and to which clients connect in memory, for tests without sockets.
package protocol InProcessPort: AnyObject, Sendable {
    /// Listens on one loop.
    func listen(on loop: EventLoop) -> any ConnectionSource

    /// Connects, on the current loop.
    ///
    /// - Throws: `ECONNREFUSED` if no server listens.
    func connect(on loop: EventLoop) throws(SystemError) -> any ByteStream
}

/// The address of an in-process port; two are equal if their ports are the same object.
package struct InProcessAddress: Hashable, Sendable {
    /// The port.
    package let port: any InProcessPort

    /// Creates the address of a port.
    package init(_ port: any InProcessPort) {
        self.port = port
    }

    package static func == (left: InProcessAddress, right: InProcessAddress) -> Bool {
        left.port === right.port
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(port))
    }
}

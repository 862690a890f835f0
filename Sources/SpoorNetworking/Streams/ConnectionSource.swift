/// Where a server's connections come from: a listening socket, or a place in memory.
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

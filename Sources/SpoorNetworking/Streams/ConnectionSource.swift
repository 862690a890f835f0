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

    /// Stops listening: `accept` answers nil, waiting connections are refused.
    func close()
}

extension Listener: ConnectionSource {}

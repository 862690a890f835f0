package import SpoorNetworking

/// Where every connection of a client goes, whatever host the URL names: how tests come to a server of theirs.
package enum FixedRoute: Sendable {
    /// A TCP or Unix socket.
    case socket(SocketAddress)
    /// A place in this process.
    case memory(MemoryPort)
}

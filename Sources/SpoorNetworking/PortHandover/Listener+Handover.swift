/// What a listening socket does with new connections while another process takes its port over.
extension Listener {
    /// Redirects new connections to the other processes that share the port, if there are any.
    ///
    /// The kernel distributes connections among a port's sockets by a hash, or by a program that picks one by its number.
    /// Sockets are numbered in the order in which they began to listen: while a process that came before ours is there the
    /// first is its, else the first after our own belongs to the process that takes over; where there is none the kernel
    /// goes back to the hash. Handshakes that have begun end where they began.
    package func redirectNewConnections() {
        loop.checkConfinement()
        guard siblingCount > 0, !isClosed else { return }
        // A kernel that refuses it distributes as before, and some connections in the midst of their handshake may be reset.
        try? descriptor.setPortProgram(choosing: hasEarlierSocket ? 0 : UInt32(siblingCount))
    }

    /// Whether a socket that shares the port, and did so before this one, still listens.
    private var hasEarlierSocket: Bool {
        guard !earlierSockets.isEmpty, let inode = try? descriptor.inode() else { return false }
        let sockets = ListeningSocket.all()
        guard let own = sockets.first(where: { $0.inode == inode }) else { return false }
        return sockets.contains { $0.local == own.local && earlierSockets.contains($0.inode) }
    }

    /// Ends what ``redirectNewConnections()`` began, for the processes that stay.
    package func endRedirection() {
        loop.checkConfinement()
        guard siblingCount > 0, !isClosed else { return }
        try? descriptor.removePortProgram()
    }

    /// Drops the first packets of new connections, so that those that wait can all be accepted.
    ///
    /// Clients try again by themselves and meet whoever listens then. The file of a Unix socket is removed. A queue that other
    /// processes have too is left as it is.
    package func dropNewConnections() {
        loop.checkConfinement()
        guard !isClosed, !isInherited else { return }
        if address.unixPath != nil {
            file = nil
        } else {
            // A kernel without filters may reset a connection that begins in the last moment.
            try? descriptor.dropHandshakes()
        }
    }
}

internal import CSpoorLinux
internal import Glibc

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

/// Programs of the kernel's packet filter (classic BPF) on listening sockets.
extension FileDescriptor {
    /// Of the sockets that share this one's port, the one with this number gets all new connections.
    func setPortProgram(choosing number: UInt32) throws(SystemError) {
        try attach(SO_ATTACH_REUSEPORT_CBPF, [(BPF_RET | BPF_K, 0, 0, number)])
    }

    /// Detaches that program; the kernel selects by hash again.
    func removePortProgram() throws(SystemError) {
        try setOption(SO_DETACH_REUSEPORT_BPF, of: SOL_SOCKET, to: 0)
    }

    /// Packets that would begin a handshake (SYN without ACK) are dropped, as if the network had lost them.
    func dropHandshakes() throws(SystemError) {
        // A filter of a TCP socket sees the packet from the TCP header on; byte 13 holds the flags (RFC 9293 §3.1).
        try attach(
            SO_ATTACH_FILTER,
            [
                (BPF_LD | BPF_B | BPF_ABS, 0, 0, 13), (BPF_ALU | BPF_AND | BPF_K, 0, 0, 0x12),
                (BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x02), (BPF_RET | BPF_K, 0, 0, 0),
                (BPF_RET | BPF_K, 0, 0, .max),
            ])
    }

    private func attach(
        _ option: Int32, _ program: [(code: Int32, ifTrue: UInt8, ifFalse: UInt8, value: UInt32)]
    ) throws(SystemError) {
        var instructions = program.map {
            sock_filter(code: UInt16($0.code), jt: $0.ifTrue, jf: $0.ifFalse, k: $0.value)
        }
        let result = unsafe instructions.withUnsafeMutableBufferPointer { instructions in
            var program = unsafe sock_fprog(
                len: UInt16(instructions.count), filter: instructions.baseAddress)
            let length = unsafe socklen_t(MemoryLayout<sock_fprog>.size)
            return unsafe setsockopt(number, SOL_SOCKET, option, &program, length)
        }
        guard result == 0 else { throw .last("setsockopt") }
    }
}

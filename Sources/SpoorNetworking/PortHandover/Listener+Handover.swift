internal import CSpoorLinux
internal import Glibc

/// Handling of new connections of a listening socket while another process takes over its port.
extension Listener {
    /// Redirects new connections to the other processes that share the port, if there are any.
    ///
    /// The kernel distributes connections among the sockets of a port by a hash, or by a BPF program that returns the
    /// number of a socket. Sockets are numbered from 0 in the order in which they started to listen. If a process that
    /// listens longer than this one still listens, its first socket has the number 0. Otherwise the sockets of this
    /// process have the first numbers, and the next number belongs to the process that takes over; without such a
    /// socket the kernel uses the hash. Handshakes that have started are completed by their socket.
    package func redirectNewConnections() {
        loop.checkConfinement()
        guard siblingCount > 0, !isClosed else { return }
        // A kernel without support continues to distribute by the hash; connections may then be reset during their
        // handshake.
        try? descriptor.setPortProgram(choosing: hasEarlierSocket ? 0 : UInt32(siblingCount))
    }

    /// Whether a socket that listened on the port before this one still listens.
    private var hasEarlierSocket: Bool {
        guard !earlierSockets.isEmpty, let inode = try? descriptor.inode() else { return false }
        let sockets = ListeningSocket.all()
        guard let own = sockets.first(where: { $0.inode == inode }) else { return false }
        return sockets.contains { $0.local == own.local && earlierSockets.contains($0.inode) }
    }

    /// Ends the effect of ``redirectNewConnections()``, so that the kernel distributes by the hash again.
    package func endRedirection() {
        loop.checkConfinement()
        guard siblingCount > 0, !isClosed else { return }
        try? descriptor.removePortProgram()
    }

    /// Drops the first packets (SYN) of new connections, so that the accept queue can be emptied.
    ///
    /// The kernel of a client sends the packet again, and then reaches the socket of the next process. The file of a
    /// Unix domain socket is removed. A queue that is shared with other processes is not changed.
    package func dropNewConnections() {
        loop.checkConfinement()
        guard !isClosed, !isInherited else { return }
        if address.unixPath != nil {
            file = nil
        } else {
            // A kernel without filters may reset a connection that starts at the last moment.
            try? descriptor.dropHandshakes()
        }
    }
}

/// Programs of the kernel's packet filter (classic BPF) on listening sockets.
extension FileDescriptor {
    /// Directs all new connections to the socket with this number, among those that share the port of this one.
    func setPortProgram(choosing number: UInt32) throws(SystemError) {
        try attach(SO_ATTACH_REUSEPORT_CBPF, [(BPF_RET | BPF_K, 0, 0, number)])
    }

    /// Detaches that program; the kernel selects by hash again.
    func removePortProgram() throws(SystemError) {
        try setOption(SO_DETACH_REUSEPORT_BPF, of: SOL_SOCKET, to: 0)
    }

    /// Drops packets that would start a handshake (SYN without ACK), as if the network had lost them.
    func dropHandshakes() throws(SystemError) {
        // A filter of a TCP socket sees the packet from the TCP header on; byte 13 contains the flags (RFC 9293
        // §3.1).
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

internal import CSpoorLinux
internal import Glibc

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

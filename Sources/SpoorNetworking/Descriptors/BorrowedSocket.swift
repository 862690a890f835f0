internal import CSpoorLinux
internal import Glibc

/// A socket to read from and write to: the descriptor number without ownership.
///
/// Reads and writes use it, because borrowing the owner out of an object costs an exclusivity check per call. Keep it
/// only together with its owner.
struct BorrowedSocket {
    private let number: Int32

    init(_ descriptor: borrowing FileDescriptor) {
        number = descriptor.number
    }

    /// Calls recv once: returns the count, 0 at the end of the stream, or -1 if no bytes are available.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        while true {
            let count = unsafe recv(number, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            if errno == EAGAIN { return -1 }
            if errno != EINTR { throw .last("recv") }
        }
    }

    /// The number of sent bytes that the peer has not acknowledged (tcp(7), `SIOCOUTQ`); 0 if the kernel does not
    /// report it.
    var queuedByteCount: Int {
        var count: Int32 = 0
        return unsafe ioctl(number, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }

    /// Calls send once: returns the count, or -1 if the socket buffer is full.
    func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        while true {
            let count = unsafe Glibc.send(
                number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return count }
            if errno == EAGAIN { return -1 }
            if errno != EINTR { throw .last("send") }
        }
    }

    /// Calls sendmsg once with two buffers: returns the total count, or -1 if the socket buffer is full.
    func send(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) throws(SystemError) -> Int {
        var pieces = unsafe (
            iovec(
                iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress),
                iov_len: first.count),
            iovec(
                iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress),
                iov_len: second.count)
        )
        while true {
            let count = unsafe withUnsafeMutablePointer(to: &pieces) { pieces in
                unsafe pieces.withMemoryRebound(to: iovec.self, capacity: 2) { pieces in
                    var message = unsafe msghdr()
                    unsafe message.msg_iov = unsafe pieces
                    unsafe message.msg_iovlen = 2
                    // sendmsg instead of writev: only it can suppress SIGPIPE.
                    return unsafe sendmsg(number, &message, Int32(MSG_NOSIGNAL))
                }
            }
            if count >= 0 { return count }
            if errno == EAGAIN { return -1 }
            if errno != EINTR { throw .last("sendmsg") }
        }
    }

    /// Calls sendfile once: returns the count, 0 at the end of the file, or -1 if the socket buffer is full.
    ///
    /// It cannot suppress the SIGPIPE of a closed connection; event loop threads block all signals.
    func sendFile(
        _ file: borrowing FileDescriptor, from offset: Int, count: Int
    ) throws(SystemError) -> Int {
        var place = off_t(offset)
        while true {
            let count = unsafe sendfile(number, file.number, &place, count)
            if count >= 0 { return count }
            if errno == EAGAIN { return -1 }
            if errno != EINTR { throw .last("sendfile") }
        }
    }
}

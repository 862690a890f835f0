internal import CSpoorLinux
internal import Glibc

/// A socket to read from and write to: the number without the ownership.
///
/// Reading and writing go through it, for to borrow an owner out of an object costs an exclusivity
/// check at every call. Who keeps one keeps the owner beside it.
struct BorrowedSocket {
    private let number: Int32

    init(_ descriptor: borrowing FileDescriptor) {
        number = descriptor.number
    }

    /// One recv: the count, 0 at the end of the stream, or -1 when nothing waits.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        while true {
            let count = unsafe recv(number, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            if errno == EAGAIN { return -1 }
            if errno != EINTR { throw .last("recv") }
        }
    }

    /// How many bytes the other end has not taken (tcp(7), `SIOCOUTQ`); 0 if the kernel does not say.
    var queuedByteCount: Int {
        var count: Int32 = 0
        return unsafe ioctl(number, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }

    /// One send: the count, or -1 when the socket buffer is full.
    func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        while true {
            let count = unsafe Glibc.send(
                number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return count }
            if errno == EAGAIN { return -1 }
            if errno != EINTR { throw .last("send") }
        }
    }

    /// One sendmsg of two pieces: the count over both, or -1 when the socket buffer is full.
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
                    // sendmsg and not writev: only it can refuse the SIGPIPE.
                    return unsafe sendmsg(number, &message, Int32(MSG_NOSIGNAL))
                }
            }
            if count >= 0 { return count }
            if errno == EAGAIN { return -1 }
            if errno != EINTR { throw .last("sendmsg") }
        }
    }

    /// One sendfile: the count, 0 where the file ends, or -1 when the socket buffer is full.
    ///
    /// It cannot refuse the SIGPIPE of a connection that is gone: loops' threads block all signals.
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

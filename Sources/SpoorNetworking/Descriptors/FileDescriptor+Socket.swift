internal import CSpoorLinux
internal import Glibc

/// The socket calls, as methods of the descriptor: only here are pointers passed to the kernel.
extension FileDescriptor {
    /// Creates a non-blocking stream socket for addresses of this family.
    static func streamSocket(for address: SocketAddress) throws(SystemError) -> FileDescriptor {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let number = socket(address.family, type, 0)
        guard number >= 0 else { throw .last("socket") }
        return FileDescriptor(adopting: number)
    }

    func bind(to address: SocketAddress) throws(SystemError) {
        let result = unsafe address.withKernelForm { unsafe Glibc.bind(number, $0, $1) }
        guard result == 0 else { throw .last("bind") }
    }

    func listen(backlog: Int32) throws(SystemError) {
        guard Glibc.listen(number, backlog) == 0 else { throw .last("listen") }
    }

    /// Starts connecting; returns false if the connection is still in progress, and the socket becomes writable
    /// later.
    func connect(to address: SocketAddress) throws(SystemError) -> Bool {
        let result = unsafe address.withKernelForm { unsafe Glibc.connect(number, $0, $1) }
        if result == 0 { return true }
        // POSIX: a connect that is interrupted by a signal continues asynchronously, as with EINPROGRESS.
        guard errno == EINPROGRESS || errno == EINTR else { throw .last("connect") }
        return false
    }

    /// Accepts the next connection of a listening socket; returns nil if none waits.
    func accept() throws(SystemError) -> AcceptedSocket? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let accepted = unsafe withUnsafeMutablePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe spoor_accept4(number, $0, &length, flags)
            }
        }
        if accepted >= 0 {
            return AcceptedSocket(
                descriptor: FileDescriptor(adopting: accepted),
                peer: SocketAddress(kernelForm: storage, length: length))
        }
        if errno == EAGAIN { return nil }
        throw .last("accept4")
    }

    /// Returns the pending error of this socket, 0 if there is none, and clears it.
    func takePendingError() throws(SystemError) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &value, &length) == 0 else {
            throw .last("getsockopt")
        }
        return value
    }

    func setOption(_ option: Int32, of level: Int32, to value: Int32) throws(SystemError) {
        var value = value
        let length = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe setsockopt(number, level, option, &value, length) == 0 else {
            throw .last("setsockopt")
        }
    }

    /// Makes `close` reset the connection and discard unsent bytes (socket(7), `SO_LINGER` with time 0).
    func resetOnClose() throws(SystemError) {
        var value = linger(l_onoff: 1, l_linger: 0)
        let length = socklen_t(MemoryLayout<linger>.size)
        guard unsafe setsockopt(number, SOL_SOCKET, SO_LINGER, &value, length) == 0 else {
            throw .last("setsockopt")
        }
    }

    func option(_ option: Int32, of level: Int32) throws(SystemError) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(number, level, option, &value, &length) == 0 else {
            throw .last("getsockopt")
        }
        return value
    }

    /// Returns the local address.
    func localAddress() throws(SystemError) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(number, $0, &length)
            }
        }
        guard result == 0 else { throw .last("getsockname") }
        return SocketAddress(kernelForm: storage, length: length)
    }

    /// Half-closes the connection for sending; a connection that is already closed is not an error.
    func shutdownWrite() throws(SystemError) {
        guard Glibc.shutdown(number, Int32(SHUT_WR)) != 0 else { return }
        guard errno != ENOTCONN else { return }
        throw .last("shutdown")
    }
}

/// A connected socket returned by accept, not yet registered with an event loop.
struct AcceptedSocket: ~Copyable {
    private let descriptor: FileDescriptor
    let peer: SocketAddress

    init(descriptor: consuming FileDescriptor, peer: SocketAddress) {
        self.descriptor = descriptor
        self.peer = peer
    }

    consuming func takeDescriptor() -> FileDescriptor {
        descriptor
    }
}

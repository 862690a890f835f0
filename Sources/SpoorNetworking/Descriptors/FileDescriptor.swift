internal import CSpoorLinux
internal import Glibc

/// The unique owner of an open descriptor, which is closed exactly once, at the latest when the owner is destroyed.
///
/// Descriptor numbers are used only in this folder and in the epoll files; all other code moves owners.
package struct FileDescriptor: ~Copyable, Sendable {
    /// The descriptor number, or -1 for `none`.
    let number: Int32

    /// Takes ownership of a descriptor that the kernel has just returned.
    init(adopting number: Int32) {
        self.number = number
    }

    /// An empty owner, left where a descriptor was moved out: calls on it fail with `EBADF`.
    static var none: FileDescriptor { FileDescriptor(adopting: -1) }

    deinit {
        if number >= 0 { _ = Glibc.close(number) }
    }

    /// Closes the descriptor and throws the error of the kernel; the number is released in any case.
    package consuming func close() throws(SystemError) {
        let number = number
        discard self
        guard number >= 0 else { return }
        // Linux releases the number even if close reports EINTR: never repeat it.
        if Glibc.close(number) != 0, errno != EINTR { throw .last("close") }
    }

    /// Moves the descriptor out of `place` and leaves `none`.
    static func take(from place: inout FileDescriptor) -> FileDescriptor {
        var taken = FileDescriptor.none
        swap(&taken, &place)
        return taken
    }

    /// Returns a second owner of the same open file, closed on exec.
    func duplicate() throws(SystemError) -> FileDescriptor {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .last("fcntl") }
        return FileDescriptor(adopting: copy)
    }

    /// Makes calls non-blocking, and closes the descriptor on exec.
    func setNonBlocking() throws(SystemError) {
        guard fcntl(number, F_SETFL, O_NONBLOCK) == 0, fcntl(number, F_SETFD, FD_CLOEXEC) == 0
        else { throw .last("fcntl") }
    }

    /// Sets the permissions: of a socket, those of the file that binding it creates.
    func setMode(_ mode: UInt16) throws(SystemError) {
        guard fchmod(number, mode_t(mode)) == 0 else { throw .last("fchmod") }
    }

    /// Reads one byte of a non-blocking pipe; returns nil if none is available.
    func readByte() -> UInt8? {
        var byte: UInt8 = 0
        return unsafe read(number, &byte, 1) == 1 ? byte : nil
    }
}

/// The limit of open descriptors of this process (`RLIMIT_NOFILE`).
package enum DescriptorLimit {
    /// Raises the soft limit to the hard limit, which needs no privileges, and returns it.
    ///
    /// The soft limit is low (1024) only for programs that use select(2).
    @discardableResult
    package static func raise() -> UInt {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { return 0 }
        guard limit.rlim_cur < limit.rlim_max else { return UInt(limit.rlim_cur) }
        let allowed = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        return unsafe setrlimit(resource, &limit) == 0 ? UInt(limit.rlim_max) : UInt(allowed)
    }
}

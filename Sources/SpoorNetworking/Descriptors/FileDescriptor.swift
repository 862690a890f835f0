internal import CSpoorLinux
internal import Glibc

/// The one owner of an open descriptor; it is closed exactly once, at the latest when the owner
/// goes away.
///
/// Numbers of descriptors stay inside this folder and the epoll files; everybody else moves owners.
package struct FileDescriptor: ~Copyable, Sendable {
    /// The kernel's number, or -1 for `none`.
    let number: Int32

    /// Takes over a descriptor that the kernel has just handed out.
    init(adopting number: Int32) {
        self.number = number
    }

    /// An owner of nothing, left behind where a descriptor has been taken away: calls on it fail
    /// with `EBADF`.
    static var none: FileDescriptor { FileDescriptor(adopting: -1) }

    deinit {
        if number >= 0 { _ = Glibc.close(number) }
    }

    /// Closes now and tells what the kernel said; the number is gone whatever it said.
    package consuming func close() throws(SystemError) {
        let number = number
        discard self
        guard number >= 0 else { return }
        // Linux frees the number also when close reports EINTR: never repeat it.
        if Glibc.close(number) != 0, errno != EINTR { throw .last("close") }
    }

    /// Takes the descriptor out of `place` and leaves `none`.
    static func take(from place: inout FileDescriptor) -> FileDescriptor {
        var taken = FileDescriptor.none
        swap(&taken, &place)
        return taken
    }

    /// A second owner of the same open file, closed on exec.
    func duplicate() throws(SystemError) -> FileDescriptor {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .last("fcntl") }
        return FileDescriptor(adopting: copy)
    }

    /// Calls return at once from now on, and programs started by this one do not inherit the
    /// descriptor.
    func setNonBlocking() throws(SystemError) {
        guard fcntl(number, F_SETFL, O_NONBLOCK) == 0, fcntl(number, F_SETFD, FD_CLOEXEC) == 0
        else { throw .last("fcntl") }
    }

    /// Sets the permissions: of a socket, those of the file that binding it will make.
    func setMode(_ mode: UInt16) throws(SystemError) {
        guard fchmod(number, mode_t(mode)) == 0 else { throw .last("fchmod") }
    }

    /// One byte of a non-blocking pipe, nil if none waits.
    func readByte() -> UInt8? {
        var byte: UInt8 = 0
        return unsafe read(number, &byte, 1) == 1 ? byte : nil
    }
}

/// How many descriptors this process may have open (`RLIMIT_NOFILE`).
package enum DescriptorLimit {
    /// Raises the limit as far as the process is allowed to by itself, from the soft to the hard limit, and tells it.
    ///
    /// The soft limit is low (1024) only for the sake of programs that use select(2).
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

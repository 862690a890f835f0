internal import CSpoorLinux
internal import Glibc

/// The file that a listening Unix socket leaves in the file system, removed with its owner if it is
/// still the same.
///
/// A file that a dead process left behind is replaced; one that somebody listens on is not touched,
/// unless it is to be taken over: then the new file takes its place at once, by a rename.
struct SocketFile: ~Copyable {
    private var path: String
    private let identity: Identity?

    /// Binds `descriptor` to a new file.
    ///
    /// - Parameters:
    ///   - mode: the file's permissions; what the umask leaves if nil.
    ///   - takesOver: whether to bind beside `path`, for `publish(at:)` to take its place.
    init(
        binding descriptor: borrowing FileDescriptor, to path: String, mode: UInt16?,
        takesOver: Bool
    ) throws(SystemError) {
        let bound = takesOver ? "\(path).\(getpid())" : path
        identity = try Self.bind(descriptor, to: bound, mode: mode)
        self.path = bound
    }

    deinit {
        // The bound socket keeps the inode, so that no other file can have its number meanwhile.
        if let identity, Identity(of: path) == identity { unsafe unlink(path) }
    }

    /// Gives the file its name in place of whatever socket has it, once somebody listens.
    mutating func publish(at final: String) throws(SystemError) {
        guard path != final else { return }
        var status = stat()
        if unsafe lstat(final, &status) == 0, status.st_mode & S_IFMT != S_IFSOCK {
            throw SystemError(code: EADDRINUSE, call: "rename")
        }
        guard unsafe rename(path, final) == 0 else { throw .last("rename") }
        path = final
    }

    private static func bind(
        _ descriptor: borrowing FileDescriptor, to path: String, mode: UInt16?
    ) throws(SystemError) -> Identity? {
        guard path.utf8.count <= SocketAddress.maxUnixPathBytes else {
            throw SystemError(code: ENAMETOOLONG, call: "bind")
        }
        let address = SocketAddress.unix(path: path)
        // The file is made with the socket's own mode, less the umask: never more open than asked.
        if let mode { try descriptor.setMode(mode) }
        do {
            try descriptor.bind(to: address)
        } catch {
            guard error.code == EADDRINUSE, isStale(address) else { throw error }
            guard unsafe unlink(path) == 0 else { throw .last("unlink") }
            try descriptor.bind(to: address)
        }
        // What the umask took away is given back; nobody can connect before `listen`.
        if let mode, unsafe chmod(path, mode_t(mode)) != 0 {
            let error = SystemError.last("chmod")
            unsafe unlink(path)
            throw error
        }
        return Identity(of: path)
    }

    /// A socket that refuses connections has no listener.
    private static func isStale(_ address: SocketAddress) -> Bool {
        guard let path = address.unixPath, Identity(of: path) != nil else { return false }
        do {
            let probe = try FileDescriptor.streamSocket(for: address)
            _ = try probe.connect(to: address)
            return false
        } catch {
            return error.code == ECONNREFUSED
        }
    }

    /// What tells one socket's file from another's.
    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t

        /// The identity of the socket at `path`, nil if there is none or it is no socket.
        init?(of path: String) {
            var status = stat()
            guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
                return nil
            }
            device = status.st_dev
            inode = status.st_ino
        }
    }
}

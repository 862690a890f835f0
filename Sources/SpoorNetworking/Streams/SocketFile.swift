internal import CSpoorLinux
internal import Glibc

/// The file of a listening Unix domain socket, removed with its owner if it is still the same file.
///
/// A stale file of a dead process is replaced; one on which a process listens is kept, unless it is to be taken over:
/// then the new file replaces it atomically, by a rename.
struct SocketFile: ~Copyable {
    private var path: String
    private let identity: Identity?

    /// Binds `descriptor` to a new file.
    ///
    /// - Parameters:
    ///   - mode: The permissions of the file; if nil, those that the umask leaves.
    ///   - takesOver: Whether to bind next to `path`, and let `publish(at:)` replace it.
    init(
        binding descriptor: borrowing FileDescriptor, to path: String, mode: UInt16?,
        takesOver: Bool
    ) throws(SystemError) {
        let bound = takesOver ? "\(path).\(getpid())" : path
        identity = try Self.bind(descriptor, to: bound, mode: mode)
        self.path = bound
    }

    deinit {
        // The bound socket keeps the inode, so that no other file can get its number meanwhile.
        if let identity, Identity(of: path) == identity { unsafe unlink(path) }
    }

    /// Renames the file to its final name, which replaces another socket, once it is listened on.
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
        // The file is created with the socket's own mode, reduced by the umask: never more permissive than requested.
        if let mode { try descriptor.setMode(mode) }
        do {
            try descriptor.bind(to: address)
        } catch {
            guard error.code == EADDRINUSE, isStale(address) else { throw error }
            guard unsafe unlink(path) == 0 else { throw .last("unlink") }
            try descriptor.bind(to: address)
        }
        // Restores the bits that the umask removed; connecting is not possible before `listen`.
        if let mode, unsafe chmod(path, mode_t(mode)) != 0 {
            let error = SystemError.last("chmod")
            unsafe unlink(path)
            throw error
        }
        return Identity(of: path)
    }

    /// Returns whether a socket has no listener: it rejects connections.
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

    /// The identity of a socket file.
    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t

        /// Creates the identity of the socket at `path`; nil if there is none or it is not a socket.
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

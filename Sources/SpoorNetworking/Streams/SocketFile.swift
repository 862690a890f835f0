internal import CLinux
internal import Glibc

/// The file that a listening Unix socket leaves in the file system, removed with its owner if it is
/// still the same.
///
/// A file that a dead process left behind is replaced; one that somebody listens on is not touched.
struct SocketFile: ~Copyable {
    private let path: String
    private let inode: ino_t

    init(
        binding descriptor: borrowing FileDescriptor, to path: String
    ) throws(SystemError) {
        guard path.utf8.count <= SocketAddress.unixPathBytesMax else {
            throw SystemError(code: ENAMETOOLONG, call: "bind")
        }
        let address = SocketAddress.unix(path: path)
        do {
            try descriptor.bind(to: address)
        } catch {
            guard error.code == EADDRINUSE, Self.isStale(address) else { throw error }
            guard unsafe unlink(path) == 0 else { throw .last("unlink") }
            try descriptor.bind(to: address)
        }
        self.path = path
        inode = Self.inode(of: path) ?? 0
    }

    deinit {
        if Self.inode(of: path) == inode { unsafe unlink(path) }
    }

    /// A socket that refuses connections has no listener.
    private static func isStale(_ address: SocketAddress) -> Bool {
        guard let path = address.unixPath, inode(of: path) != nil else { return false }
        do {
            let probe = try FileDescriptor.streamSocket(for: address)
            _ = try probe.connect(to: address)
            return false
        } catch {
            return error.code == ECONNREFUSED
        }
    }

    /// The identity of the socket at `path`, nil if there is none or it is no socket.
    private static func inode(of path: String) -> ino_t? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            return nil
        }
        return status.st_ino
    }
}

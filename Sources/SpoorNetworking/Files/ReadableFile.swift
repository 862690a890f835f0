internal import CSpoorLinux
internal import Glibc

/// A regular file that is open for reading, with its size and modification time when it was opened.
///
/// Neither is monitored: the sender detects a file that was truncated meanwhile. The file is closed when the last
/// reference is released.
public final class ReadableFile: Sendable {
    private let descriptor: FileDescriptor

    /// The size in bytes when the file was opened.
    public let byteCount: Int
    /// The modification time: whole seconds since 1970 in UTC.
    public let modifiedSeconds: Int64
    /// The fraction of ``modifiedSeconds`` in nanoseconds.
    public let modifiedNanoseconds: Int

    /// Opens a file on a thread of the pool for files (`BlockingPool.fileCounters`), because a slow disk must not
    /// block a loop.
    ///
    /// Symbolic links are followed. Directories, devices, pipes and sockets are rejected.
    ///
    /// - Parameter path: The path of the file; relative paths start at the working directory.
    /// - Throws: `SystemError`, or `BlockingPool.Rejection`.
    public static func open(_ path: String) async throws -> ReadableFile {
        try await open(bytes: Array(path.utf8))
    }

    /// Opens a file whose path is any bytes except NUL, as the kernel accepts them; otherwise as ``open(_:)``.
    public static func open(bytes path: [UInt8]) async throws -> ReadableFile {
        try await BlockingPool.files.run { try ReadableFile(bytes: path) }
    }

    /// Opens a file on the calling thread.
    package convenience init(_ path: String) throws(SystemError) {
        try self.init(bytes: Array(path.utf8))
    }

    /// Opens a file with a path of any bytes on the calling thread.
    package init(bytes path: [UInt8]) throws(SystemError) {
        // C would truncate the path at a NUL.
        guard !path.contains(0) else { throw SystemError(code: ENOENT, call: "open") }
        let path = path.map { CChar(bitPattern: $0) } + [0]
        // O_NONBLOCK: does not wait for a writer if the path is a pipe; regular files ignore it.
        let number = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard number >= 0 else { throw .last("open") }
        descriptor = FileDescriptor(adopting: number)
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw .last("fstat") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SystemError(code: EISDIR, call: "open")
        }
        byteCount = Int(status.st_size)
        modifiedSeconds = Int64(status.st_mtim.tv_sec)
        modifiedNanoseconds = Int(status.st_mtim.tv_nsec)
    }

    /// Reads once from an offset of the file; returns 0 at its end.
    package func read(
        into buffer: inout [UInt8], from offset: Int
    ) throws(SystemError) -> Int {
        while true {
            let count = unsafe pread(descriptor.number, &buffer, buffer.count, off_t(offset))
            if count >= 0 { return count }
            if errno != EINTR { throw .last("pread") }
        }
    }

    /// Sends a part to a socket: returns the count, 0 at the end of the file, or -1 if the socket buffer is full.
    func send(
        to socket: BorrowedSocket, from offset: Int, count: Int
    ) throws(SystemError) -> Int {
        try socket.sendFile(descriptor, from: offset, count: count)
    }
}

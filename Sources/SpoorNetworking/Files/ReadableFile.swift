internal import CSpoorLinux
internal import Glibc

/// A regular file that is open for reading, with its size and age as they were when it was opened.
///
/// Neither is watched: who sends the file finds out if it has become shorter meanwhile. It is closed
/// when nobody has it any more.
public final class ReadableFile: Sendable {
    private let descriptor: FileDescriptor

    /// How many bytes it had when it was opened.
    public let byteCount: Int
    /// When it was changed last: whole seconds since 1970 began in UTC.
    public let modifiedSeconds: Int64
    /// The part of a second behind ``modifiedSeconds``.
    public let modifiedNanoseconds: Int

    /// Opens a file on a thread of the pool for files (`BlockingPool.fileCounters`), for a slow disk must not stop a loop.
    ///
    /// Links are followed. A directory, a device, a pipe or a socket is refused.
    ///
    /// - Parameter path: the file's path; relative ones begin at the working directory.
    /// - Throws: `SystemError`, or `BlockingPool.Refusal`.
    public static func open(_ path: String) async throws -> ReadableFile {
        try await open(bytes: Array(path.utf8))
    }

    /// Opens a file whose path is any bytes but NUL, as the kernel takes them; else as ``open(_:)``.
    public static func open(bytes path: [UInt8]) async throws -> ReadableFile {
        try await BlockingPool.files.run { try ReadableFile(bytes: path) }
    }

    /// Opens a file on the calling thread.
    package convenience init(_ path: String) throws(SystemError) {
        try self.init(bytes: Array(path.utf8))
    }

    /// Opens a file whose path is any bytes on the calling thread.
    package init(bytes path: [UInt8]) throws(SystemError) {
        // C would take what stands before a NUL for the whole path.
        guard !path.contains(0) else { throw SystemError(code: ENOENT, call: "open") }
        let path = path.map { CChar(bitPattern: $0) } + [0]
        // Not to wait for a writer, should it be a pipe; regular files do not heed it.
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

    /// Reads once from a place in the file; 0 where it ends.
    package func read(
        into buffer: inout [UInt8], from offset: Int
    ) throws(SystemError) -> Int {
        while true {
            let count = unsafe pread(descriptor.number, &buffer, buffer.count, off_t(offset))
            if count >= 0 { return count }
            if errno != EINTR { throw .last("pread") }
        }
    }

    /// Hands a part to a socket: the count, 0 where the file ends, or -1 when the socket is full.
    func send(
        to socket: BorrowedSocket, from offset: Int, count: Int
    ) throws(SystemError) -> Int {
        try socket.sendFile(descriptor, from: offset, count: count)
    }
}

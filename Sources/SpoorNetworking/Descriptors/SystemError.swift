internal import CSpoorLinux
internal import Glibc

/// A failed system call: its name and its `errno`.
///
/// Every call of this target throws only this type, so that callers can switch over the code.
public struct SystemError: Error, Hashable, Sendable {
    /// The value of `errno`, for example `ECONNREFUSED`.
    public let code: Int32

    /// The name of the call, for example `"connect"`.
    public let call: String

    /// The cause, if the value of `errno` does not express it.
    private let detail: String?

    /// Creates an error of `call` from an `errno` value.
    public init(code: Int32, call: String) {
        self.code = code
        self.call = call
        detail = nil
    }

    /// Creates an error with `code`, described by its actual cause.
    package init(code: Int32, call: String, detail: String) {
        self.code = code
        self.call = call
        self.detail = detail
    }

    /// Whether a timeout, of this library or of the kernel, has expired.
    package var isTimeout: Bool { code == ETIMEDOUT }

    /// Whether the call was cancelled by this library.
    package var isCancelled: Bool { code == ECANCELED }

    /// Whether the peer has closed or reset the connection.
    package var isPeerGone: Bool { code == ECONNRESET || code == EPIPE }

    /// Whether the kernel does not support this address family, or has no address of it.
    package var isUnknownFamily: Bool { code == EAFNOSUPPORT || code == EADDRNOTAVAIL }

    /// Whether there is no file of that name, or cannot be one.
    package var isNotFound: Bool {
        code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG || code == ELOOP
            || isNoRegularFile
    }

    /// Whether the path is not a regular file, mostly a directory.
    package var isNoRegularFile: Bool { code == EISDIR || code == ENXIO }

    /// Whether opening the file is not permitted.
    package var isForbidden: Bool { code == EACCES || code == EPERM }

    /// Whether the process, or the machine, has reached its limit of open descriptors.
    package var isDescriptorShortage: Bool { code == EMFILE || code == ENFILE }

    /// The error of a read while another task waits to read from the same connection.
    package static let concurrentRead = SystemError(
        code: EBUSY, call: "read",
        detail: "another task already reads from the connection: read from one task at a time")

    /// The error of a write while another task waits to write to the same connection.
    package static let concurrentWrite = SystemError(
        code: EBUSY, call: "write",
        detail: "another task already writes to the connection: write from one task at a time")

    /// Returns the error of a call that is not supported here.
    static func unsupported(_ call: String) -> SystemError {
        SystemError(code: EOPNOTSUPP, call: call)
    }

    /// Returns the error that `call` has just left in `errno`.
    static func last(_ call: String) -> SystemError {
        SystemError(code: errno, call: call)
    }
}

extension SystemError: CustomStringConvertible {
    /// The call, the meaning and the code: `connect: Connection refused (111)`.
    public var description: String {
        // glibc's strerror returns constant or thread-local storage.
        if let detail { return "\(call): \(detail)" }
        let meaning = unsafe String(cString: strerror(code))
        return "\(call): \(meaning) (\(code))"
    }
}

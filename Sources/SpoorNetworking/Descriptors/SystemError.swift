internal import CSpoorLinux
internal import Glibc

/// A system call that failed: which one, and what `errno` said.
///
/// Every call of this target throws this one type, so that callers can switch over the code.
public struct SystemError: Error, Hashable, Sendable {
    /// The value of `errno`, for instance `ECONNREFUSED`.
    public let code: Int32

    /// The name of the call, for instance `"connect"`.
    public let call: String

    /// What happened, where the value of `errno` does not say it.
    private let detail: String?

    /// Makes an error of `call` from an `errno` value.
    public init(code: Int32, call: String) {
        self.code = code
        self.call = call
        detail = nil
    }

    /// Makes an error that counts as `code`, and is described by what really happened.
    package init(code: Int32, call: String, detail: String) {
        self.code = code
        self.call = call
        self.detail = detail
    }

    /// Whether a deadline, ours or the kernel's, has passed.
    package var isTimeOut: Bool { code == ETIMEDOUT }

    /// Whether we ended the call ourselves.
    package var isCancelled: Bool { code == ECANCELED }

    /// Whether the peer has closed the connection, in order or not.
    package var isPeerGone: Bool { code == ECONNRESET || code == EPIPE }

    /// Whether the kernel knows no addresses of this kind, or has none.
    package var isUnknownFamily: Bool { code == EAFNOSUPPORT || code == EADDRNOTAVAIL }

    /// Whether there is no file of that name, or none can be.
    package var isNotFound: Bool {
        code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG || code == ELOOP
            || isNoRegularFile
    }

    /// Whether there is something else than a regular file, most often a directory.
    package var isNoRegularFile: Bool { code == EISDIR || code == ENXIO }

    /// Whether the file may not be opened.
    package var isForbidden: Bool { code == EACCES || code == EPERM }

    /// Whether the process, or the machine, has as many descriptors open as it may.
    package var isDescriptorShortage: Bool { code == EMFILE || code == ENFILE }

    /// The error of a call that does not exist here.
    static func unsupported(_ call: String) -> SystemError {
        SystemError(code: EOPNOTSUPP, call: call)
    }

    /// The error that `call` has just left in `errno`.
    static func last(_ call: String) -> SystemError {
        SystemError(code: errno, call: call)
    }
}

extension SystemError: CustomStringConvertible {
    /// Call, meaning and number: `connect: Connection refused (111)`.
    public var description: String {
        // glibc's strerror answers with constant or thread-local storage.
        if let detail { return "\(call): \(detail)" }
        let meaning = unsafe String(cString: strerror(code))
        return "\(call): \(meaning) (\(code))"
    }
}

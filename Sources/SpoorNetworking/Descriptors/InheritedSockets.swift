internal import CSpoorLinux
internal import Glibc
internal import Synchronization

/// Listening sockets that a service manager has opened for this process (systemd socket activation,
/// sd_listen_fds(3)): each can be taken once.
enum InheritedSockets {
    private struct Socket {
        let name: String
        let number: Int32
    }

    /// The first descriptor that is passed (`SD_LISTEN_FDS_START`).
    private static let firstNumber: Int32 = 3

    /// The maximum number of descriptors; a higher count is not from a service manager.
    private static let maxCount: Int32 = 4096

    private static let sockets = Mutex(readEnvironment())

    /// Returns the descriptors of this name, all remaining ones if nil, and transfers their ownership to the caller.
    static func take(name: String?) -> [Int32] {
        sockets.withLock { sockets in
            let taken = sockets.filter { name == nil || $0.name == name }
            sockets.removeAll { name == nil || $0.name == name }
            return taken.map(\.number)
        }
    }

    /// Reads the sockets for this process, closes them on exec, and unsets the environment variables, which would
    /// mislead child processes.
    private static func readEnvironment() -> [Socket] {
        defer {
            for variable in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] {
                unsafe unsetenv(variable)
            }
        }
        guard let process = variable("LISTEN_PID"), pid_t(process) == getpid(),
            let count = variable("LISTEN_FDS").flatMap({ Int32($0) }),
            (1...maxCount).contains(count)
        else { return [] }
        let names =
            variable("LISTEN_FDNAMES")?
            .split(separator: ":", omittingEmptySubsequences: false).map(String.init) ?? []
        return (0..<count).compactMap { index in
            let number = firstNumber + index
            guard fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else { return nil }
            // sd_listen_fds_with_names(3): the default for sockets without a name.
            let name = Int(index) < names.count ? names[Int(index)] : "unknown"
            return Socket(name: name, number: number)
        }
    }

    private static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}

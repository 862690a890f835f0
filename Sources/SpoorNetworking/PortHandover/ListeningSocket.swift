internal import CSpoorLinux
internal import Glibc

/// A listening TCP socket of any process in this network namespace (proc(5), `/proc/net/tcp`).
///
/// If `/proc` is not available, ``all()`` returns none.
struct ListeningSocket {
    /// The address and the port in the kernel's notation.
    let local: String
    /// The number that identifies the socket while it is open.
    let inode: UInt64

    /// Returns all of them; text after the first mebibyte is ignored.
    static func all() -> [ListeningSocket] {
        ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { path in
            let lines = text(of: path).split(separator: "\n").dropFirst()
            // The kernel lists listening sockets before all others, of which there may be many.
            return lines.map(Self.init).prefix { $0 != nil }.compactMap(\.self)
        }
    }

    private init?(line: Substring) {
        let columns = line.split(separator: " ")
        // 0A is TCP_LISTEN.
        guard columns.count > 9, columns[3] == "0A", let inode = UInt64(columns[9]) else {
            return nil
        }
        local = String(columns[1])
        self.inode = inode
    }

    private static func text(of path: String) -> String {
        guard let file = try? ReadableFile(path) else { return "" }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while text.count < 1 << 20, let count = try? file.read(into: &piece, from: text.count),
            count > 0
        {
            text += piece[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension FileDescriptor {
    /// Returns the number by which the kernel lists the socket.
    func inode() throws(SystemError) -> UInt64 {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw .last("fstat") }
        return UInt64(status.st_ino)
    }
}

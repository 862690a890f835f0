internal import CSpoorLinux
internal import Glibc
package import SpoorText

/// The address of a socket: an IPv4 or IPv6 address with a port, or the path of a Unix domain socket.
///
/// Only numeric addresses are parsed here; host names are resolved by `HostResolver`.
public struct SocketAddress: Hashable, Sendable {
    enum Form: Hashable, Sendable {
        case ipv4(UInt32, port: UInt16)
        case ipv6(high: UInt64, low: UInt64, port: UInt16, scope: UInt32)
        case unix(path: String)
        /// No socket: one end of an in-memory connection.
        case inProcess
    }

    let form: Form

    init(_ form: Form) {
        self.form = form
    }

    /// Creates an address from a numeric host (`127.0.0.1`, `::1`, `fe80::1%eth0`); nil for any other text.
    ///
    /// - Parameters:
    ///   - host: Dotted IPv4, or IPv6 (RFC 4291 §2.2) without brackets, with an optional zone.
    ///   - port: 0…65535; with 0 the kernel chooses a port when listening.
    public init?(host: String, port: UInt16) {
        // RFC 4007 §11: the zone of a scoped address follows a percent sign.
        let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress($0.utf8) }) else { return nil }
        guard address.family == .ipv6 else {
            guard parts.count == 1 else { return nil }
            self.init(.ipv4(UInt32(truncatingIfNeeded: address.bits), port: port))
            return
        }
        var scope: UInt32 = 0
        if parts.count == 2 {
            // The C function would stop at a NUL.
            guard !parts[1].utf8.contains(0) else { return nil }
            scope = unsafe UInt32(parts[1]) ?? if_nametoindex(String(parts[1]))
            guard scope != 0 else { return nil }
        }
        self.init(
            .ipv6(
                high: UInt64(truncatingIfNeeded: address.bits >> 64),
                low: UInt64(truncatingIfNeeded: address.bits), port: port, scope: scope))
    }

    private init(_ address: in6_addr, port: UInt16, scope: UInt32) {
        let words = unsafe withUnsafeBytes(of: address) { bytes in
            unsafe (
                bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            )
        }
        self.init(
            .ipv6(
                high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1), port: port,
                scope: scope))
    }

    /// Returns the IPv4 loopback address, 127.0.0.1, with a port.
    public static func loopback(port: UInt16) -> SocketAddress {
        SocketAddress(.ipv4(0x7f00_0001, port: port))
    }

    /// Returns the wildcard address, `::`, with a port.
    package static func any(port: UInt16) -> SocketAddress {
        SocketAddress(.ipv6(high: 0, low: 0, port: port, scope: 0))
    }

    /// Returns the IPv4 wildcard address, 0.0.0.0, with a port.
    package static func anyIPv4(port: UInt16) -> SocketAddress {
        SocketAddress(.ipv4(0, port: port))
    }

    /// Returns the address of a Unix domain socket; its path has at most 107 bytes (unix(7)), otherwise binding and
    /// connecting fail.
    public static func unix(path: String) -> SocketAddress {
        SocketAddress(.unix(path: path))
    }

    /// The address of both ends of an in-memory connection, which no socket can have.
    package static let inProcess = SocketAddress(.inProcess)

    /// Whether this is the address of an in-memory connection, without a socket.
    package var isInProcess: Bool { form == .inProcess }

    /// The port, 0…65535; nil for a Unix domain socket.
    public var port: UInt16? {
        switch form {
        case .ipv4(_, let port), .ipv6(_, _, let port, _): port
        case .unix, .inProcess: nil
        }
    }

    /// The numeric address without port or brackets, or the path.
    public var host: String {
        switch form {
        case .ipv4: ipAddress?.description ?? ""
        case .ipv6(_, _, _, let scope):
            (ipAddress?.description ?? "") + (scope == 0 ? "" : "%\(scope)")
        case .unix(let path): path
        case .inProcess: ""
        }
    }

    /// Whether this is a loopback address or a Unix domain socket.
    public var isLoopback: Bool {
        switch form {
        case .ipv4, .ipv6: ipAddress?.isLoopback ?? false
        case .unix, .inProcess: true
        }
    }

    /// Returns the same address with another port; a Unix domain socket is returned unchanged.
    public func with(port: UInt16) -> SocketAddress {
        switch form {
        case .ipv4(let bits, _): SocketAddress(.ipv4(bits, port: port))
        case .ipv6(let high, let low, _, let scope):
            SocketAddress(.ipv6(high: high, low: low, port: port, scope: scope))
        case .unix, .inProcess: self
        }
    }

    var unixPath: String? {
        guard case .unix(let path) = form else { return nil }
        return path
    }

    private var ipv6Address: in6_addr {
        guard case .ipv6(let high, let low, _, _) = form else { return in6_addr() }
        var address = in6_addr()
        unsafe withUnsafeMutableBytes(of: &address) { bytes in
            unsafe bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }
}

extension SocketAddress: CustomStringConvertible {
    /// The address as text: `127.0.0.1:8080`, `[::1]:8080` or `unix:/run/service.socket`.
    public var description: String {
        switch form {
        case .ipv4(_, let port): "\(host):\(port)"
        case .ipv6(_, _, let port, _): "[\(host)]:\(port)"
        case .unix(let path): "unix:\(path)"
        case .inProcess: "memory"
        }
    }
}

// MARK: - Peers

extension SocketAddress {
    /// The IP address without port and zone; nil for Unix domain sockets and in-memory connections.
    package var ipAddress: IPAddress? {
        switch form {
        case .ipv4(let bits, _): IPAddress(ipv4: bits)
        case .ipv6(let high, let low, _, _): IPAddress(ipv6: UInt128(high) << 64 | UInt128(low))
        case .unix, .inProcess: nil
        }
    }

    /// The network that identifies a peer for per-peer limits: the IPv4 address, or the /64 of an IPv6 address, which
    /// is what a single household or machine is assigned (RFC 6177); nil for Unix domain sockets, whose peers have no
    /// address.
    package var peerNetwork: IPNetwork? {
        ipAddress.flatMap { IPNetwork($0, prefixLength: $0.family == .ipv4 ? 32 : 64) }
    }
}

// MARK: - The kernel's form

extension SocketAddress {
    var family: Int32 {
        switch form {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        case .inProcess: AF_UNSPEC
        }
    }

    /// The maximum length of a Unix path in bytes (unix(7): `sun_path` without its terminator).
    static let maxUnixPathBytes = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// Calls `body` with the address as the kernel's `sockaddr`.
    func withKernelForm<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var storage = sockaddr_storage()
        let length = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            switch form {
            case .ipv4(let bits, let port):
                var form = sockaddr_in()
                form.sin_family = sa_family_t(AF_INET)
                form.sin_port = port.bigEndian
                form.sin_addr.s_addr = bits.bigEndian
                unsafe bytes.storeBytes(of: form, as: sockaddr_in.self)
                return MemoryLayout<sockaddr_in>.size
            case .ipv6(_, _, let port, let scope):
                var form = sockaddr_in6()
                form.sin6_family = sa_family_t(AF_INET6)
                form.sin6_port = port.bigEndian
                form.sin6_addr = ipv6Address
                form.sin6_scope_id = scope
                unsafe bytes.storeBytes(of: form, as: sockaddr_in6.self)
                return MemoryLayout<sockaddr_in6>.size
            case .unix(let path):
                // A longer path is truncated one byte after the limit, which the kernel rejects with EINVAL or
                // accepts without terminator; `Listener` and `connect` reject it earlier.
                let offset = MemoryLayout<sa_family_t>.size
                let path = Array(path.utf8.prefix(Self.maxUnixPathBytes))
                unsafe bytes.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
                for (index, byte) in path.enumerated() { unsafe bytes[offset + index] = byte }
                return offset + path.count + 1
            case .inProcess:
                // The kernel rejects an address without a family.
                return MemoryLayout<sa_family_t>.size
            }
        }
        return unsafe withUnsafePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(length))
            }
        }
    }

    /// Creates an address from a result of accept, getsockname or getaddrinfo; unknown families become an empty Unix
    /// path.
    init(kernelForm storage: sockaddr_storage, length: socklen_t) {
        self = unsafe withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let form = unsafe bytes.load(as: sockaddr_in.self)
                return SocketAddress(
                    .ipv4(
                        UInt32(bigEndian: form.sin_addr.s_addr),
                        port: UInt16(bigEndian: form.sin_port))
                )
            case AF_INET6:
                let form = unsafe bytes.load(as: sockaddr_in6.self)
                let address = SocketAddress(
                    form.sin6_addr, port: UInt16(bigEndian: form.sin6_port),
                    scope: form.sin6_scope_id)
                return address.unmapped
            default:
                let offset = MemoryLayout<sa_family_t>.size
                let end = min(max(Int(length), offset), bytes.count)
                let path = unsafe bytes[offset..<end].prefix { $0 != 0 }
                return unsafe SocketAddress(.unix(path: String(decoding: path, as: UTF8.self)))
            }
        }
    }

    /// RFC 4291 §2.5.5.2: a peer that connected to a dual-stack socket over IPv4 is shown with its IPv4 address.
    private var unmapped: SocketAddress {
        guard case .ipv6(0, let low, let port, _) = form, low >> 32 == 0xffff else { return self }
        return SocketAddress(.ipv4(UInt32(truncatingIfNeeded: low), port: port))
    }
}

/// The order in which the addresses of a host are tried (RFC 8305 §4).
extension SocketAddress {
    /// Returns the addresses with alternating families, starting with the family of the first; otherwise in their
    /// order, without duplicates.
    package static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard let family = addresses.first?.family else { return [] }
        var known: Set<SocketAddress> = []
        let distinct = addresses.filter { known.insert($0).inserted }
        let preferred = distinct.filter { $0.family == family }
        let others = distinct.filter { $0.family != family }
        var result: [SocketAddress] = []
        for index in 0..<max(preferred.count, others.count) {
            if index < preferred.count { result.append(preferred[index]) }
            if index < others.count { result.append(others[index]) }
        }
        return result
    }
}

/// Who is connected to whom; one for all exchanges of a connection.
public final class ConnectionInfo: Sendable {
    /// One end of a connection.
    public enum Endpoint: Sendable, Hashable, CustomStringConvertible {
        /// An IPv4 address in dotted form and a port.
        case ipv4(String, port: Int)
        /// An IPv6 address without brackets and a port.
        case ipv6(String, port: Int)
        /// The path of a Unix socket; empty for a client that is not bound to one.
        case unix(String)
        /// No socket: a test in process.
        case none

        /// The address as text: `127.0.0.1:80`, `[::1]:80`, `unix:/path`, `-`.
        public var description: String {
            switch self {
            case .ipv4(let host, let port): "\(host):\(port)"
            case .ipv6(let host, let port): "[\(host)]:\(port)"
            case .unix(let path): "unix:\(path)"
            case .none: "-"
            }
        }
    }

    /// The other end.
    public let peer: Endpoint
    /// Our end.
    public let local: Endpoint
    /// Whether the bytes are encrypted (`https`).
    public let isSecure: Bool
    /// What the TLS handshake came to, and who the client is; nil without TLS of our own.
    public let tls: TLSInfo?

    /// Describes a connection; one with a handshake is secure anyhow.
    public init(
        peer: Endpoint, local: Endpoint, isSecure: Bool = false, tls: TLSInfo? = nil
    ) {
        self.peer = peer
        self.local = local
        self.isSecure = isSecure || tls != nil
        self.tls = tls
    }

    /// No connection at all.
    package static let unknown = ConnectionInfo(peer: .none, local: .none)
}

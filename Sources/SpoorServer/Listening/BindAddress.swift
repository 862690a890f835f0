public import SpoorNetworking
public import SpoorTLS

/// An address that a server listens on, as configured, before the kernel has chosen ports.
///
/// ```swift
/// HTTPServer(listening: [.any(port: 80), .unix(path: "/run/shop.socket", mode: 0o660)], handler: routes)
/// ```
public struct BindAddress: Hashable, Sendable {
    enum Endpoint: Hashable, Sendable {
        case socket(SocketAddress)
        case any(port: UInt16)
        case host(String, port: UInt16)
        case unix(path: String, mode: UInt16?)
        case inherited(name: String?)
        case inProcess(InProcessAddress)
    }

    let endpoint: Endpoint
    /// The TLS configuration; nil for plain HTTP.
    private(set) var tls: TLSServerConfiguration?
    /// Whether other processes of this user may listen on it at the same time.
    private(set) var sharesPort = false

    private init(_ endpoint: Endpoint) {
        self.endpoint = endpoint
    }

    /// Returns the address 127.0.0.1, for clients on this machine only.
    ///
    /// - Parameter port: 0…65535; with 0 the kernel chooses, see ``HTTPServer/localAddresses()``.
    public static func loopback(port: UInt16) -> BindAddress {
        .socket(.loopback(port: port))
    }

    /// Returns all addresses of this machine: `::` with IPv4 as well, or 0.0.0.0 if the kernel has no IPv6.
    ///
    /// - Parameter port: 0…65535; with 0 the kernel chooses.
    public static func any(port: UInt16) -> BindAddress {
        BindAddress(.any(port: port))
    }

    /// Returns one numeric address of this machine (`192.0.2.7`, `::1`, `fe80::1%eth0`); names are not resolved.
    ///
    /// `::` accepts IPv4 connections as well. For other text ``HTTPServer/run()`` throws
    /// ``ServerError/notAnAddress(_:)``.
    public static func host(_ host: String, port: UInt16) -> BindAddress {
        BindAddress(.host(host, port: port))
    }

    /// Returns the address of a Unix socket.
    ///
    /// A file that a dead process left at the path is replaced; one that another process listens on is not. The file
    /// is removed when the server stops, if it is still the server's.
    ///
    /// - Parameters:
    ///   - path: The path, at most 107 bytes (unix(7)).
    ///   - mode: The permissions of the file, such as `0o660`; write permission allows connecting. 0777 without the
    ///     bits of the umask if nil. The permissions are never wider than that, not even temporarily.
    public static func unix(path: String, mode: UInt16? = nil) -> BindAddress {
        BindAddress(.unix(path: path, mode: mode))
    }

    /// Returns an address in the kernel's form, such as one of another server's ``HTTPServer/localAddresses()``.
    public static func socket(_ address: SocketAddress) -> BindAddress {
        BindAddress(.socket(address))
    }

    /// Returns the same address with TLS, for `https` only.
    ///
    /// ```swift
    /// .any(port: 443).tls(
    ///     TLSServerConfiguration(certificateChainFile: "chain.pem", privateKeyFile: "key.pem"))
    /// ```
    ///
    /// The certificates that were read are logged; see ``HTTPServer/reloadCertificates()`` for what happens when the
    /// files change. A client that sends plain HTTP receives a 400.
    public func tls(_ configuration: TLSServerConfiguration) -> BindAddress {
        var copy = self
        copy.tls = configuration
        return copy
    }

    /// Returns the same address for several processes of this user at a time: for a restart without downtime, where
    /// the new process listens before the old one stops.
    ///
    /// All of them have to set this option (`SO_REUSEPORT`); without it, listening on an address in use fails. While
    /// both listen, the kernel distributes new connections among them. The one that drains redirects new connections
    /// to the others, and continues to accept for half a second, so that TCP handshakes that have begun complete. The
    /// file of a Unix socket is replaced immediately by that of the new process, also while the old one still
    /// listens. Inherited sockets are always shared.
    public func reusePort() -> BindAddress {
        var address = self
        address.sharesPort = true
        return address
    }

    /// Returns the listening sockets that the service manager has passed (systemd's socket activation,
    /// sd_listen_fds(3)).
    ///
    /// - Parameter name: The name in the socket unit's `FileDescriptorName=`; all passed sockets if nil.
    public static func systemdSocket(name: String? = nil) -> BindAddress {
        BindAddress(.inherited(name: name))
    }

    /// Returns an address in this process that is reached without a socket, for tests.
    package static func inProcess(_ port: any InProcessPort) -> BindAddress {
        BindAddress(.inProcess(InProcessAddress(port)))
    }
}

extension BindAddress: CustomStringConvertible {
    /// `127.0.0.1:8080`, `*:8080`, `unix:/run/shop.socket`, `inherited:http`; with the prefix `tls:` if TLS is
    /// configured.
    public var description: String {
        (tls == nil ? "" : "tls:") + endpointDescription
    }

    private var endpointDescription: String {
        switch endpoint {
        case .socket(let address): "\(address)"
        case .any(let port): "*:\(port)"
        case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path, _): "unix:\(path)"
        case .inherited(let name): "inherited:\(name ?? "*")"
        case .inProcess: "memory"
        }
    }
}

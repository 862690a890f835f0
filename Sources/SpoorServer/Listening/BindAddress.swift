public import SpoorNetworking
public import SpoorTLS

/// Where a server listens: what it is asked for, before the kernel has chosen ports.
///
/// ```swift
/// HTTPServer(listening: [.any(port: 80), .unix(path: "/run/shop.socket", mode: 0o660)], handler: routes)
/// ```
public struct BindAddress: Hashable, Sendable {
    enum Place: Hashable, Sendable {
        case socket(SocketAddress)
        case any(port: UInt16)
        case host(String, port: UInt16)
        case unix(path: String, mode: UInt16?)
        case inherited(name: String?)
        case inProcess(InProcessPlace)
    }

    let place: Place
    /// How TLS is spoken there; nil for plain HTTP.
    private(set) var tls: TLSServerConfiguration?
    /// Whether other processes of this user may listen there too.
    private(set) var sharesPort = false

    private init(_ place: Place) {
        self.place = place
    }

    /// 127.0.0.1: callers of this machine only.
    ///
    /// - Parameter port: 0…65535; 0 lets the kernel choose, see ``HTTPServer/localAddresses()``.
    public static func loopback(port: UInt16) -> BindAddress {
        .socket(.loopback(port: port))
    }

    /// Every address of this machine: `::` with IPv4 as well, or 0.0.0.0 where the kernel has no IPv6.
    ///
    /// - Parameter port: 0…65535; 0 lets the kernel choose.
    public static func any(port: UInt16) -> BindAddress {
        BindAddress(.any(port: port))
    }

    /// One address of this machine, written as numbers (`192.0.2.7`, `::1`, `fe80::1%eth0`); names are not looked up.
    ///
    /// `::` takes IPv4 connections as well. Other text is reported by ``HTTPServer/run()``, as
    /// ``ServerError/notAnAddress(_:)``.
    public static func host(_ host: String, port: UInt16) -> BindAddress {
        BindAddress(.host(host, port: port))
    }

    /// A Unix socket.
    ///
    /// A file that a dead process left at the path is replaced; one that somebody listens at is not. The file goes when the
    /// server stops, if it is still the server's own.
    ///
    /// - Parameters:
    ///   - path: At most 107 bytes (unix(7)).
    ///   - mode: The permissions of the file, such as `0o660`: who may write to it may connect. What the umask leaves of 0777
    ///     if nil. At no moment is more allowed than that.
    public static func unix(path: String, mode: UInt16? = nil) -> BindAddress {
        BindAddress(.unix(path: path, mode: mode))
    }

    /// An address as the kernel has it, such as one of another server's ``HTTPServer/localAddresses()``.
    public static func socket(_ address: SocketAddress) -> BindAddress {
        BindAddress(.socket(address))
    }

    /// The same place, with TLS: for `https` only.
    ///
    /// ```swift
    /// .any(port: 443).secured(
    ///     by: TLSServerConfiguration(certificateChainFile: "chain.pem", privateKeyFile: "key.pem"))
    /// ```
    ///
    /// What was read from the files is told by the log; see ``HTTPServer/reloadCertificates()`` for what happens when they
    /// change. Who speaks plain HTTP there gets a 400.
    public func tls(_ configuration: TLSServerConfiguration) -> BindAddress {
        var secured = self
        secured.tls = configuration
        return secured
    }

    /// The same address for several processes of this user at a time: for a restart without a gap, where the new process listens
    /// before the old one stops.
    ///
    /// All of them have to ask for it (`SO_REUSEPORT`); without, an address that is taken is refused. While both listen, the
    /// kernel deals new connections among them. The one that drains leads new ones to the others, and goes on accepting for half
    /// a second, so that handshakes that have begun end well. The file of a Unix socket is replaced at once by the new one's,
    /// also while the old one still listens. Sockets that are inherited are shared anyhow.
    public func reusePort() -> BindAddress {
        var address = self
        address.sharesPort = true
        return address
    }

    /// Listening sockets that the service manager made and passed on (systemd's socket activation, sd_listen_fds(3)).
    ///
    /// - Parameter name: The name of the socket unit's `FileDescriptorName=`; all that were passed if nil.
    public static func systemdSocket(name: String? = nil) -> BindAddress {
        BindAddress(.inherited(name: name))
    }

    /// A place in this process that is reached without a socket, for tests.
    package static func inProcess(_ port: any InProcessPort) -> BindAddress {
        BindAddress(.inProcess(InProcessPlace(port)))
    }
}

extension BindAddress: CustomStringConvertible {
    /// `127.0.0.1:8080`, `*:8080`, `unix:/run/shop.socket`, `inherited:http`; with `tls:` in front if it is secured.
    public var description: String {
        (tls == nil ? "" : "tls:") + placeDescription
    }

    private var placeDescription: String {
        switch place {
        case .socket(let address): "\(address)"
        case .any(let port): "*:\(port)"
        case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path, _): "unix:\(path)"
        case .inherited(let name): "inherited:\(name ?? "*")"
        case .inProcess: "memory"
        }
    }
}

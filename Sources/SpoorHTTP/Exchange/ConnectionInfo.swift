/// The endpoints and the security of a connection; shared by all its exchanges.
public final class ConnectionInfo: Sendable {
    /// One end of a connection.
    public enum Endpoint: Sendable, Hashable, CustomStringConvertible {
        /// An IPv4 address in dotted form and a port.
        case ipv4(String, port: Int)
        /// An IPv6 address without brackets and a port.
        case ipv6(String, port: Int)
        /// The path of a Unix domain socket; empty for a client that is not bound to a path.
        case unix(String)
        /// No socket: an in-process test.
        case none

        /// The address of a socket.
        ///
        /// - Parameters:
        ///   - host: An IP address as text, without brackets; the path of a Unix socket.
        ///   - port: Nil for a Unix socket.
        package init(host: String, port: UInt16?) {
            guard let port else {
                self = .unix(host)
                return
            }
            self = host.contains(":") ? .ipv6(host, port: Int(port)) : .ipv4(host, port: Int(port))
        }

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

    /// The remote endpoint.
    public let peer: Endpoint
    /// The local endpoint.
    public let local: Endpoint
    /// Whether the bytes are encrypted (`https`).
    public let isSecure: Bool
    /// The result of the TLS handshake, with the client's identity; nil if this server does not terminate TLS.
    public let tls: TLSInfo?

    /// Creates the description of a connection; a connection with TLS information is always secure.
    public init(
        peer: Endpoint, local: Endpoint, isSecure: Bool = false, tls: TLSInfo? = nil
    ) {
        self.peer = peer
        self.local = local
        self.isSecure = isSecure || tls != nil
        self.tls = tls
    }

    /// A placeholder for no connection.
    package static let unknown = ConnectionInfo(peer: .none, local: .none)
}

/// The negotiated TLS parameters of a connection; shared by all its exchanges.
///
/// A class, so that a connection without TLS stores only one word for it.
public final class TLSInfo: Sendable {
    /// The protocol version: `TLSv1.3` or `TLSv1.2`.
    public let version: String
    /// The cipher suite by its standard name, such as `TLS_AES_128_GCM_SHA256`.
    public let cipherSuite: String
    /// The negotiated application protocol (ALPN, RFC 7301); nil if the client offered none.
    public let applicationProtocol: String?
    /// The server name that the client sent (SNI, RFC 6066 §3), in lower case; nil if it sent none.
    public let serverName: String?
    /// Whether an earlier session was resumed, without an exchange of certificates.
    public let isResumed: Bool
    /// The certificate of the peer, verified unless the configuration disables verification; nil if it sent none.
    public let peerCertificate: TLSCertificate?

    /// Creates the description of a handshake.
    public init(
        version: String, cipherSuite: String, applicationProtocol: String? = nil,
        serverName: String? = nil, isResumed: Bool = false, peerCertificate: TLSCertificate? = nil
    ) {
        self.version = version
        self.cipherSuite = cipherSuite
        self.applicationProtocol = applicationProtocol
        self.serverName = serverName
        self.isResumed = isResumed
        self.peerCertificate = peerCertificate
    }
}

extension TLSInfo: CustomStringConvertible {
    /// The version, the cipher suite and the subject of the certificate: `TLSv1.3 TLS_AES_128_GCM_SHA256 CN=client`.
    public var description: String {
        var text = "\(version) \(cipherSuite)"
        if isResumed { text += " resumed" }
        if let peerCertificate { text += " \(peerCertificate.subject)" }
        return text
    }
}

/// A certificate (RFC 5280) as a value: subject, issuer and validity.
public struct TLSCertificate: Hashable, Sendable {
    /// The subject: a distinguished name as text (RFC 4514), such as `CN=client,O=Example`.
    public let subject: String
    /// The issuer: a distinguished name as text.
    public let issuer: String
    /// The serial number, in hexadecimal digits.
    public let serialNumber: String
    /// The start of the validity period, in seconds since 1970.
    public let notBefore: Int64
    /// The end of the validity period, in seconds since 1970; that second is included.
    public let notAfter: Int64
    /// The DNS names of the certificate in lower case; a leading `*.` is a wildcard.
    public let dnsNames: [String]
    /// The URIs of the certificate, such as a SPIFFE ID.
    public let uris: [String]
    /// The mail addresses of the certificate.
    public let emailAddresses: [String]
    /// The IP addresses of the certificate, as text.
    public let ipAddresses: [String]
    /// The SHA-256 of ``derBytes``, in 64 lower-case hexadecimal digits.
    public let fingerprint: String
    /// The certificate in DER.
    public let derBytes: [UInt8]

    /// Creates the description of a certificate.
    public init(
        subject: String, issuer: String = "", serialNumber: String = "", notBefore: Int64 = 0,
        notAfter: Int64 = .max, dnsNames: [String] = [], uris: [String] = [],
        emailAddresses: [String] = [], ipAddresses: [String] = [], fingerprint: String = "",
        derBytes: [UInt8] = []
    ) {
        self.subject = subject
        self.issuer = issuer
        self.serialNumber = serialNumber
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.dnsNames = dnsNames
        self.uris = uris
        self.emailAddresses = emailAddresses
        self.ipAddresses = ipAddresses
        self.fingerprint = fingerprint
        self.derBytes = derBytes
    }
}

/// The client of a request, as far as it is known: the peer of the connection, unless a middleware has replaced it by
/// what a trusted proxy reports.
public struct ClientInfo: Sendable, Hashable {
    /// The address of the client.
    public var address: ConnectionInfo.Endpoint
    /// The scheme that the client used, in lower case: `http` or `https`.
    public var scheme: String

    /// Creates the description of a client.
    public init(address: ConnectionInfo.Endpoint, scheme: String) {
        self.address = address
        self.scheme = scheme
    }
}

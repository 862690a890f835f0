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

/// What the handshake of a secure connection came to; one for all exchanges of the connection.
///
/// A class, so that a connection without TLS pays one word for it.
public final class TLSInfo: Sendable {
    /// The version of the protocol: `TLSv1.3` or `TLSv1.2`.
    public let version: String
    /// The cipher suite by its standard name, such as `TLS_AES_128_GCM_SHA256`.
    public let cipherSuite: String
    /// The application protocol that both sides agreed on (ALPN, RFC 7301); nil if the client
    /// offered none.
    public let applicationProtocol: String?
    /// The name that the client asked for (SNI, RFC 6066 §3), in lower case; nil if it gave none.
    public let serverName: String?
    /// Whether keys of an earlier connection were taken up again, without certificates.
    public let isResumed: Bool
    /// The certificate of the other end, which was verified unless the configuration says otherwise;
    /// nil if it has shown none.
    public let peerCertificate: TLSCertificate?

    /// Describes a handshake.
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
    /// Version, cipher suite and whose certificate: `TLSv1.3 TLS_AES_128_GCM_SHA256 CN=client`.
    public var description: String {
        var text = "\(version) \(cipherSuite)"
        if isResumed { text += " resumed" }
        if let peerCertificate { text += " \(peerCertificate.subject)" }
        return text
    }
}

/// A certificate (RFC 5280) as a value: whose it is, who issued it, how long it is good.
public struct TLSCertificate: Hashable, Sendable {
    /// Whose it is: a distinguished name as text (RFC 4514), such as `CN=client,O=Example`.
    public let subject: String
    /// Who issued it, as text of the same kind.
    public let issuer: String
    /// The issuer's number for it, in hexadecimal digits.
    public let serialNumber: String
    /// The first second in which it is good, since 1970.
    public let notBefore: Int64
    /// The last second in which it is good, since 1970.
    public let notAfter: Int64
    /// The names of hosts that it is good for, maybe with a wildcard `*.` in front, in lower case.
    public let dnsNames: [String]
    /// The URIs that it is good for, such as a SPIFFE id.
    public let uris: [String]
    /// The mail addresses that it is good for.
    public let emailAddresses: [String]
    /// The IP addresses that it is good for, as text.
    public let ipAddresses: [String]
    /// The SHA-256 of ``derBytes``, in 64 lower-case hexadecimal digits.
    public let fingerprint: String
    /// The certificate itself (DER).
    public let derBytes: [UInt8]

    /// Describes a certificate.
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

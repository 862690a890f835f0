internal import CSpoorOpenSSL

/// The TLS configuration of a server: its identities, client certificates and the lowest TLS version.
///
/// ```swift
/// let tls = TLSServerConfiguration(
///     certificateChainFile: "/etc/ssl/greeter/chain.pem", privateKeyFile: "/etc/ssl/greeter/key.pem")
/// ```
///
/// The other parameters are fixed: TLS 1.2 only with ephemeral elliptic curves and authenticated ciphers, the curves
/// X25519, P-256 and P-384, no renegotiation, no compression, no early data, `http/1.1` (or its older name
/// `http/1.0`) as the application protocol (ALPN), and session resumption.
///
/// A handshake costs its event loop processor time, most of it for the server's signature: a P-256 key signs some
/// twenty times as fast as a 2048-bit RSA key.
public struct TLSServerConfiguration: Hashable, Sendable {
    /// Whether clients present certificates (mutual TLS).
    public enum ClientCertificates: Hashable, Sendable {
        /// No client certificate is requested.
        case none
        /// A client certificate is requested but optional; one that is presented must be issued under one of the
        /// roots.
        case requested(TLSTrustRoots)
        /// Requires a client certificate that is issued under one of the roots (mTLS).
        case required(TLSTrustRoots)
    }

    /// The identities of the server; the first is also the default for clients that send no name or an unknown one.
    ///
    /// The identity is selected by the requested name (SNI) and the names in the certificates; if two contain the
    /// same name, the first is used.
    public var identities: [TLSIdentity]

    /// Whether clients present certificates; not requested by default.
    public var clientCertificates = ClientCertificates.none

    /// The lowest accepted TLS version; TLS 1.2 by default, because clients without TLS 1.3 are still in use.
    public var minimumVersion = TLSVersion.tls12

    /// The interval at which the files are checked for changes; zero or less disables the check, the maximum is one
    /// hour.
    ///
    /// The default is one second; a check runs off the event loops and costs one system call per file. New
    /// certificates apply to new connections, existing ones keep theirs. Files that cannot be loaded leave the
    /// previous certificates in use; the failure is logged and counted, and the files are read again after the next
    /// change. While one of the files was written less than two seconds ago, a failure is not reported, since the
    /// other file may not have been written yet.
    ///
    /// Whether or not files are checked, the keys that encrypt session tickets are rotated twice a day, and no ticket
    /// is accepted for longer than a day.
    public var reloadInterval = Duration.seconds(1)

    /// Creates the configuration of a server with one identity in two PEM files; see
    /// ``TLSIdentity/init(certificateChainFile:privateKeyFile:serverNames:)``.
    public init(certificateChainFile: String, privateKeyFile: String) {
        identities = [
            TLSIdentity(certificateChainFile: certificateChainFile, privateKeyFile: privateKeyFile)
        ]
    }

    /// Creates the configuration of a server with one or several identities, the default one first.
    public init(
        identities: [TLSIdentity], clientCertificates: ClientCertificates = .none,
        minimumVersion: TLSVersion = .tls12
    ) {
        self.identities = identities
        self.clientCertificates = clientCertificates
        self.minimumVersion = minimumVersion
    }
}

/// A version of TLS; older ones are insecure and not supported (RFC 8996).
public enum TLSVersion: Hashable, Sendable, Comparable {
    /// TLS 1.2 (RFC 5246), here only with ephemeral keys and authenticated ciphers.
    case tls12
    /// TLS 1.3 (RFC 8446).
    case tls13

    var code: Int32 {
        switch self {
        case .tls12: TLS1_2_VERSION
        case .tls13: TLS1_3_VERSION
        }
    }
}

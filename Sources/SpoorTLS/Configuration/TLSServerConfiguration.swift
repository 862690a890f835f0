internal import CSpoorOpenSSL

/// How a server speaks TLS: who it is, whom it lets in, and how old a protocol it still speaks.
///
/// ```swift
/// let tls = TLSServerConfiguration(
///     certificateChainFile: "/etc/ssl/greeter/chain.pem", privateKeyFile: "/etc/ssl/greeter/key.pem")
/// ```
///
/// The rest is decided: TLS 1.2 only with ephemeral elliptic curves and authenticated ciphers, the
/// curves X25519, P-256 and P-384, no renegotiation, no compression, no early data, `http/1.1` (or
/// its older name `http/1.0`) as the application protocol, and sessions that can be resumed.
///
/// A handshake costs its loop processor time, most of it for the server's signature: a P-256 key
/// signs some twenty times as fast as an RSA key of 2048 bits.
public struct TLSServerConfiguration: Hashable, Sendable {
    /// Whether clients show certificates (mutual TLS).
    public enum ClientCertificates: Hashable, Sendable {
        /// They are not asked for.
        case none
        /// Asked for; a client may show none, but what it shows must come from one of the roots.
        case requested(TLSTrustRoots)
        /// A client without a certificate from one of the roots is refused.
        case required(TLSTrustRoots)
    }

    /// Who the server is, one for each of its names; the first also for clients that give no name
    /// or an unknown one.
    ///
    /// Which one a client sees follows from the name that it asks for (SNI) and from the names in the
    /// certificates; where two have the same name, the first.
    public var identities: [TLSIdentity]

    /// Whether clients show certificates; by default not.
    public var clientCertificates = ClientCertificates.none

    /// The oldest version that is spoken; TLS 1.2 by default, since clients without TLS 1.3 are still
    /// about.
    public var minimumVersion = TLSVersion.tls12

    /// How often the files are looked at for a change; zero or less for never, an hour at the most.
    ///
    /// One second, off the event loops: it costs a system call a file. New certificates are for new
    /// connections, the others go on with theirs. Files that cannot be used change nothing, which is
    /// logged and counted, and are read again once they change; while one of them was written less
    /// than two seconds ago nothing is said, for the other may still be on its way.
    ///
    /// Whether or not files are looked at, the keys that encrypt the tickets of sessions change twice
    /// a day, and none is taken for longer than a day.
    public var reloadInterval = Duration.seconds(1)

    /// A server with one identity in two PEM files; see
    /// ``TLSIdentity/init(certificateChainFile:privateKeyFile:serverNames:)``.
    public init(certificateChainFile: String, privateKeyFile: String) {
        identities = [
            TLSIdentity(certificateChainFile: certificateChainFile, privateKeyFile: privateKeyFile)
        ]
    }

    /// A server with one or several identities, the default one first.
    public init(
        identities: [TLSIdentity], clientCertificates: ClientCertificates = .none,
        minimumVersion: TLSVersion = .tls12
    ) {
        self.identities = identities
        self.clientCertificates = clientCertificates
        self.minimumVersion = minimumVersion
    }
}

/// A version of the protocol; older ones are broken and not spoken at all (RFC 8996).
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

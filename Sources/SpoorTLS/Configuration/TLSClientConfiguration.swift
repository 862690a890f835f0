/// The TLS configuration of a client: its trust roots, and its identity for servers that request one.
///
/// A server must present a certificate that was issued under a trusted root, is valid now, and contains the host of
/// the URL among its names (RFC 9110 §4.3.4).
public struct TLSClientConfiguration: Hashable, Sendable {
    /// The certificate authorities that servers' certificates must be issued under; the system's by default.
    public var trustRoots: TLSTrustRoots

    /// The client's certificate and key, for servers that request a client certificate (mutual TLS).
    public var identity: TLSIdentity?

    /// The lowest accepted TLS version; TLS 1.2 by default.
    public var minimumVersion: TLSVersion

    /// How much of a server's certificate is verified; everything by default.
    public var certificateVerification = CertificateVerification.full

    /// How much of a server's certificate a client verifies.
    public enum CertificateVerification: Hashable, Sendable {
        /// The chain up to a trusted root, the validity dates and the host name (RFC 9110 §4.3.4).
        case full
        /// No verification: an attacker on the network can read and change all data. For experiments only.
        case none
    }

    /// The highest accepted TLS version, for tests of the lower one.
    package var maximumVersion = TLSVersion.tls13

    /// The offered application protocols (ALPN), for tests of protocols that a server does not support.
    package var applicationProtocols = ["http/1.1"]

    /// Creates a configuration; by default with the system's trust roots and without a client certificate.
    public init(
        trustRoots: TLSTrustRoots = .system, identity: TLSIdentity? = nil,
        minimumVersion: TLSVersion = .tls12
    ) {
        self.trustRoots = trustRoots
        self.identity = identity
        self.minimumVersion = minimumVersion
    }
}

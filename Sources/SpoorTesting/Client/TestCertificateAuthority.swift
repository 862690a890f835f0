public import SpoorTLS

/// A certificate authority for TLS tests, which exists only in the memory of the process.
///
/// ```swift
/// let authority = try TestCertificateAuthority()
/// let tls = TLSServerConfiguration(identities: [try authority.serverIdentity()])
/// try await withServer(at: .loopback(port: 0).tls(tls), handler: routes) { address, _ in
///     let client = HTTPClient(tls: TLSClientConfiguration(trustRoots: authority.trustRoots))
///     let response = try await client.execute(HTTPClientRequest(.get, "https://\(address)/"))
/// }
/// ```
///
/// Its certificates are valid for a week, and no file is written.
public struct TestCertificateAuthority: Sendable {
    private let authority: InMemoryCertificateAuthority

    /// Creates an authority that only the test trusts.
    ///
    /// - Throws: `TLSConfigurationError` if OpenSSL cannot generate keys.
    public init() throws(TLSConfigurationError) {
        authority = try InMemoryCertificateAuthority()
    }

    /// Trust roots that contain this authority only.
    public var trustRoots: TLSTrustRoots { authority.trustRoots }

    /// Returns a certificate and its key for a server.
    ///
    /// - Parameters:
    ///   - names: The DNS names of the certificate.
    ///   - addresses: The IP addresses of the certificate.
    public func serverIdentity(
        names: [String] = ["localhost"], addresses: [String] = ["127.0.0.1", "::1"]
    ) throws(TLSConfigurationError) -> TLSIdentity {
        try authority.issue(
            .init(names.first ?? "server", dnsNames: names, ipAddresses: addresses)
        ).identity
    }

    /// Returns a certificate and its key for a client.
    ///
    /// - Parameter name: The common name of the subject.
    public func clientIdentity(named name: String) throws(TLSConfigurationError) -> TLSIdentity {
        try authority.issue(.init(name)).identity
    }
}

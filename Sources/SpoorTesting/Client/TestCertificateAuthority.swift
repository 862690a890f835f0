public import SpoorTLS

/// An authority for tests of TLS: it is made in memory, vouches for servers and clients, and is forgotten with its process.
///
/// ```swift
/// let authority = try TestCertificateAuthority()
/// let tls = TLSServerConfiguration(identities: [try authority.serverIdentity()])
/// try await withServer(at: .loopback(port: 0).tls(tls), handler: routes) { address, _ in
///     let client = HTTPClient(tls: TLSClientConfiguration(trustRoots: authority.trustRoots))
///     let answer = try await client.send(HTTPClientRequest(.get, "https://\(address)/"))
/// }
/// ```
///
/// Its certificates are good for a week, and no file is written.
public struct TestCertificateAuthority: Sendable {
    private let authority: ThrowAwayAuthority

    /// Makes an authority that nobody else trusts.
    ///
    /// - Throws: `TLSConfigurationError` if OpenSSL can make no keys.
    public init() throws(TLSConfigurationError) {
        authority = try ThrowAwayAuthority()
    }

    /// Those who trust this authority and nobody else.
    public var trustRoots: TLSTrustRoots { authority.trustRoots }

    /// A certificate and its key for a server.
    ///
    /// - Parameters:
    ///   - names: The DNS names that it is for.
    ///   - addresses: The addresses that it is for, as numbers.
    public func serverIdentity(
        names: [String] = ["localhost"], addresses: [String] = ["127.0.0.1", "::1"]
    ) throws(TLSConfigurationError) -> TLSIdentity {
        try authority.issue(
            .init(names.first ?? "server", dnsNames: names, ipAddresses: addresses)
        ).identity
    }

    /// A certificate and its key for a client.
    ///
    /// - Parameter name: The common name of its subject.
    public func clientIdentity(named name: String) throws(TLSConfigurationError) -> TLSIdentity {
        try authority.issue(.init(name)).identity
    }
}

/// How a client speaks TLS: whom it trusts, and who it is if it is asked.
///
/// A server must show a certificate that comes from a trusted root, is good today, and has the host
/// of the URL among its names (RFC 9110 §4.3.4).
public struct TLSClientConfiguration: Hashable, Sendable {
    /// The authorities that servers' certificates must come from; the system's by default.
    public var trustRoots: TLSTrustRoots

    /// Who the client is, for servers that ask (mutual TLS).
    public var identity: TLSIdentity?

    /// The oldest version that is spoken; TLS 1.2 by default.
    public var minimumVersion: TLSVersion

    /// Believes whatever certificate a server shows, so that anybody on the way can read and change
    /// everything; for nothing but experiments.
    public var dangerouslyTrustsAnyServer = false

    /// The newest version that is spoken, for tests of the older one.
    package var maximumVersion = TLSVersion.tls13

    /// What is offered (ALPN), for tests of what a server does not speak.
    package var applicationProtocols = ["http/1.1"]

    /// Usual trust, nobody in particular.
    public init(
        trustRoots: TLSTrustRoots = .system, identity: TLSIdentity? = nil,
        minimumVersion: TLSVersion = .tls12
    ) {
        self.trustRoots = trustRoots
        self.identity = identity
        self.minimumVersion = minimumVersion
    }
}

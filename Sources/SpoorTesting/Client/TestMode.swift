/// How a test comes to the service under test; what it sees is the same in every mode.
///
/// Every mode runs the whole server: event loop, connection, framing, limits, chain. They differ in what carries the bytes.
/// One difference is TLS's own: there it is an error when a connection ends without the word that nothing is missing, as it
/// does when a response breaks off; to a ``RawPeer`` in the other modes its bytes just end.
public enum TestMode: String, Hashable, Sendable, CaseIterable {
    /// A pipe in memory: no socket, no port.
    case inProcess
    /// TCP, over an ephemeral port of 127.0.0.1.
    case loopback
    /// The same with TLS, by a certificate that is made for the test and that the client trusts alone.
    case tls
}

extension TestMode: CustomStringConvertible {
    /// The name of the mode, as in the code.
    public var description: String { rawValue }
}

/// The identity of a server or client: a certificate chain and the private key of its first certificate.
///
/// A chain starts with the identity's own certificate, followed by the issuer of each; the root may be left out. No
/// description or dump shows the key.
public struct TLSIdentity: Hashable, Sendable {
    let chain: PEMSource
    let key: PEMSource
    let names: [String]

    /// Creates an identity from two PEM files, which are read when it is first used.
    ///
    /// Servers and clients read the files again when they change, for new connections.
    ///
    /// - Parameters:
    ///   - certificateChainFile: The certificates, the identity's own first.
    ///   - privateKeyFile: The key, not encrypted (PKCS #8, PKCS #1 or SEC 1).
    ///   - serverNames: Additional names that a server presents this identity for, besides those in its certificate;
    ///     a leading `*.` matches one label.
    public init(certificateChainFile: String, privateKeyFile: String, serverNames: [String] = []) {
        chain = .file(certificateChainFile)
        key = .file(privateKeyFile)
        names = serverNames
    }

    /// Creates an identity from PEM text in memory.
    ///
    /// - Parameters:
    ///   - certificateChainPEM: The certificates, the identity's own first.
    ///   - privateKeyPEM: The key, not encrypted (PKCS #8, PKCS #1 or SEC 1).
    ///   - serverNames: Additional names that a server presents this identity for, besides those in its certificate;
    ///     a leading `*.` matches one label.
    public init(
        certificateChainPEM: [UInt8], privateKeyPEM: [UInt8], serverNames: [String] = []
    ) {
        chain = .bytes(certificateChainPEM)
        key = .bytes(privateKeyPEM)
        names = serverNames
    }
}

extension TLSIdentity: CustomStringConvertible, CustomReflectable {
    /// The source of the certificates; never the key.
    public var description: String { "TLSIdentity(\(chain))" }

    /// A mirror of the description, so that a dump shows no key.
    public var customMirror: Mirror { Mirror(self, children: ["chain": chain.description]) }
}

/// The source of PEM text: a file or memory.
enum PEMSource: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    case file(String)
    case bytes([UInt8])

    /// The path of the file, or a fixed text for memory.
    var description: String {
        switch self {
        case .file(let path): path
        case .bytes: "PEM in memory"
        }
    }

    var customMirror: Mirror { Mirror(self, children: ["source": description]) }
}

/// The certificate authorities that the peer's certificate must be issued under.
public struct TLSTrustRoots: Hashable, Sendable {
    enum Source: Hashable {
        case system
        case pem(PEMSource)
    }

    let source: Source

    /// The trust roots of the operating system.
    public static let system = TLSTrustRoots(source: .system)

    /// Returns trust roots that are read from a PEM file.
    public static func file(_ path: String) -> TLSTrustRoots {
        TLSTrustRoots(source: .pem(.file(path)))
    }

    /// Returns trust roots from PEM text.
    public static func pem(_ bytes: [UInt8]) -> TLSTrustRoots {
        TLSTrustRoots(source: .pem(.bytes(bytes)))
    }
}

/// Who an end of a connection is: a chain of certificates and the private key of the first.
///
/// A chain has the own certificate first and then each one's issuer; the root may be left out.
/// Nothing here ever shows the key.
public struct TLSIdentity: Hashable, Sendable {
    let chain: PEMSource
    let key: PEMSource
    let names: [String]

    /// An identity in two PEM files, which are read when it is first used.
    ///
    /// Server and client read them again when they change, for new connections.
    ///
    /// - Parameters:
    ///   - certificateChainFile: The certificates, the own one first.
    ///   - privateKeyFile: The key, not encrypted (PKCS #8, PKCS #1 or SEC 1).
    ///   - serverNames: More names that a server shows this identity for, beside those in its
    ///     certificate; `*.` in front stands for one label.
    public init(certificateChainFile: String, privateKeyFile: String, serverNames: [String] = []) {
        chain = .file(certificateChainFile)
        key = .file(privateKeyFile)
        names = serverNames
    }

    /// An identity as PEM text in memory.
    ///
    /// - Parameters:
    ///   - certificateChainPEM: The certificates, the own one first.
    ///   - privateKeyPEM: The key, not encrypted (PKCS #8, PKCS #1 or SEC 1).
    ///   - serverNames: As above.
    public init(
        certificateChainPEM: [UInt8], privateKeyPEM: [UInt8], serverNames: [String] = []
    ) {
        chain = .bytes(certificateChainPEM)
        key = .bytes(privateKeyPEM)
        names = serverNames
    }
}

extension TLSIdentity: CustomStringConvertible, CustomReflectable {
    /// Where the certificates come from; never the key.
    public var description: String { "TLSIdentity(\(chain))" }

    /// The same as the description: a dump shows no key.
    public var customMirror: Mirror { Mirror(self, children: ["chain": chain.description]) }
}

/// Where PEM text comes from.
enum PEMSource: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    case file(String)
    case bytes([UInt8])

    /// The path of the file, for memory only that it is memory.
    var description: String {
        switch self {
        case .file(let path): path
        case .bytes: "PEM in memory"
        }
    }

    var customMirror: Mirror { Mirror(self, children: ["source": description]) }
}

/// The certificate authorities that the other end's certificate must come from.
public struct TLSTrustRoots: Hashable, Sendable {
    enum Source: Hashable {
        case system
        case pem(PEMSource)
    }

    let source: Source

    /// Those that the operating system trusts.
    public static let system = TLSTrustRoots(source: .system)

    /// Those in a PEM file.
    public static func file(_ path: String) -> TLSTrustRoots {
        TLSTrustRoots(source: .pem(.file(path)))
    }

    /// Those in PEM text.
    public static func pem(_ bytes: [UInt8]) -> TLSTrustRoots {
        TLSTrustRoots(source: .pem(.bytes(bytes)))
    }
}

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

/// The authorities that the other end's certificate must come from, as they were read.
enum LoadedRoots: Sendable {
    /// Those of the operating system, which OpenSSL reads by itself.
    case system
    case certificates([X509Certificate], from: PEMSource)

    init(_ roots: TLSTrustRoots) throws(TLSConfigurationError) {
        switch roots.source {
        case .system: self = .system
        case .pem(let source): self = .certificates(try source.certificates(), from: source)
        }
    }
}

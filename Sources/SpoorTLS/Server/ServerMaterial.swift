/// All that a server's configuration names, as it was read once: enough to make contexts again
/// without its files.
struct ServerMaterial: Sendable {
    /// Whether clients show certificates, and from whom these must come.
    enum ClientCertificates {
        case none
        case requested(LoadedRoots)
        case required(LoadedRoots)
    }

    let identities: [LoadedIdentity]
    let clientCertificates: ClientCertificates
    let minimumVersion: TLSVersion

    /// Reads everything; this blocks for files.
    init(_ configuration: TLSServerConfiguration) throws(TLSConfigurationError) {
        var identities: [LoadedIdentity] = []
        for source in configuration.identities { identities.append(try LoadedIdentity(source)) }
        guard !identities.isEmpty else { throw .noIdentity }
        self.identities = identities
        clientCertificates =
            switch configuration.clientCertificates {
            case .none: .none
            case .requested(let roots): .requested(try LoadedRoots(roots))
            case .required(let roots): .required(try LoadedRoots(roots))
            }
        minimumVersion = configuration.minimumVersion
    }
}

internal import CSpoorOpenSSL

/// An identity that was read and found coherent: a chain in order, and the key of its first
/// certificate.
struct LoadedIdentity: Sendable {
    let chain: [X509Certificate]
    let key: PrivateKey
    let chainSource: PEMSource
    let keySource: PEMSource
    /// The names it is shown for, in lower case.
    let serverNames: [String]

    init(_ identity: TLSIdentity) throws(TLSConfigurationError) {
        chainSource = identity.chain
        keySource = identity.key
        chain = try chainSource.certificates()
        key = try keySource.privateKey()
        for (certificate, next) in zip(chain, chain.dropFirst()) {
            guard next.hasIssued(certificate) else {
                throw .chainOutOfOrder(
                    chainSource.description, subject: certificate.subject, next: next.subject)
            }
        }
        guard unsafe X509_check_private_key(chain[0].pointer, key.pointer) == 1 else {
            ErrorQueue.clear()
            throw .keyMismatch(
                certificate: chainSource.description, privateKey: keySource.description)
        }
        serverNames = chain[0].alternativeNames().dns + identity.names.map { $0.lowercased() }
    }
}

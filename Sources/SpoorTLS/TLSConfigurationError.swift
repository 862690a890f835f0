/// What makes a configuration unusable: which file, and what is wrong with it.
///
/// Sources are paths, or `PEM in memory`; no text holds key material.
public enum TLSConfigurationError: Error, Hashable, Sendable {
    /// A server was given no identity.
    case noIdentity
    /// A file cannot be read; the text is the system's.
    case fileUnreadable(String, reason: String)
    /// There is no certificate where one should be.
    case noCertificate(String)
    /// A certificate is there but not well-formed, or too weak; the text is OpenSSL's.
    case certificateInvalid(String, reason: String)
    /// A certificate in the chain is not the issuer of the one before it.
    case chainOutOfOrder(String, subject: String, next: String)
    /// There is no private key where one should be.
    case noPrivateKey(String)
    /// The private key is encrypted; store it decrypted, readable by the server's user only.
    case privateKeyEncrypted(String)
    /// The private key is not well-formed; the text is OpenSSL's.
    case privateKeyInvalid(String, reason: String)
    /// The private key is not the one of the first certificate.
    case keyMismatch(certificate: String, privateKey: String)
    /// OpenSSL refuses a setting or has no memory; the text is its own.
    case library(String)
}

extension TLSConfigurationError {
    /// Whether it may be gone without a change of the files themselves.
    ///
    /// No descriptors, no memory, a network that is away; all else needs other files.
    var mayPass: Bool {
        switch self {
        case .fileUnreadable, .library: true
        default: false
        }
    }
}

extension TLSConfigurationError: CustomStringConvertible {
    /// What is wrong, and where.
    public var description: String {
        switch self {
        case .noIdentity: "a TLS server needs an identity: a certificate chain and its key"
        case .fileUnreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .noCertificate(let source): "no PEM certificate in \(source)"
        case .certificateInvalid(let source, let reason):
            "unusable certificate in \(source): \(reason)"
        case .chainOutOfOrder(let source, let subject, let next):
            "the chain in \(source) is out of order: \(subject) is followed by \(next), "
                + "which has not issued it"
        case .noPrivateKey(let source): "no PEM private key in \(source)"
        case .privateKeyEncrypted(let source):
            "the private key in \(source) is encrypted; it must be stored decrypted"
        case .privateKeyInvalid(let source, let reason):
            "unusable private key in \(source): \(reason)"
        case .keyMismatch(let certificate, let key):
            "the private key in \(key) does not match the certificate in \(certificate)"
        case .library(let reason): "OpenSSL: \(reason)"
        }
    }
}

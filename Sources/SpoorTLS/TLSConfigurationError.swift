/// An error of a TLS configuration: the source, and what is wrong with it.
///
/// Sources are paths, or `PEM in memory`; no text contains key material.
public enum TLSConfigurationError: Error, Hashable, Sendable {
    /// The configuration of a server contains no identity.
    case noIdentity
    /// A file cannot be read; the reason is the system's error text.
    case fileUnreadable(String, reason: String)
    /// A source contains no certificate where one is required.
    case noCertificate(String)
    /// A certificate is malformed or too weak; the reason is OpenSSL's text.
    case certificateInvalid(String, reason: String)
    /// A certificate in the chain is not the issuer of the one before it.
    case chainOutOfOrder(String, subject: String, next: String)
    /// A source contains no private key where one is required.
    case noPrivateKey(String)
    /// The private key is encrypted; store it decrypted, readable by the server's user only.
    case privateKeyEncrypted(String)
    /// The private key is malformed; the reason is OpenSSL's text.
    case privateKeyInvalid(String, reason: String)
    /// The private key does not match the first certificate.
    case keyMismatch(certificate: String, privateKey: String)
    /// OpenSSL rejects a setting or has no memory; the text is OpenSSL's.
    case library(String)
}

extension TLSConfigurationError {
    /// Whether the error may disappear without a change of the files themselves.
    ///
    /// Examples are a lack of file descriptors or memory and an unreachable network file system.
    var isTransient: Bool {
        switch self {
        case .fileUnreadable, .library: true
        default: false
        }
    }
}

extension TLSConfigurationError: CustomStringConvertible {
    /// The problem and its source.
    public var description: String {
        switch self {
        case .noIdentity:
            "invalid TLS configuration: no identity; set a certificate chain and its private key"
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

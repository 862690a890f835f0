internal import CSpoorOpenSSL

/// A certificate authority for tests and experiments that exists only in the memory of the process.
///
/// Its keys are on the curve P-256, so that generating them costs well under a millisecond.
package final class InMemoryCertificateAuthority: Sendable {
    /// The contents of a certificate to be issued.
    package struct Certificate: Sendable {
        /// The common name of the subject.
        package var commonName: String
        package var dnsNames: [String]
        package var ipAddresses: [String]
        package var uris: [String]
        package var emailAddresses: [String]
        /// The start of the validity period, in seconds from now.
        package var startsIn: Int
        /// The end of the validity period, in seconds from now.
        package var endsIn: Int
        /// Whether the key is a 2048-bit RSA key instead of one on P-256; generating it takes a tenth of a second or
        /// more.
        package var hasRSAKey = false

        package init(
            _ commonName: String, dnsNames: [String] = [], ipAddresses: [String] = [],
            uris: [String] = [], emailAddresses: [String] = [], startsIn: Int = -3600,
            endsIn: Int = 7 * 24 * 3600
        ) {
            self.commonName = commonName
            self.dnsNames = dnsNames
            self.ipAddresses = ipAddresses
            self.uris = uris
            self.emailAddresses = emailAddresses
            self.startsIn = startsIn
            self.endsIn = endsIn
        }

        /// A certificate for this machine: `localhost`, 127.0.0.1 and ::1.
        package static var localhost: Certificate {
            Certificate(
                "localhost", dnsNames: ["localhost"], ipAddresses: ["127.0.0.1", "::1"])
        }
    }

    /// An issued certificate with its chain up to the root, and its key, both as PEM text.
    package struct Issued: Sendable {
        package let chainPEM: [UInt8]
        package let keyPEM: [UInt8]

        /// The certificate and key as an identity of a server or a client.
        package var identity: TLSIdentity {
            TLSIdentity(certificateChainPEM: chainPEM, privateKeyPEM: keyPEM)
        }
    }

    private let certificate: X509Certificate
    private let key: PrivateKey
    /// The issuers' certificates appended to an issued one: the chain to the root, without the root.
    private let issuersPEM: [UInt8]
    /// The authority's own certificate.
    package let certificatePEM: [UInt8]

    /// Creates an authority: a root, or an intermediate whose certificate is issued by `parent`.
    package init(
        _ commonName: String = "An in-memory authority",
        under parent: InMemoryCertificateAuthority? = nil
    ) throws(TLSConfigurationError) {
        key = try Self.makeKey(isRSA: false)
        let template = Certificate(commonName)
        certificate = try Self.make(
            template, for: key, issuer: parent?.certificate, signedBy: parent?.key ?? key,
            extensions: [
                (NID_basic_constraints, "critical,CA:TRUE"),
                (NID_key_usage, "critical,keyCertSign,cRLSign"),
            ])
        certificatePEM = try Self.pem(of: certificate)
        issuersPEM = parent.map { [certificatePEM] in certificatePEM + $0.issuersPEM } ?? []
    }

    /// Trust roots that contain this authority only.
    package var trustRoots: TLSTrustRoots { .pem(certificatePEM) }

    /// Generates a key and issues a certificate for it, valid for servers and clients.
    package func issue(_ template: Certificate) throws(TLSConfigurationError) -> Issued {
        let key = try Self.makeKey(isRSA: template.hasRSAKey)
        let names =
            template.dnsNames.map { "DNS:\($0)" } + template.ipAddresses.map { "IP:\($0)" }
            + template.uris.map { "URI:\($0)" } + template.emailAddresses.map { "email:\($0)" }
        var extensions = [
            (NID_basic_constraints, "critical,CA:FALSE"),
            (NID_key_usage, "critical,digitalSignature"),
            (NID_ext_key_usage, "serverAuth,clientAuth"),
        ]
        if !names.isEmpty {
            extensions.append((NID_subject_alt_name, names.joined(separator: ",")))
        }
        let issued = try Self.make(
            template, for: key, issuer: certificate, signedBy: self.key, extensions: extensions)
        return Issued(
            chainPEM: try Self.pem(of: issued) + issuersPEM, keyPEM: try Self.pem(of: key))
    }

    // MARK: OpenSSL

    private static func makeKey(isRSA: Bool) throws(TLSConfigurationError) -> PrivateKey {
        ErrorQueue.clear()
        let made = unsafe isRSA ? spoor_make_rsa_key(2048) : spoor_make_p256_key()
        guard let key = unsafe made else { throw .library(ErrorQueue.takeText()) }
        return unsafe PrivateKey(adopting: key)
    }

    private static func make(
        _ template: Certificate, for key: PrivateKey, issuer: X509Certificate?,
        signedBy issuerKey: PrivateKey, extensions: [(kind: Int32, value: String)]
    ) throws(TLSConfigurationError) -> X509Certificate {
        ErrorQueue.clear()
        guard let made = unsafe X509_new() else { throw .library(ErrorQueue.takeText()) }
        let certificate = unsafe X509Certificate(adopting: made)
        let issuer = issuer ?? certificate
        let serial = Int(UInt64.random(in: 1..<UInt64(Int.max)))
        var isMade =
            unsafe X509_set_version(made, 2) == 1
            && ASN1_INTEGER_set(X509_get_serialNumber(made), serial) == 1
            && X509_NAME_add_entry_by_txt(
                X509_get_subject_name(made), "CN", MBSTRING_UTF8, template.commonName, -1, -1, 0)
                == 1
            && X509_set_issuer_name(made, X509_get_subject_name(issuer.pointer)) == 1
            && X509_gmtime_adj(X509_getm_notBefore(made), template.startsIn) != nil
            && X509_gmtime_adj(X509_getm_notAfter(made), template.endsIn) != nil
            && X509_set_pubkey(made, key.pointer) == 1
        let identifiers = [
            (NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid"),
        ]
        for (kind, value) in identifiers + extensions {
            isMade = unsafe isMade && spoor_add_extension(made, issuer.pointer, kind, value) == 1
        }
        guard isMade, unsafe X509_sign(made, issuerKey.pointer, EVP_sha256()) > 0 else {
            throw .library(ErrorQueue.takeText())
        }
        return certificate
    }

    private static func pem(
        of certificate: X509Certificate
    ) throws(TLSConfigurationError) -> [UInt8] {
        try unsafe text { unsafe PEM_write_bio_X509($0, certificate.pointer) }
    }

    private static func pem(of key: PrivateKey) throws(TLSConfigurationError) -> [UInt8] {
        try unsafe text {
            unsafe PEM_write_bio_PrivateKey($0, key.pointer, nil, nil, 0, nil, nil)
        }
    }

    private static func text(
        _ write: (OpaquePointer) -> Int32
    ) throws(TLSConfigurationError) -> [UInt8] {
        guard let memory = unsafe BIO_new(BIO_s_mem()) else {
            throw .library(ErrorQueue.takeText())
        }
        defer { unsafe BIO_free_all(memory) }
        guard unsafe write(memory) == 1 else { throw .library(ErrorQueue.takeText()) }
        var bytes: UnsafeMutablePointer<CChar>?
        let count = unsafe spoor_bio_memory(memory, &bytes)
        return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }
}

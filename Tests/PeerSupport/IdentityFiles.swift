import FoundationEssentials
package import SpoorTLS

/// A server's or client's identity in two files that can be replaced.
package struct IdentityFiles {
    /// The authority of the first certificate.
    package let authority: InMemoryCertificateAuthority
    private let folder: String

    /// Creates the files in a new folder, with a certificate of a new authority.
    package init(commonName: String) throws {
        try self.init(InMemoryCertificateAuthority(), commonName: commonName)
    }

    /// Creates the files in a new folder, with a certificate of `authority`.
    package init(_ authority: InMemoryCertificateAuthority, commonName: String) throws {
        self.authority = authority
        let name = "spoor-tls-\(UInt64.random(in: 0...(.max)))"
        folder = FileManager.default.temporaryDirectory.path + "/" + name
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        try write(commonName: commonName)
    }

    package var chainFile: String { folder + "/chain.pem" }
    package var keyFile: String { folder + "/key.pem" }

    package var configuration: TLSServerConfiguration {
        TLSServerConfiguration(certificateChainFile: chainFile, privateKeyFile: keyFile)
    }

    package var clientConfiguration: TLSClientConfiguration {
        TLSClientConfiguration(
            identity: TLSIdentity(certificateChainFile: chainFile, privateKeyFile: keyFile))
    }

    /// Replaces both files, with a certificate of the first authority or of another one.
    package func write(commonName: String, by other: InMemoryCertificateAuthority? = nil) throws {
        var certificate = InMemoryCertificateAuthority.Certificate.localhost
        certificate.commonName = commonName
        let issued = try (other ?? authority).issue(certificate)
        try Data(issued.chainPEM).write(to: URL(filePath: chainFile))
        try Data(issued.keyPEM).write(to: URL(filePath: keyFile))
    }

    /// Replaces the key by one that does not belong to the certificate.
    package func writeKeyOfAnother() throws {
        let issued = try authority.issue(.localhost)
        try Data(issued.keyPEM).write(to: URL(filePath: keyFile))
    }

    package func removeKey() throws {
        try FileManager.default.removeItem(atPath: keyFile)
    }

    /// Sets old modification times, as tools do that preserve the dates of copied files.
    package func makeOld() throws {
        for path in [chainFile, keyFile] {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_000_000)], ofItemAtPath: path)
        }
    }

    /// Removes the folder.
    package func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }
}

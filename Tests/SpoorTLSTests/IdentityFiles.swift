import FoundationEssentials

@testable import SpoorTLS

/// An identity in two files that can be replaced.
struct IdentityFiles {
    let authority: ThrowAwayAuthority
    private let folder: String

    init(commonName: String) throws {
        authority = try ThrowAwayAuthority()
        folder =
            FileManager.default.temporaryDirectory.path
            + "/spoor-tls-\(UInt64.random(in: 0...(.max)))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        try write(commonName: commonName)
    }

    var configuration: TLSServerConfiguration {
        TLSServerConfiguration(
            certificateChainFile: folder + "/chain.pem", privateKeyFile: folder + "/key.pem")
    }

    var clientConfiguration: TLSClientConfiguration {
        TLSClientConfiguration(
            identity: TLSIdentity(
                certificateChainFile: folder + "/chain.pem", privateKeyFile: folder + "/key.pem"))
    }

    /// The time of the last change of one of the files, in seconds since the Unix epoch.
    var changedAt: Int64? { FileStamp(of: folder + "/key.pem")?.changedAt }

    func write(commonName: String) throws {
        var certificate = ThrowAwayAuthority.Certificate.localhost
        certificate.commonName = commonName
        let issued = try authority.issue(certificate)
        try Data(issued.chainPEM).write(to: URL(filePath: folder + "/chain.pem"))
        try Data(issued.keyPEM).write(to: URL(filePath: folder + "/key.pem"))
    }

    func writeKeyOfAnother() throws {
        let issued = try authority.issue(.localhost)
        try Data(issued.keyPEM).write(to: URL(filePath: folder + "/key.pem"))
    }

    func removeKey() throws {
        try FileManager.default.removeItem(atPath: folder + "/key.pem")
    }

    /// Sets old modification times, as tools do that preserve the dates of copied files.
    func makeOld() throws {
        for name in ["chain.pem", "key.pem"] {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_000_000)],
                ofItemAtPath: folder + "/" + name)
        }
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }
}

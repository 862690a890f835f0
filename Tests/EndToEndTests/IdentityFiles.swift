import FoundationEssentials
import SpoorTLS

/// An identity in two files that can be replaced.
struct IdentityFiles {
    private let folder: String

    init(_ authority: ThrowAwayAuthority, commonName: String) throws {
        let name = "spoor-tls-\(UInt64.random(in: 0...(.max)))"
        folder = FileManager.default.temporaryDirectory.path + "/" + name
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        try write(commonName: commonName, by: authority)
    }

    var configuration: TLSServerConfiguration {
        TLSServerConfiguration(
            certificateChainFile: folder + "/chain.pem", privateKeyFile: folder + "/key.pem")
    }

    func write(commonName: String, by authority: ThrowAwayAuthority) throws {
        var certificate = ThrowAwayAuthority.Certificate.localhost
        certificate.commonName = commonName
        let issued = try authority.issue(certificate)
        try Data(issued.chainPEM).write(to: URL(filePath: folder + "/chain.pem"))
        try Data(issued.keyPEM).write(to: URL(filePath: folder + "/key.pem"))
    }

    func removeKey() throws {
        try FileManager.default.removeItem(atPath: folder + "/key.pem")
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }
}

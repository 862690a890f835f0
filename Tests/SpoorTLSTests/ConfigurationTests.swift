import FoundationEssentials
import SpoorHTTP
import SpoorNetworking
import Synchronization
import Testing

@testable import SpoorTLS

@Suite(.timeLimit(.minutes(10))) struct ConfigurationTests {
    // MARK: Errors

    @Test func `a server needs an identity`() {
        #expect(throws: TLSConfigurationError.noIdentity) {
            try TLSServer(TLSServerConfiguration(identities: []))
        }
    }

    @Test func `a missing file is named`() throws {
        let error = #expect(throws: TLSConfigurationError.self) {
            try TLSServer(
                TLSServerConfiguration(
                    certificateChainFile: "/nowhere/chain.pem",
                    privateKeyFile: "/nowhere/key.pem"))
        }
        #expect(error?.description.contains("/nowhere/chain.pem: No such file") == true)
    }

    @Test func `a folder is no file`() throws {
        let error = #expect(throws: TLSConfigurationError.self) {
            try TLSServer(
                TLSServerConfiguration(certificateChainFile: "/", privateKeyFile: "/"))
        }
        #expect(error?.description.contains("directory") == true)
    }

    @Test(arguments: ["", "no PEM at all", "-----BEGIN"])
    func `a chain without certificates is refused`(text: String) throws {
        let key = try ThrowAwayAuthority().issue(.localhost).keyPEM
        #expect(throws: TLSConfigurationError.noCertificate("PEM in memory")) {
            try server(chain: Array(text.utf8), key: key)
        }
    }

    @Test func `a mangled certificate is refused`() throws {
        let issued = try ThrowAwayAuthority().issue(.localhost)
        var chain = issued.chainPEM
        for index in 60..<64 { chain[index] = UInt8(ascii: "A") }
        let error = #expect(throws: TLSConfigurationError.self) {
            try server(chain: chain, key: issued.keyPEM)
        }
        guard case .certificateInvalid = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: ["", "no PEM at all"])
    func `a missing key is refused`(text: String) throws {
        let chain = try ThrowAwayAuthority().issue(.localhost).chainPEM
        #expect(throws: TLSConfigurationError.noPrivateKey("PEM in memory")) {
            try server(chain: chain, key: Array(text.utf8))
        }
    }

    @Test func `a mangled key is refused, and not shown`() throws {
        let issued = try ThrowAwayAuthority().issue(.localhost)
        var key = issued.keyPEM
        for index in 40..<60 { key[index] = UInt8(ascii: "A") }
        let error = #expect(throws: TLSConfigurationError.self) {
            try server(chain: issued.chainPEM, key: key)
        }
        guard case .privateKeyInvalid = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `an encrypted key is refused without a question`() throws {
        let chain = try ThrowAwayAuthority().issue(.localhost).chainPEM
        let key = """
            -----BEGIN RSA PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-128-CBC,000102030405060708090A0B0C0D0E0F

            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
            -----END RSA PRIVATE KEY-----

            """
        #expect(throws: TLSConfigurationError.privateKeyEncrypted("PEM in memory")) {
            try server(chain: chain, key: Array(key.utf8))
        }
    }

    @Test func `a key of another certificate is refused`() throws {
        let authority = try ThrowAwayAuthority()
        let (one, two) = (try authority.issue(.localhost), try authority.issue(.localhost))
        #expect(
            throws: TLSConfigurationError.keyMismatch(
                certificate: "PEM in memory", privateKey: "PEM in memory")
        ) {
            try server(chain: one.chainPEM, key: two.keyPEM)
        }
    }

    @Test func `a chain in the wrong order is refused`() throws {
        let root = try ThrowAwayAuthority("A root")
        let middle = try ThrowAwayAuthority("Between", under: root)
        let issued = try root.issue(.localhost)
        #expect(
            throws: TLSConfigurationError.chainOutOfOrder(
                "PEM in memory", subject: "CN=localhost", next: "CN=Between")
        ) {
            try server(chain: issued.chainPEM + middle.certificatePEM, key: issued.keyPEM)
        }
    }

    @Test func `trust without roots is refused`() throws {
        #expect(throws: TLSConfigurationError.noCertificate("PEM in memory")) {
            try TLSClient(TLSClientConfiguration(trustRoots: .pem([])))
        }
    }

    @Test func `nothing shows the key`() throws {
        let issued = try ThrowAwayAuthority().issue(.localhost)
        let configuration = TLSServerConfiguration(identities: [issued.identity])
        let client = TLSClientConfiguration(identity: issued.identity)
        var shown = "\(configuration) \(String(reflecting: configuration)) \(client)"
        dump(configuration, to: &shown)
        dump(client, to: &shown)
        shown += "\(issued.identity) \(String(reflecting: issued.identity))"
        #expect(!shown.contains("PRIVATE KEY"))
        #expect(!shown.contains("45, 45, 45"))
        #expect(shown.contains("PEM in memory"))
    }

    // MARK: Reloading

    @Test func `a reload is for new connections`() async throws {
        let files = try IdentityFiles(commonName: "old")
        defer { files.remove() }
        let server = try TLSServer(files.configuration)
        let client = try TLSClient(TLSClientConfiguration(trustRoots: files.authority.trustRoots))
        try await withSocketPair { far, near in
            let old = try await shakeHands(far, near, server: server, client: client)
            try files.write(commonName: "new")
            try server.reload()
            try await withSocketPair { far, near in
                let new = try await shakeHands(far, near, server: server, client: client)
                #expect(try new.client.get().info.peerCertificate?.subject == "CN=new")
            }
            let stream = try old.server.get()
            try await stream.write([1])
            #expect(try await old.client.get().read(count: 1) == [1])
        }
    }

    @Test func `a failed reload leaves everything as it was`() throws {
        let files = try IdentityFiles(commonName: "old")
        defer { files.remove() }
        let server = try TLSServer(files.configuration)
        let failures = Mutex(0)
        server.observeReloads { outcome in
            if case .failed = outcome { failures.withLock { $0 += 1 } }
        }
        try files.writeKeyOfAnother()
        #expect(throws: TLSConfigurationError.self) { try server.reload() }
        #expect(failures.withLock { $0 } == 1)
        #expect(server.certificates.map(\.subject) == ["CN=old"])
        try files.write(commonName: "new")
        try server.reload()
        #expect(server.certificates.map(\.subject) == ["CN=new"])
    }

    @Test func `changed files are found by a handshake`() async throws {
        let files = try IdentityFiles(commonName: "old")
        defer { files.remove() }
        var configuration = files.configuration
        configuration.reloadInterval = .nanoseconds(1)
        let server = try TLSServer(configuration)
        let (reloads, told) = AsyncStream.makeStream(of: [String].self)
        server.observeReloads { outcome in
            if case .reloaded(let certificates) = outcome {
                told.yield(certificates.map(\.subject))
            }
        }
        try files.write(commonName: "new")
        _ = server.contexts(at: .never)
        for await subjects in reloads {
            #expect(subjects == ["CN=new"])
            break
        }
        #expect(server.certificates.map(\.subject) == ["CN=new"])
    }

    private func server(chain: [UInt8], key: [UInt8]) throws {
        _ = try TLSServer(
            TLSServerConfiguration(
                identities: [TLSIdentity(certificateChainPEM: chain, privateKeyPEM: key)]))
    }
}

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

    func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }
}

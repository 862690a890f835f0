import TestSupport
import Testing

@testable import SpoorTLS

@Suite(.finishes(within: .seconds(60))) struct ConfigurationTests {
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

    @Test func `a folder is not a file`() throws {
        let error = #expect(throws: TLSConfigurationError.self) {
            try TLSServer(
                TLSServerConfiguration(certificateChainFile: "/", privateKeyFile: "/"))
        }
        #expect(error?.description.contains("directory") == true)
    }

    @Test(arguments: ["", "no PEM at all", "-----BEGIN"])
    func `a chain without certificates is rejected`(text: String) throws {
        let key = try InMemoryCertificateAuthority().issue(.localhost).keyPEM
        #expect(throws: TLSConfigurationError.noCertificate("PEM in memory")) {
            try server(chain: Array(text.utf8), key: key)
        }
    }

    @Test func `a malformed certificate is rejected`() throws {
        let issued = try InMemoryCertificateAuthority().issue(.localhost)
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
    func `a missing key is rejected`(text: String) throws {
        let chain = try InMemoryCertificateAuthority().issue(.localhost).chainPEM
        #expect(throws: TLSConfigurationError.noPrivateKey("PEM in memory")) {
            try server(chain: chain, key: Array(text.utf8))
        }
    }

    @Test func `a malformed key is rejected, and not shown`() throws {
        let issued = try InMemoryCertificateAuthority().issue(.localhost)
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

    @Test func `an encrypted key is rejected without a prompt`() throws {
        let chain = try InMemoryCertificateAuthority().issue(.localhost).chainPEM
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

    @Test func `a key of another certificate is rejected`() throws {
        let authority = try InMemoryCertificateAuthority()
        let (one, two) = (try authority.issue(.localhost), try authority.issue(.localhost))
        #expect(
            throws: TLSConfigurationError.keyMismatch(
                certificate: "PEM in memory", privateKey: "PEM in memory")
        ) {
            try server(chain: one.chainPEM, key: two.keyPEM)
        }
    }

    @Test func `a chain in the wrong order is rejected`() throws {
        let root = try InMemoryCertificateAuthority("A root")
        let middle = try InMemoryCertificateAuthority("Between", under: root)
        let issued = try root.issue(.localhost)
        #expect(
            throws: TLSConfigurationError.chainOutOfOrder(
                "PEM in memory", subject: "CN=localhost", next: "CN=Between")
        ) {
            try server(chain: issued.chainPEM + middle.certificatePEM, key: issued.keyPEM)
        }
    }

    @Test func `trust without roots is rejected`() throws {
        #expect(throws: TLSConfigurationError.noCertificate("PEM in memory")) {
            try TLSClient(TLSClientConfiguration(trustRoots: .pem([])))
        }
    }

    @Test func `descriptions do not contain the private key`() throws {
        let issued = try InMemoryCertificateAuthority().issue(.localhost)
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

    private func server(chain: [UInt8], key: [UInt8]) throws {
        _ = try TLSServer(
            TLSServerConfiguration(
                identities: [TLSIdentity(certificateChainPEM: chain, privateKeyPEM: key)]))
    }
}

import PeerSupport
import SpoorHTTP
import SpoorNetworking
import TestSupport
import Testing

@testable import SpoorTLS

@Suite(.finishes(within: .seconds(60))) struct HandshakeTests {
    // MARK: Names

    @Test(arguments: [
        ("one.example", "one.example"), ("ONE.example", "one.example"),
        ("a.two.example", "*.two.example"), ("also.example", "*.two.example"),
    ])
    func `presents the certificate of the requested name`(
        asked: String, shown: String
    ) async throws {
        var trust = try Trust()
        let one = try trust.authority.issue(.init("one", dnsNames: ["one.example"]))
        let two = try trust.authority.issue(
            .init("two", dnsNames: ["*.two.example", "also.example"]))
        trust.server.identities += [one.identity, two.identity]
        try await withTLSPair(trust, host: asked) { _, client in
            #expect(client.info.peerCertificate?.dnsNames.contains(shown) == true)
        }
    }

    @Test(arguments: ["unknown.example", "two.example", "a.b.two.example", ".two.example"])
    func `presents the first certificate for other names`(asked: String) async throws {
        var trust = try Trust()
        let two = try trust.authority.issue(.init("two", dnsNames: ["*.two.example"]))
        trust.server.identities.append(two.identity)
        trust.client.certificateVerification = .none
        try await withTLSPair(trust, host: asked) { _, client in
            #expect(client.info.peerCertificate?.dnsNames == ["localhost"])
        }
    }

    @Test func `presents the first certificate to clients that send no name`() async throws {
        try await withTLSPair(try Trust(), host: "127.0.0.1") { server, client in
            #expect(server.info.serverName == nil)
            #expect(client.info.peerCertificate?.ipAddresses == ["127.0.0.1", "::1"])
        }
    }

    // MARK: What a client rejects

    @Test func `a client rejects a certificate for another host`() async throws {
        let outcome = try await handshakes(try Trust(), host: "elsewhere.example")
        #expect(outcome.client.cause == .certificateNameMismatch)
        #expect(outcome.server.cause == .rejectedByPeer)
    }

    @Test func `a client does not accept the common name as a name of the host`() async throws {
        let outcome = try await handshakes(try Trust(.init("localhost")))
        #expect(outcome.client.cause == .certificateNameMismatch)
    }

    @Test func `a client rejects a certificate for another address`() async throws {
        let outcome = try await handshakes(try Trust(), host: "127.0.0.2")
        #expect(outcome.client.cause == .certificateNameMismatch)
    }

    @Test func `a client rejects a root that it does not trust`() async throws {
        var trust = try Trust()
        trust.client.trustRoots = try InMemoryCertificateAuthority("Another").trustRoots
        let outcome = try await handshakes(trust)
        #expect(outcome.client.cause == .certificateUntrusted)
    }

    @Test func `a client with the system's roots rejects a private root`() async throws {
        var trust = try Trust()
        trust.client.trustRoots = .system
        let outcome = try await handshakes(trust)
        #expect(outcome.client.cause == .certificateUntrusted)
    }

    @Test(arguments: [(-7200, -3600), (3600, 7200)])
    func `a client rejects a certificate that is not valid now`(
        from: Int, until: Int
    ) async throws {
        var certificate = InMemoryCertificateAuthority.Certificate.localhost
        (certificate.startsIn, certificate.endsIn) = (from, until)
        let outcome = try await handshakes(try Trust(certificate))
        #expect(outcome.client.cause == .certificateExpired)
    }

    @Test func `a client follows a chain to its root`() async throws {
        let root = try InMemoryCertificateAuthority("A root")
        let middle = try InMemoryCertificateAuthority("Between", under: root)
        var trust = try Trust()
        trust.server.identities = [try middle.issue(.localhost).identity]
        trust.client.trustRoots = root.trustRoots
        try await withTLSPair(trust) { _, client in
            #expect(client.info.peerCertificate?.issuer == "CN=Between")
        }
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `a client rejects another protocol over TLS`(version: TLSVersion) async throws {
        var trust = try Trust()
        trust.client.maximumVersion = version
        trust.client.applicationProtocols = ["h2", "spdy/3"]
        let outcome = try await handshakes(trust)
        #expect(outcome.server.cause == .applicationProtocol)
        #expect(outcome.client.cause == .applicationProtocol)
    }

    @Test(arguments: [
        (["h2", "http/1.1"], "http/1.1"), (["http/1.0"], "http/1.0"),
        (["http/1.0", "http/1.1"], "http/1.1"),
    ])
    func `an offer of several protocols selects the supported one`(
        offer: [String], chosen: String
    ) async throws {
        var trust = try Trust()
        trust.client.applicationProtocols = offer
        try await withTLSPair(trust) { server, _ in
            #expect(server.info.applicationProtocol == chosen)
        }
    }

    @Test func `a client that offers no protocols is accepted`() async throws {
        var trust = try Trust()
        trust.client.applicationProtocols = []
        try await withTLSPair(trust) { server, _ in
            #expect(server.info.applicationProtocol == nil)
        }
    }

    @Test func `versions without overlap are reported`() async throws {
        var trust = try Trust()
        trust.server.minimumVersion = .tls13
        trust.client.maximumVersion = .tls12
        let outcome = try await handshakes(trust)
        #expect(outcome.server.cause == .version)
        #expect(outcome.client.cause == .version)
    }

    @Test func `an RSA key serves as well`() async throws {
        var certificate = InMemoryCertificateAuthority.Certificate.localhost
        certificate.hasRSAKey = true
        for version in [TLSVersion.tls12, .tls13] {
            var trust = try Trust(certificate)
            trust.client.maximumVersion = version
            try await withTLSPair(trust) { _, client in
                #expect(client.info.peerCertificate?.subject == "CN=localhost")
            }
        }
    }

    // MARK: Client certificates

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `a required certificate identifies the client`(version: TLSVersion) async throws {
        var trust = try Trust()
        trust.client.maximumVersion = version
        trust.server.clientCertificates = .required(trust.authority.trustRoots)
        let issued = try trust.authority.issue(
            .init(
                "Zoë", dnsNames: ["Client.example"], ipAddresses: ["192.0.2.1", "2001:db8::1"],
                uris: ["spiffe://example/client"], emailAddresses: ["zoe@example.org"]))
        trust.client.identity = issued.identity
        try await withTLSPair(trust) { server, _ in
            let certificate = try #require(server.info.peerCertificate)
            #expect(certificate.subject == "CN=Zoë")
            #expect(certificate.issuer == "CN=An in-memory authority")
            #expect(certificate.dnsNames == ["client.example"])
            #expect(certificate.ipAddresses == ["192.0.2.1", "2001:db8::1"])
            #expect(certificate.uris == ["spiffe://example/client"])
            #expect(certificate.emailAddresses == ["zoe@example.org"])
            #expect(certificate.fingerprint.count == 64)
            #expect(!certificate.serialNumber.isEmpty)
            #expect(certificate.derBytes.first == 0x30)
            #expect(certificate.notAfter - certificate.notBefore == 3600 + 7 * 24 * 3600)
        }
    }

    @Test func `a required certificate that is missing is reported`() async throws {
        var trust = try Trust()
        trust.server.clientCertificates = .required(trust.authority.trustRoots)
        let outcome = try await handshakes(trust)
        #expect(outcome.server.cause == .certificateMissing)
    }

    @Test func `a requested certificate may be missing`() async throws {
        var trust = try Trust()
        trust.server.clientCertificates = .requested(trust.authority.trustRoots)
        try await withTLSPair(trust) { server, _ in
            #expect(server.info.peerCertificate == nil)
        }
    }

    @Test func `a certificate of another authority is rejected, required or requested`()
        async throws
    {
        var trust = try Trust()
        trust.client.identity = try InMemoryCertificateAuthority("Another").issue(.init("x"))
            .identity
        trust.server.clientCertificates = .requested(trust.authority.trustRoots)
        #expect(try await handshakes(trust).server.cause == .certificateUntrusted)
        trust.server.clientCertificates = .required(trust.authority.trustRoots)
        #expect(try await handshakes(trust).server.cause == .certificateUntrusted)
    }

    // MARK: Resumption

    @Test(arguments: [TLSVersion.tls12, .tls13], [false, true])
    func `a second connection resumes the first`(
        version: TLSVersion, isMutual: Bool
    ) async throws {
        var trust = try Trust()
        trust.client.maximumVersion = version
        if isMutual {
            trust.server.clientCertificates = .required(trust.authority.trustRoots)
            trust.client.identity = try trust.authority.issue(.init("client")).identity
        }
        let server = try TLSServer(trust.server)
        let client = try TLSClient(trust.client)
        let session = try await session(of: client, with: server)
        try await withSocketPair { far, near in
            let second = try await performHandshakes(
                far, near, server: server, client: client, resuming: session)
            let info = try second.server.get().info
            #expect(info.isResumed)
            #expect(try second.client.get().info.isResumed)
            #expect(info.peerCertificate?.subject == (isMutual ? "CN=client" : nil))
        }
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `a session of one identity is not resumed under another`(
        version: TLSVersion
    ) async throws {
        var trust = try Trust()
        trust.client.maximumVersion = version
        trust.server.clientCertificates = .required(trust.authority.trustRoots)
        trust.client.identity = try trust.authority.issue(.init("before")).identity
        let server = try TLSServer(trust.server)
        let session = try await session(of: TLSClient(trust.client), with: server)
        trust.client.identity = try trust.authority.issue(.init("after")).identity
        let changed = try TLSClient(trust.client)
        try await withSocketPair { far, near in
            let second = try await performHandshakes(
                far, near, server: server, client: changed, resuming: session)
            let info = try second.server.get().info
            #expect(!info.isResumed)
            #expect(info.peerCertificate?.subject == "CN=after")
        }
    }

    @Test func `a session with a server that is no longer trusted is not resumed`() async throws {
        var trust = try Trust()
        let server = try TLSServer(trust.server)
        let session = try await session(of: TLSClient(trust.client), with: server)
        trust.client.trustRoots = try InMemoryCertificateAuthority().trustRoots
        let changed = try TLSClient(trust.client)
        try await withSocketPair { far, near in
            let second = try await performHandshakes(
                far, near, server: server, client: changed, resuming: session)
            #expect(second.client.cause == .certificateUntrusted)
        }
    }

    /// Returns the session that a connection leaves for resumption.
    private func session(of client: TLSClient, with server: TLSServer) async throws -> TLSSession {
        let session = try await withSocketPair { far, near in
            let ends = try await performHandshakes(far, near, server: server, client: client)
            let (accepted, dialled) = (try ends.server.get(), try ends.client.get())
            // The tickets arrive with the first bytes.
            try await accepted.write([1])
            _ = try await dialled.read(count: 1)
            accepted.close()
            defer { dialled.close() }
            return dialled.session
        }
        return try #require(session)
    }

    // MARK: Peers that do not speak TLS

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST /echo HTTP/1.1\r\n\r\n"])
    func `plain HTTP is recognized`(text: String) async throws {
        #expect(try await causeAfter(sending: Array(text.utf8)) == .plainHTTP)
    }

    @Test(arguments: [
        [UInt8](repeating: 0xFF, count: 100), Array("SSH-2.0-OpenSSH_9.2\r\n".utf8),
        // A record whose length is above the maximum.
        [22, 3, 1, 0xFF, 0xFF] + [UInt8](repeating: 1, count: 100),
        // A malformed ClientHello.
        [22, 3, 1, 0, 8, 1, 0, 0, 4, 9, 9, 9, 9],
    ])
    func `malformed bytes are rejected`(bytes: [UInt8]) async throws {
        let cause = try await causeAfter(sending: bytes)
        #expect(cause == .malformed || cause == .version)
    }

    @Test(arguments: [[], [22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]] as [[UInt8]])
    func `a peer that closes early is reported as closed`(bytes: [UInt8]) async throws {
        #expect(try await causeAfter(sending: bytes) == .peerClosed)
    }

    @Test(arguments: [[], [22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]] as [[UInt8]])
    func `a silent peer times out`(bytes: [UInt8]) async throws {
        let server = try TLSServer(try Trust().server)
        try await withSocketPair { far, near in
            try await near.write(bytes)
            let stream = try TLSStream(accepting: far, by: server)
            let error = await #expect(throws: TLSHandshakeError.self) {
                try await stream.handshake(until: .now().advanced(by: .milliseconds(50)))
            }
            #expect(error?.cause == .timedOut)
        }
    }

    @Test func `a ClientHello that arrives byte by byte is accepted`() async throws {
        let trust = try Trust()
        let (server, client) = (try TLSServer(trust.server), try TLSClient(trust.client))
        try await withSocketPair { far, near in
            let stream = try TLSStream(accepting: far, by: server)
            let hello = try await capturedHello(of: client)
            async let outcome = failure { try await stream.handshake(until: .never) }
            for byte in hello {
                try await near.write([byte])
                await Task.yield()
            }
            // The server's flight begins with a handshake record.
            #expect(try await near.readSome().first == 22)
            near.close()
            #expect(await outcome is TLSHandshakeError)
        }
    }

    /// Returns the server's error for a peer that sends these bytes and closes.
    private func causeAfter(sending bytes: [UInt8]) async throws -> TLSHandshakeError.Cause? {
        let server = try TLSServer(try Trust().server)
        return try await withSocketPair { far, near in
            try await near.write(bytes)
            try near.shutdownWrite()
            let stream = try TLSStream(accepting: far, by: server)
            do {
                try await stream.handshake(until: .never)
                return nil
            } catch let error as TLSHandshakeError {
                return error.cause
            }
        }
    }

    /// Returns the first bytes that a client sends.
    @concurrent private func capturedHello(of client: TLSClient) async throws -> [UInt8] {
        try await withSocketPair { far, near in
            let stream = try TLSStream(connectingTo: "localhost", over: near, by: client)
            _ = stream.connection.handshake()
            return try await far.readSome()
        }
    }
}

extension Result where Success == TLSStream, Failure == TLSHandshakeError {
    /// The cause of the failure; nil if there is none.
    var cause: TLSHandshakeError.Cause? {
        if case .failure(let error) = self { error.cause } else { nil }
    }
}

import Logging
import Spoor
import SpoorTLS
import PeerSupport
import SpoorTesting
import TestSupport
import Testing

/// HTTPS, end to end over loopback: our client, our server, certificates of a moment.
@Suite(.finishes(within: .seconds(60))) struct SecureExchangeTests {
    private let authority: InMemoryCertificateAuthority
    private let routes: Router

    init() throws {
        authority = try InMemoryCertificateAuthority()
        var routes = Router()
        routes.get("/") { exchange in exchange.connection.tls.map { "\($0)" } ?? "plain" }
        routes.get("/client") { exchange in
            exchange.connection.tls?.peerCertificate?.uris.first ?? "nobody"
        }
        routes.get("/resumed") { exchange in
            "\(exchange.connection.tls?.isResumed ?? false)"
        }
        routes.post("/sum") { exchange in
            var sum = Checksum()
            while let piece = try await exchange.body.next() { sum.add(piece) }
            return sum.text
        }
        routes.stream(.get, "/stream") { exchange in
            for piece in Self.pieces { try await exchange.response.write(piece) }
        }
        self.routes = routes
    }

    /// 6 MB in pieces that are not as long as records.
    private static let pieces = (0..<60).map { [UInt8](repeating: $0, count: 100_003) }

    private func serverTLS(
        _ clientCertificates: TLSServerConfiguration.ClientCertificates = .none
    ) throws -> TLSServerConfiguration {
        TLSServerConfiguration(
            identities: [try authority.issue(.localhost).identity],
            clientCertificates: clientCertificates)
    }

    private func client(
        _ identity: TLSIdentity? = nil, loops: EventLoopGroup = .shared
    ) -> HTTPClient {
        var limits = ClientLimits()
        // A busy machine must not be taken for a server that hangs.
        for timeout in [
            \ClientLimits.connectTimeout, \.readTimeout, \.requestTimeout, \.idleTimeout,
        ] {
            limits[keyPath: timeout] = .seconds(600)
        }
        return HTTPClient(
            limits: limits,
            tls: TLSClientConfiguration(trustRoots: authority.trustRoots, identity: identity),
            loops: loops)
    }

    private func withSecureServer<Result>(
        _ tls: TLSServerConfiguration, limits: ServerLimits = ServerLimits(),
        _ body: (_ url: String, SocketAddress, HTTPServer) async throws -> Result
    ) async throws -> Result {
        try await withServer(
            at: .loopback(port: 0).tls(tls), handler: routes, limits: limits
        ) { address, server in
            try await body("https://\(address)", address, server)
        }
    }

    // MARK: Exchanges

    @Test func `a request over TLS has the TLS session`() async throws {
        // Each event loop has its own idle connections.
        let group = try EventLoopGroup(loopCount: 1)
        try await withSecureServer(serverTLS()) { url, _, _ in
            let client = client(loops: group)
            let response = try await client.execute(HTTPClientRequest(.get, url + "/"))
            #expect(response.text == "TLSv1.3 TLS_AES_128_GCM_SHA256")
            let second = try await client.execute(HTTPClientRequest(.get, url + "/"))
            #expect(second.text == response.text)
            #expect(client.counters.connectionsReused == 1)
            await client.shutdown()
        }
        await group.shutdown()
    }

    @Test func `bodies are streamed both ways`() async throws {
        try await withSecureServer(serverTLS()) { url, _, _ in
            let client = client()
            var expected = Checksum()
            for piece in Self.pieces { expected.add(piece) }
            var upload = HTTPClientRequest(.post, url + "/sum")
            upload.body = .bytes(Self.pieces.flatMap { $0 })
            #expect(try await client.execute(upload).text == expected.text)
            let download = HTTPClientRequest(.get, url + "/stream")
            let received = try await client.withResponse(to: download) { response in
                var received = Checksum()
                while let piece = try await response.next() { received.add(piece) }
                return received.text
            }
            #expect(received == expected.text)
            await client.shutdown()
        }
    }

    @Test func `concurrent clients`() async throws {
        try await withSecureServer(serverTLS()) { url, _, _ in
            let client = client()
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await client.execute(HTTPClientRequest(.get, url + "/")).text
                    }
                }
                for try await text in group { #expect(text.hasPrefix("TLSv1.3")) }
            }
            await client.shutdown()
        }
    }

    @Test func `a client's certificate is on its requests`() async throws {
        let identity = try authority.issue(.init("Zoë", uris: ["spiffe://example/zoe"])).identity
        try await withSecureServer(serverTLS(.required(authority.trustRoots))) { url, _, _ in
            let known = client(identity)
            let response = try await known.execute(HTTPClientRequest(.get, url + "/client"))
            #expect(response.text == "spiffe://example/zoe")
            await known.shutdown()
            let unknown = client()
            await #expect(throws: ClientError.self) {
                try await unknown.execute(HTTPClientRequest(.get, url + "/client"))
            }
            await unknown.shutdown()
        }
    }

    @Test func `the next connection resumes the session of the last`() async throws {
        try await withSecureServer(serverTLS()) { url, _, _ in
            let client = client()
            try await EventLoopGroup.shared.next().run {
                let first = try await client.execute(HTTPClientRequest(.get, url + "/resumed"))
                #expect(first.text == "false")
                var closing = HTTPClientRequest(.get, url + "/resumed")
                closing.headers[.connection] = "close"
                _ = try await client.execute(closing)
                let next = try await client.execute(HTTPClientRequest(.get, url + "/resumed"))
                #expect(next.text == "true")
            }
            await client.shutdown()
        }
    }

    @Test func `an exchange in flight outlives the beginning of a drain`() async throws {
        let entered = Gate()
        let gate = Gate()
        var routes = Router()
        routes.get("/slow") { _ in
            entered.open()
            try await gate.wait()
            return "done"
        }
        let client = client()
        let tls = try serverTLS()
        try await withServer(at: .loopback(port: 0).tls(tls), handler: routes) {
            address, server in
            async let response = client.execute(HTTPClientRequest(.get, "https://\(address)/slow"))
            try await entered.wait()
            server.triggerGracefulShutdown()
            gate.open()
            let text = try await response.text
            #expect(text == "done")
        }
        await client.shutdown()
    }

    // MARK: Servers that clients reject

    @Test func `a client reports why it does not trust a server`() async throws {
        let tls = try serverTLS()
        try await withSecureServer(tls) { url, address, _ in
            let stranger = HTTPClient(
                tls: TLSClientConfiguration(
                    trustRoots: try InMemoryCertificateAuthority().trustRoots))
            let cause1 = try await cause(of: stranger, url)
            #expect(cause1 == .certificateUntrusted)
            let client = client()
            let other = "https://127.0.0.2:\(address.port ?? 0)"
            await #expect(throws: ClientError.self) {
                try await client.execute(HTTPClientRequest(.get, other))
            }
            let unusable = HTTPClient(
                tls: TLSClientConfiguration(trustRoots: .file("/nowhere/roots.pem")))
            let error = await #expect(throws: ClientError.self) {
                try await unusable.execute(HTTPClientRequest(.get, url))
            }
            #expect(error?.description.contains("/nowhere/roots.pem") == true)
            for each in [stranger, client, unusable] { await each.shutdown() }
        }
    }

    @Test func `a client rejects an expired certificate, and one for another host`()
        async throws
    {
        var expired = InMemoryCertificateAuthority.Certificate.localhost
        (expired.startsIn, expired.endsIn) = (-7200, -3600)
        let other = InMemoryCertificateAuthority.Certificate("other", dnsNames: ["other.example"])
        let cases: [(InMemoryCertificateAuthority.Certificate, TLSHandshakeError.Cause)] = [
            (expired, .certificateExpired), (other, .certificateNameMismatch),
        ]
        for (certificate, expected) in cases {
            let identity = try authority.issue(certificate).identity
            let tls = TLSServerConfiguration(identities: [identity])
            try await withSecureServer(tls) { url, _, _ in
                let client = client()
                let cause = try await cause(of: client, url)
                #expect(cause == expected)
                #expect(client.counters.handshakesFailed == 1)
                await client.shutdown()
            }
        }
    }

    @Test func `a client that receives plain HTTP reports it`() async throws {
        try await withServer(handler: routes) { address, _ in
            let client = client()
            let cause2 = try await cause(of: client, "https://\(address)")
            #expect(cause2 == .malformed)
            await client.shutdown()
        }
    }

    private func cause(
        of client: HTTPClient, _ url: String
    ) async throws -> TLSHandshakeError.Cause? {
        do {
            _ = try await client.execute(HTTPClientRequest(.get, url + "/"))
            return nil
        } catch ClientError.handshake(let error, _) {
            return error.cause
        }
    }

    // MARK: Clients that servers reject

    @Test func `plain HTTP on a secure port gets a plain 400`() async throws {
        try await withSecureServer(serverTLS()) { _, address, _ in
            let response = try await RawConnection.roundTrip(
                to: address, ["GET / HTTP/1.1\r\nHost: a\r\n\r\n"])
            #expect(response.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(response.contains("Connection: close"))
        }
    }

    @Test(arguments: ["", "\u{16}\u{3}\u{1}\u{0}\u{64}\u{1}"])
    func `a peer that sends no complete head is disconnected`(hello: String) async throws {
        var limits = ServerLimits()
        limits.handshakeTimeout = .milliseconds(50)
        try await withSecureServer(serverTLS(), limits: limits) { _, address, _ in
            try await RawConnection.connected(to: address) { peer in
                if !hello.isEmpty { try await peer.send(hello) }
                #expect(try await peer.readToEnd().isEmpty)
            }
        }
    }

    @Test func `silent peers do not delay others, and end with a drain`() async throws {
        try await withSecureServer(serverTLS()) { url, address, _ in
            try await RawConnection.connected(to: address) { peer in
                try await peer.send("\u{16}")
                let client = client()
                #expect(try await client.execute(HTTPClientRequest(.get, url + "/")).status == .ok)
                await client.shutdown()
            }
        }
    }

    @Test func `a server without a usable key does not start`() async throws {
        let tls = TLSServerConfiguration(
            certificateChainFile: "/nowhere/chain.pem", privateKeyFile: "/nowhere/key.pem")
        let error = await #expect(throws: ServerError.self) {
            try await withSecureServer(tls) { _, _, _ in }
        }
        #expect(error?.description.contains("/nowhere/chain.pem: No such file") == true)
    }

    // MARK: The end of a body

    @Test func `a body without a length ends by a marker, and is truncated without it`()
        async throws
    {
        var routes = Router()
        routes.stream(.get, "/whole") { exchange in
            try await exchange.response.write("whole")
        }
        routes.stream(.get, "/cut") { exchange in
            try await exchange.response.write("cut")
            try await exchange.response.flush()
            throw Interruption()
        }
        let tls = TLSClientConfiguration(trustRoots: authority.trustRoots)
        let server = try serverTLS()
        try await withServer(at: .loopback(port: 0).tls(server), handler: routes) {
            address, _ in
            let whole = try await roundTrip(to: address, tls, "GET /whole HTTP/1.0\r\n\r\n")
            #expect(whole.text.hasSuffix("\r\n\r\nwhole"))
            #expect(whole.error == nil)
            let cut = try await roundTrip(to: address, tls, "GET /cut HTTP/1.0\r\n\r\n")
            #expect(cut.text.hasSuffix("\r\n\r\ncut"))
            #expect(cut.error?.isPeerGone == true)
        }
    }

    private struct Interruption: Error {}

    /// Sends bytes over TLS and returns the response until the end of the stream.
    private func roundTrip(
        to address: SocketAddress, _ configuration: TLSClientConfiguration, _ text: String
    ) async throws -> (text: String, error: SystemError?) {
        let client = try TLSClient(configuration)
        let loop = EventLoopGroup.shared.next()
        return try await loop.run {
            let socket = try await SocketStream.connect(to: address, on: loop, until: .never)
            let stream = try TLSStream(connectingTo: "localhost", over: socket, by: client)
            defer { stream.close() }
            try await stream.handshake(until: .never)
            _ = try stream.send(Array(text.utf8).span)
            var (all, buffer) = ([UInt8](), ReceiveBuffer())
            do {
                while true {
                    switch try buffer.fill(from: stream) {
                    case .bytes:
                        buffer.withUnread { unread in
                            for index in unread.indices { all.append(unread[index]) }
                        }
                        buffer.removeAll()
                    case .wouldBlock: _ = await stream.waitReadable(until: .never)
                    case .endOfStream: return (String(decoding: all, as: UTF8.self), nil)
                    }
                }
            } catch let error as SystemError {
                return (String(decoding: all, as: UTF8.self), error)
            }
        }
    }

    // MARK: Reloading

    @Test func `new certificates are for new connections`() async throws {
        let files = try IdentityFiles(authority, commonName: "old")
        defer { files.remove() }
        // Each event loop has its own idle connections.
        let group = try EventLoopGroup(loopCount: 1)
        try await withSecureServer(files.configuration) { url, _, server in
            let client = client(loops: group)
            #expect(try await client.execute(HTTPClientRequest(.get, url + "/")).status == .ok)
            try files.write(commonName: "new", by: try InMemoryCertificateAuthority())
            try await server.reloadCertificates()
            // The idle connection stays open; a new one is rejected, because its certificate is from another CA.
            #expect(try await client.execute(HTTPClientRequest(.get, url + "/")).status == .ok)
            let newcomer = self.client()
            let cause3 = try await cause(of: newcomer, url)
            #expect(cause3 == .certificateUntrusted)
            try files.removeKey()
            await #expect(throws: TLSConfigurationError.self) {
                try await server.reloadCertificates()
            }
            #expect(await server.counters.certificateReloads["failed"] != nil)
            for each in [client, newcomer] { await each.shutdown() }
        }
        await group.shutdown()
    }

    @Test func `changed files are detected automatically`() async throws {
        let files = try IdentityFiles(authority, commonName: "old")
        defer { files.remove() }
        var tls = files.configuration
        tls.reloadInterval = .milliseconds(5)
        let log = LogRecorder()
        let server = HTTPServer(
            listening: .loopback(port: 0).tls(tls), handler: routes, logger: log.logger)
        let running = Task { try await server.run() }
        let address = try await server.localAddresses()[0]
        try files.write(commonName: "new", by: try InMemoryCertificateAuthority())
        await log.firstLine { $0.message == "certificates reloaded" }
        let newcomer = self.client()
        let found = try await cause(of: newcomer, "https://\(address)")
        #expect(found == .certificateUntrusted)
        await newcomer.shutdown()
        #expect("\(await server.counters)".contains(", certificates reloaded "))
        server.triggerGracefulShutdown()
        try await running.value
    }
}

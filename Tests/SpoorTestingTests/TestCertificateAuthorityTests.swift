import HTTPTypes
import SpoorClient
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTLS
import SpoorTesting
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct TestCertificateAuthorityTests {
    @Test func `a server and its client trust certificates of the authority`() async throws {
        let authority = try TestCertificateAuthority()
        var configuration = TLSServerConfiguration(identities: [try authority.serverIdentity()])
        configuration.clientCertificates = .required(authority.trustRoots)
        var routes = Router()
        routes.get("/who") { exchange in
            exchange.connection.tls?.peerCertificate?.subject ?? "nobody"
        }
        let address = BindAddress.loopback(port: 0).tls(configuration)
        try await withServer(at: address, handler: routes) { bound, _ in
            let tls = TLSClientConfiguration(
                trustRoots: authority.trustRoots,
                identity: try authority.clientIdentity(named: "tester"))
            let request = HTTPClientRequest(.get, "https://\(bound)/who")
            let client = HTTPClient(tls: tls)
            #expect(try await client.execute(request).text.contains("tester"))
            await client.shutdown()
            let stranger = HTTPClient(
                tls: TLSClientConfiguration(trustRoots: try TestCertificateAuthority().trustRoots))
            await #expect(throws: ClientError.self) { try await stranger.execute(request) }
            await stranger.shutdown()
        }
    }

    @Test(arguments: TestMode.allCases)
    func `a handler sees the transport of its connection`(over mode: TestMode) async throws {
        let isSecure = SyncHandler { exchange in "\(exchange.connection.isSecure)" }
        try await withTestClient(over: mode, handler: isSecure) { client async throws in
            #expect(try await client.get("/").text == "\(mode == .tls)")
            #expect(client.url("/").hasPrefix(mode == .tls ? "https://" : "http://"))
        }
    }
}

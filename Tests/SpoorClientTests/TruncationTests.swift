import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTLS
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorClient

/// Truncated TLS connections: an end without `close_notify` (RFC 9112 §9.8).
@Suite(.finishes(within: .seconds(60))) struct TruncationTests {
    @Test func `the error of a truncated response states that close_notify is missing`()
        async throws
    {
        let authority = try TestCertificateAuthority()
        var routes = Router()
        routes.stream(.get, "/") { exchange in
            try await exchange.response.write("hello")
            try await exchange.response.flush()
            // Never arrives: the connection is closed before.
            try await exchange.response.write(try await Self.waitForever())
        }
        let place = BindAddress.loopback(port: 0).tls(
            TLSServerConfiguration(identities: [try authority.serverIdentity()]))
        try await withServer(at: place, handler: routes) { bound, _ in
            let address = try #require(SocketAddress(host: "127.0.0.1", port: bound.port ?? 0))
            let cut = Gate()
            let proxy = try ScriptedServer { peer in
                let server = try await RawConnection.connect(to: address)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        while case let bytes = try await peer.read(), !bytes.isEmpty {
                            try await server.send(bytes)
                        }
                    }
                    group.addTask {
                        while case let bytes = try await server.read(), !bytes.isEmpty {
                            try await peer.send(bytes)
                        }
                    }
                    try await cut.wait()
                    group.cancelAll()
                }
            }
            let loops = try EventLoopGroup(loopCount: 1)
            let client = HTTPClient(
                limits: .withLongTimeouts,
                tls: TLSClientConfiguration(trustRoots: authority.trustRoots),
                loops: loops)
            let error = await #expect(throws: ClientError.self) {
                try await client.withResponse(
                    to: HTTPClientRequest(.get, "https://\(proxy.address)/")
                ) { response in
                    #expect(try await response.next() == Array("hello".utf8))
                    cut.open()
                    _ = try await response.next()
                }
            }
            #expect(
                error.map { "\($0)" }
                    == "https://\(proxy.address): connection failed while receiving the response "
                    + "body (5 bytes arrived): TLS: the peer ended the connection without "
                    + "close_notify, so bytes may be missing")
            await client.shutdown()
            await loops.shutdown()
            try await proxy.stop()
        }
    }

    /// Returns when the task is cancelled, as a handler's is when its client disconnects.
    private static func waitForever() async throws -> [UInt8] {
        try await Gate().wait()
        return []
    }
}

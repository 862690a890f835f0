import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct ServerLimitsTests {
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `a peer above its maximum of connections receives a 503`() async throws {
        var limits = ServerLimits()
        limits.maxConnectionsPerRemoteAddress = 2
        try await withServer(handler: SyncHandler { _ in "x" }, limits: limits, loopCount: 2) {
            bound, server in
            try await Self.holding(2, at: bound) {
                let third = try await RawConnection.roundTrip(to: bound, [Self.request])
                #expect(third.hasPrefix("HTTP/1.1 503 "))
                #expect(third.contains("Connection: close"))
                #expect(await server.counters.rejectedPeers == 1)
            }
            // The closed connections are free again as soon as the server has seen their ends.
            var response = "HTTP/1.1 503"
            while response.hasPrefix("HTTP/1.1 503") {
                response = try await RawConnection.connected(to: bound) { peer in
                    try await peer.send(Self.request)
                    return try await peer.read(until: "\r\n\r\n")
                }
            }
            #expect(response.hasPrefix("HTTP/1.1 200 OK"))
        }
    }

    /// Runs a body while `count` connections are open that have sent a request each.
    private static func holding(
        _ count: Int, at address: SocketAddress,
        _ body: @escaping @Sendable @concurrent () async throws -> Void
    ) async throws {
        guard count > 0 else { return try await body() }
        try await RawConnection.connected(to: address) { peer in
            try await peer.send(request)
            _ = try await peer.read(until: "\r\n\r\nx")
            try await holding(count - 1, at: address, body)
        }
    }

    @Test func `connections above the server's limit wait until others close`() async throws {
        var limits = ServerLimits()
        limits.maxConnections = 1
        try await withServer(handler: SyncHandler { _ in "x" }, limits: limits) { bound, server in
            let response = try await RawConnection.connected(to: bound) { first in
                try await first.send(Self.request)
                _ = try await first.read(until: "\r\n\r\nx")
                async let second = RawConnection.connected(to: bound) { second in
                    try await second.send(Self.request)
                    return try await second.read(until: "\r\n\r\nx")
                }
                #expect(await server.counters.accepted == 1)
                await first.close()
                return try await second
            }
            #expect(response.hasSuffix("x"))
        }
    }

    @Test func `invalid limits are rejected by name`() async {
        var limits = ServerLimits()
        limits.maxConnections = 0
        await Self.expectRefusal(of: limits, naming: "maxConnections")
        limits = ServerLimits()
        limits.maxConnectionsPerRemoteAddress = -1
        await Self.expectRefusal(of: limits, naming: "maxConnectionsPerRemoteAddress")
        limits = ServerLimits()
        limits.idleTimeout = .zero
        await Self.expectRefusal(of: limits, naming: "idleTimeout")
        limits = ServerLimits()
        limits.gracefulShutdownTimeout = .seconds(-1)
        await Self.expectRefusal(of: limits, naming: "gracefulShutdownTimeout")
    }

    private static func expectRefusal(of limits: ServerLimits, naming name: String) async {
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: SyncHandler { _ in "x" }, limits: limits)
        let error = await #expect(throws: ServerError.self) { try await server.run() }
        #expect(error?.description.contains(name) == true)
    }
}

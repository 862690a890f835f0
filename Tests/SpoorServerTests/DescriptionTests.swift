import SpoorHTTP1
import SpoorMiddleware
import SpoorServer
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct DescriptionTests {
    @Test func `the description of limits contains what differs from the defaults`() {
        var limits = ServerLimits()
        #expect("\(limits)" == "ServerLimits()")
        limits.idleTimeout = .seconds(5)
        limits.http1.maxBodyBytes = 1024
        #expect(
            "\(limits)" == "ServerLimits(http1.maxBodyBytes: 1024, idleTimeout: 5.0 seconds)")
    }

    @Test func `the description of a server contains its addresses and state`() async throws {
        let server = HTTPServer(
            listening: [.loopback(port: 0), .unix(path: "spoor-description.socket")],
            handler: SyncHandler { _ in "x" }, loopCount: 1)
        #expect(
            "\(server)"
                == "HTTPServer(127.0.0.1:0, unix:spoor-description.socket, not started)")
        let running = Task { try await server.run() }
        let bound = try await server.localAddresses()
        #expect("\(server)" == "HTTPServer(\(bound[0]), \(bound[1]), serving)")
        server.triggerGracefulShutdown()
        try await running.value
        #expect("\(server)" == "HTTPServer(\(bound[0]), \(bound[1]), ended)")
    }
}

import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

/// Peers that read little or nothing of what is sent to them.
@Suite(.finishes(within: .seconds(60))) struct SlowReaderTests {
    private static let piece = [UInt8](repeating: 120, count: 1 << 20)
    private static let upgrade =
        "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"

    /// Writes until it is interrupted.
    private static var endless: Router {
        var routes = Router()
        routes.stream(.get, "/response") { exchange in
            while true { try await exchange.response.write(piece) }
        }
        routes.stream(.get, "/upgrade") { exchange in
            let stream = try await exchange.upgrade(to: "echo")
            while true { try await stream.write(piece) }
        }
        return routes
    }

    @Test(arguments: ["GET /response HTTP/1.1\r\nHost: a\r\n\r\n", upgrade])
    func `a peer that reads too slowly is disconnected, in any protocol`(request: String)
        async throws
    {
        var limits = ServerLimits()
        // No peer is this fast, so the sum of all waits is limited to that of one.
        limits.writeTimeout = .milliseconds(100)
        limits.minWriteBytesPerSecond = .max
        try await withServer(handler: Self.endless, limits: limits) { bound, server in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send(request)
                // Never pauses, and is never fast enough.
                while let bytes = try? await peer.read(), !bytes.isEmpty {}
            }
            #expect(await server.counters.timeouts[.write] == 1)
        }
    }

    @Test(arguments: TestMode.allCases)
    func `a peer that reads nothing is disconnected over each transport, counted and logged`(
        mode: TestMode
    ) async throws {
        let large = [UInt8](repeating: 120, count: 40 << 20)
        let log = LogRecorder()
        var routes = Router()
        routes.get("/response") { _ in Response(bytes: large) }
        var limits = ServerLimits()
        limits.writeTimeout = .milliseconds(500)
        try await withTestClient(
            over: mode, middleware: [AccessLog(logger: log.logger)], handler: routes,
            limits: limits
        ) { client in
            try await client.withRawConnection { peer in
                try await peer.send("GET /response HTTP/1.1\r\nHost: a\r\n\r\n")
                let line = await log.firstLine { $0.metadata["path"] == "/response" }
                #expect(line.metadata["error"] == "the peer timed out (write)")
                // Over a socket it is reset: the kernel does not keep the unsent bytes for the peer.
                var failure: (any Error)?
                do {
                    while try await !peer.read().isEmpty {}
                } catch { failure = error }
                #expect(mode == .inProcess ? failure == nil : failure is SystemError)
            }
            #expect(await client.server.counters.timeouts[.write] == 1)
        }
    }

    @Test func `bytes of another protocol are counted`() async throws {
        var routes = Router()
        routes.stream(.get, "/upgrade") { exchange in
            try await exchange.upgrade(to: "echo").write(Self.piece)
        }
        try await withServer(handler: routes) { bound, server in
            let response = try await RawConnection.roundTrip(to: bound, [Self.upgrade])
            #expect(await server.counters.bytesSent == response.utf8.count)
        }
    }

    @Test func `no bytes follow an interrupted write`() async throws {
        let taken = Gate()
        var routes = Router()
        routes.stream(.get, "/upgrade") { exchange in
            let stream = try await exchange.upgrade(to: "echo")
            await withTaskGroup(of: (any Error)?.self) { tasks in
                tasks.addTask {
                    do {
                        while true { try await stream.write(Self.piece) }
                    } catch { return error }
                }
                try? await taken.wait()
                tasks.cancelAll()
                #expect(await tasks.next() is CancellationError)
            }
            await #expect(throws: DuplexStreamError.writeUnfinished) { try await stream.write([1]) }
            await #expect(throws: DuplexStreamError.writeUnfinished) {
                try await stream.closeOutput()
            }
            // The other direction continues.
            while try await stream.read() != nil {}
        }
        try await withServer(handler: routes) { bound, _ in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send(Self.upgrade)
                _ = try await peer.read(count: 100_000)
                taken.open()
                try await peer.closeOutput()
                while let bytes = try? await peer.read(), !bytes.isEmpty {}
            }
        }
    }

    @Test func `batched responses are sent as the peer reads them, not when a slow handler ends`()
        async throws
    {
        let taken = Gate()
        var routes = Router()
        routes.get("/large") { _ in Response(bytes: [UInt8](repeating: 120, count: 32 << 20)) }
        routes.get("/slow") { _ in
            try await taken.wait()
            return "slow"
        }
        var limits = ServerLimits()
        // More than the kernel accepts at a time.
        limits.maxSendBufferBytes = 64 << 20
        try await withServer(handler: routes, limits: limits) { bound, _ in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send(
                    "GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
                        + "GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                _ = try await peer.read(until: "\r\n\r\n")
                #expect(try await peer.read(count: 32 << 20).count == 32 << 20)
                taken.open()
                #expect(try await peer.readToEnd().hasSuffix("slow"))
            }
        }
    }
}

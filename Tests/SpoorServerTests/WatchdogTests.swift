import Glibc
import Logging
import MetricsTestKit
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import Synchronization
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct WatchdogTests {
    /// Lets a handler block its thread until the test has seen what it needs.
    private final class Block: Sendable {
        private let isOver = Atomic(false)

        func wait() { while !isOver.load(ordering: .acquiring) { usleep(1000) } }
        func end() { isOver.store(true, ordering: .releasing) }
    }

    /// The ways in which a handler blocks its event loop, and the name in the log.
    enum Way: CaseIterable, Sendable {
        case atOnce, afterSuspension, inChildTask
    }

    private static func routes(_ block: Block, _ way: Way) -> Router {
        var routes = Router()
        routes.get("/quick") { _ in "quick" }
        switch way {
        case .atOnce:
            routes.get("/block/{id}") { _ in
                block.wait()
                return "done"
            }
        case .afterSuspension:
            routes.get("/block/{id}") { _ in
                try await Task.sleep(for: .milliseconds(1))
                block.wait()
                return "done"
            }
        case .inChildTask:
            routes.get("/block/{id}") { _ in
                async let child: Void = block.wait()
                await child
                return "done"
            }
        }
        return routes
    }

    @Test(arguments: Way.allCases)
    func `the log names the route that blocks a loop, while it does and afterwards`(way: Way)
        async throws
    {
        var limits = ServerLimits()
        limits.loopStallThreshold = .milliseconds(50)
        let (block, log, metrics) = (Block(), LogRecorder(), TestMetrics())
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: Self.routes(block, way), limits: limits,
            loopCount: 1, logger: log.logger, metrics: metrics)
        let running = Task { try await server.run() }
        let bound = try await server.localAddresses()[0]
        // Another route before, on the reused exchange.
        _ = try await RawConnection.roundTrip(
            to: bound, ["GET /quick HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
        async let response = RawConnection.roundTrip(
            to: bound, ["GET /block/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
        let cause = "GET /block/{id}"
        let during = await log.firstLine {
            $0.message == "event loop blocked" && $0.metadata["by"]?.contains(cause) == true
        }
        block.end()
        #expect(try await response.hasSuffix("done"))
        let after = await log.firstLine {
            $0.message == "event loop was blocked" && $0.metadata["by"]?.contains(cause) == true
        }
        #expect(during.level == .warning)
        #expect(during.metadata["loop"] == "loop-1")
        if way != .inChildTask { #expect(during.metadata["by"] == cause) }
        #expect(after.level == .warning)
        #expect(after.metadata["loop"] == "loop-1")
        let milliseconds = [during, after].compactMap {
            $0.metadata["milliseconds"].flatMap { Int($0) }
        }
        #expect(milliseconds.count == 2)
        #expect(milliseconds.allSatisfy { $0 >= 50 })
        server.triggerGracefulShutdown()
        try await running.value
        #expect(await server.counters.loopStalls >= 1)
        #expect(try metrics.expectCounter("spoor.server.event_loop.stalls").totalValue >= 1)
        let lag = try metrics.expectTimer("spoor.server.event_loop.lag")
        #expect(lag.values.contains { $0 >= 50_000_000 })
    }

    @Test func `a second block of the same route within seconds is logged at debug level`()
        async throws
    {
        var limits = ServerLimits()
        limits.loopStallThreshold = .milliseconds(20)
        let log = LogRecorder()
        var routes = Router()
        routes.get("/pause") { _ in
            usleep(60_000)
            return "done"
        }
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: routes, limits: limits, loopCount: 1,
            logger: log.logger)
        let running = Task { try await server.run() }
        let bound = try await server.localAddresses()[0]
        let request = "GET /pause HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        // The watchdog of a busy machine may miss a block.
        let isRepeated: (LogRecorder.Line) -> Bool = {
            $0.message.hasSuffix("blocked") && $0.level == .debug
                && $0.metadata["by"] == "GET /pause"
        }
        while !log.lines.contains(where: isRepeated) {
            _ = try await RawConnection.roundTrip(to: bound, [request])
        }
        #expect(log.lines.contains { $0.message.hasSuffix("blocked") && $0.level == .warning })
        server.triggerGracefulShutdown()
        try await running.value
    }

    @Test func `it can be disabled`() async throws {
        var limits = ServerLimits()
        limits.loopStallThreshold = nil
        let log = LogRecorder()
        let handler = SyncHandler { _ in
            usleep(30_000)
            return "x"
        }
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: handler, limits: limits, loopCount: 1,
            logger: log.logger)
        let running = Task { try await server.run() }
        let bound = try await server.localAddresses()[0]
        _ = try await RawConnection.roundTrip(
            to: bound, ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
        server.triggerGracefulShutdown()
        try await running.value
        #expect(await server.counters.loopStalls == 0)
        #expect(!log.lines.contains { $0.message.contains("blocked") })
    }

    @Test func `a threshold that is too short is rejected`() async {
        var limits = ServerLimits()
        limits.loopStallThreshold = .milliseconds(1)
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: SyncHandler { _ in "x" }, limits: limits)
        await #expect(throws: ServerError.self) { try await server.run() }
    }
}

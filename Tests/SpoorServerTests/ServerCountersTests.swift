import Logging
import CoreMetrics
import MetricsTestKit
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct ServerCountersTests {
    @Test func `connections, requests, bytes and rejections are counted`() async throws {
        let stopped = try await withServer(handler: SyncHandler { _ in "hello" }, loopCount: 2) {
            bound, server in
            let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
            let received = try await RawConnection.connected(to: bound) { peer in
                try await peer.send(request)
                let response = try await peer.read(until: "hello")
                // The response arrives some loop iterations before its connection is idle again; each read of the
                // counters takes one.
                var counters = await server.counters
                while counters.active > 0 { counters = await server.counters }
                #expect(counters.accepted == 1)
                #expect(counters.open == 1)
                #expect(counters.idle == 1)
                #expect(counters.requests == 1)
                #expect(counters.bytesReceived == request.utf8.count)
                #expect(counters.bytesSent == response.utf8.count)
                return response
            }
            let rejection = try await RawConnection.roundTrip(to: bound, ["nonsense\r\n\r\n"])
            #expect(rejection.hasPrefix("HTTP/1.1 400 "))
            #expect(await server.counters.bytesSent == received.utf8.count + rejection.utf8.count)
            return server
        }
        let counters = await stopped.counters
        #expect(counters.open == 0)
        #expect(counters.accepted == 2)
        #expect(counters.rejections.count == 1)
        #expect(counters.rejections.first?.key.status == 400)
        #expect(counters.rejections.first?.key.cause == "lineMalformed")
        #expect(counters.rejections.first?.value == 1)
        #expect(counters.requests == 1)
        #expect(counters.description.contains("rejected with 400 lineMalformed: 1"))
    }

    @Test func `timeouts are counted by phase`() async throws {
        // The other timeouts are an hour.
        var head = ServerLimits()
        head.headTimeout = .milliseconds(30)
        try await withServer(handler: SyncHandler { _ in "x" }, limits: head) { bound, server in
            let nothing = try await RawConnection.roundTrip(to: bound, [])
            #expect(nothing.isEmpty)
            #expect(await server.counters.timeouts.keys.elementsEqual([.head]))
            #expect(await server.counters.rejections.isEmpty)
            // On a slow machine it may be too late even for a response.
            let response = (try? await RawConnection.roundTrip(to: bound, ["GET / HT"])) ?? ""
            #expect(response.isEmpty || response.hasPrefix("HTTP/1.1 408 "))
            #expect(await server.counters.timeouts.keys.elementsEqual([.head]))
        }
        var idle = ServerLimits()
        idle.idleTimeout = .milliseconds(30)
        try await withServer(handler: SyncHandler { _ in "x" }, limits: idle) { bound, server in
            let response = try await RawConnection.roundTrip(
                to: bound, ["GET / HTTP/1.1\r\nHost: a\r\n\r\n"])
            #expect(response.hasSuffix("x"))
            #expect(await server.counters.timeouts.keys.elementsEqual([.idle]))
        }
        var body = ServerLimits()
        body.bodyTimeout = .milliseconds(30)
        let collect = AsyncHandler { try await $0.body.collect(upTo: 10) }
        try await withServer(handler: collect, limits: body) { bound, server in
            let response = try await RawConnection.roundTrip(
                to: bound, ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab"])
            #expect(response.hasPrefix("HTTP/1.1 408 "))
            #expect(await server.counters.timeouts.keys.elementsEqual([.body]))
        }
    }

    @Test func `a rejected body is counted once, however often its handler tries`() async throws {
        var limits = ServerLimits()
        limits.http1.maxBodyBytes = 2
        let handler = AsyncHandler { exchange in
            for _ in 0..<3 { _ = try? await exchange.body.next() }
            return "x"
        }
        try await withServer(handler: handler, limits: limits) { bound, server in
            for body in ["Content-Length: 3\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\nZ"] {
                let response = try await RawConnection.roundTrip(
                    to: bound, ["POST / HTTP/1.1\r\nHost: a\r\n" + body], closesOutput: true)
                #expect(response.hasSuffix("x"))
            }
            let counted = await server.counters.rejections.map {
                "\($0.key.status) \($0.key.cause) \($0.value)"
            }
            #expect(counted.sorted() == ["200 body.chunkSizeMalformed 1", "200 body.tooLarge 1"])
        }
    }

    @Test func `the same is published to swift-metrics`() async throws {
        let metrics = TestMetrics()
        var logger = Logger(label: "test.server")
        logger.logLevel = .critical
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: SyncHandler { _ in "x" }, loopCount: 2,
            logger: logger, metrics: metrics)
        let running = Task { try await server.run() }
        let bound = try await server.localAddresses()[0]
        for _ in 0..<3 {
            _ = try await RawConnection.roundTrip(
                to: bound, ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
        }
        _ = try await RawConnection.roundTrip(to: bound, ["nonsense\r\n\r\n"])
        server.triggerGracefulShutdown()
        try await running.value

        func total(_ name: String, _ dimensions: [(String, String)] = []) throws -> Int64 {
            try metrics.expectCounter("spoor.server." + name, dimensions).totalValue
        }
        #expect(try total("accepted") == 4)
        #expect(try total("requests") == 3)
        #expect(try total("rejections", [("status", "400"), ("cause", "lineMalformed")]) == 1)
        let counters = await server.counters
        #expect(try total("bytes", [("direction", "in")]) == counters.bytesReceived)
        #expect(try total("bytes", [("direction", "out")]) == counters.bytesSent)
        let idle = try metrics.expectMeter("spoor.server.connections", [("state", "idle")])
        #expect((idle.lastValue ?? 0) == 0)
    }
}

import Glibc
import HTTPTypes
import Logging
import ServiceLifecycle
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import TestSupport
import Testing
import UnixSignals

@Suite(.finishes(within: .seconds(60))) struct ShutdownStagesTests {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let readiness = SyncHandler { exchange in
        exchange.isServerShuttingDown ? Response(status: .serviceUnavailable) : Response(text: "ok")
    }

    /// Timeouts that no test reaches: something else ends what ends.
    private static var patient: ServerLimits {
        var limits = ServerLimits()
        (limits.gracefulShutdownTimeout, limits.idleConnectionGracePeriod) = (
            .seconds(3600), .milliseconds(1)
        )
        return limits
    }

    // MARK: The stages

    @Test func `the shutdown has begun when the call that triggers it returns`() async throws {
        for _ in 0..<50 {
            try await withTestClient(handler: Self.readiness, limits: Self.patient) {
                client async throws in
                #expect(try await client.get("/").text == "ok")
                #expect(!client.server.isShuttingDown)
                client.server.triggerGracefulShutdown()
                #expect(client.server.isShuttingDown)
                #expect("\(client.server)".contains("shutting down"))
                // An idle connection: it is served within the grace period, or it has just ended.
                if let response = try? await client.get("/") {
                    #expect(response.status == .serviceUnavailable)
                }
            }
        }
    }

    @Test func `a shutdown that is triggered before the server runs ends it immediately`()
        async throws
    {
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: Self.readiness, loopCount: 1,
            logger: LogRecorder().logger)
        server.triggerGracefulShutdown()
        #expect(server.isShuttingDown)
        try await server.run()
        #expect("\(server)".contains("ended"))
    }

    @Test
    func `new connections are served during the shutdown delay, and readiness checks fail`()
        async throws
    {
        var limits = Self.patient
        limits.shutdownDelay = .seconds(3600)
        try await withServer(handler: Self.readiness, limits: limits, loopCount: 2) {
            bound, server in
            server.triggerGracefulShutdown()
            #expect(server.isShuttingDown)
            for _ in 0..<20 {
                try await RawConnection.connected(to: bound) { peer in
                    for _ in 0..<2 {
                        try await peer.send(Self.get)
                        let head = try await peer.read(until: "\r\n\r\n")
                        #expect(head.hasPrefix("HTTP/1.1 503 "))
                        // As usual except for readiness: a client whose connection is closed now would only connect
                        // again.
                        #expect(!head.contains("Connection: close"))
                    }
                }
            }
            server.closeImmediately()
        }
    }

    @Test func `the drain begins after the shutdown delay`() async throws {
        var limits = Self.patient
        limits.shutdownDelay = .milliseconds(1)
        try await withServer(handler: Self.readiness, limits: limits) { bound, server in
            server.triggerGracefulShutdown()
            while (try? await RawConnection.connected(to: bound, { _ in })) != nil {}
            #expect(server.isShuttingDown)
        }
    }

    @Test func `a negative shutdown delay is rejected`() async throws {
        var limits = ServerLimits()
        limits.shutdownDelay = .seconds(-1)
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: Self.readiness, limits: limits)
        await #expect(
            throws: ServerError.invalidLimit(
                "shutdownDelay", "\(Duration.seconds(-1))", mustBe: "zero or more")
        ) { try await server.run() }
    }

    // MARK: Streams end automatically

    @Test func `an event stream ends completely when the drain begins`() async throws {
        var routes = Router()
        routes.stream(.get, "/events") { exchange in
            try await exchange.response.send(ServerSentEvent("first"))
            try await Gate().wait()
        }
        try await withServer(handler: routes, limits: Self.patient) { bound, server in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await peer.read(until: "data: first\n\n")
                server.triggerGracefulShutdown()
                #expect(try await peer.readToEnd().hasSuffix("0\r\n\r\n"))
            }
            #expect(await server.counters.aborted == 0)
        }
    }

    @Test func `an event stream may send one last event`() async throws {
        var routes = Router()
        routes.stream(.get, "/events") { exchange in
            try await exchange.response.send(ServerSentEvent("first"))
            // A handler that ignores its cancellation.
            try? await Gate().wait()
            while true { try await exchange.response.send(ServerSentEvent("bye")) }
        }
        try await withServer(handler: routes, limits: Self.patient) { bound, server in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await peer.read(until: "data: first\n\n")
                server.triggerGracefulShutdown()
                let rest = try await peer.readToEnd()
                #expect(rest.contains("data: bye\n\n"))
                #expect(rest.split(separator: "bye").count == 2)
                #expect(rest.hasSuffix("0\r\n\r\n"))
            }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `reading from an upgraded connection ends when the drain begins`(mode: TestMode)
        async throws
    {
        var routes = Router()
        routes.stream(.get, "/echo") { exchange in
            let stream = try await exchange.upgrade(to: "echo")
            while let bytes = try await stream.read() { try await stream.write(bytes) }
            try await stream.write(Array("bye".utf8))
        }
        try await withTestClient(over: mode, handler: routes, limits: Self.patient) {
            client async throws in
            try await client.withRawConnection { peer async throws in
                try await peer.send(
                    "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello"
                )
                _ = try await peer.read(until: "hello")
                client.server.triggerGracefulShutdown()
                #expect(try await peer.readToEnd() == "bye")
            }
            #expect(await client.server.counters.aborted == 0)
        }
    }

    @Test
    func `an upgraded connection that continues to read observes the drain by ServiceLifecycle`()
        async throws
    {
        var routes = Router()
        routes.stream(.get, "/echo") { exchange in
            let stream = try await exchange.upgrade(to: "echo", atShutdown: .keepsReading)
            try await stream.write(Array("open".utf8))
            try await gracefulShutdown()
            try await stream.write(Array("more?".utf8))
            while let bytes = try await stream.read() {
                try await stream.write(bytes)
                if bytes.last == UInt8(ascii: "!") { break }
            }
        }
        try await withServer(handler: routes, limits: Self.patient) { bound, server in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send(
                    "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
                _ = try await peer.read(until: "open")
                server.triggerGracefulShutdown()
                _ = try await peer.read(until: "more?")
                try await peer.send("yes!")
                #expect(try await peer.readToEnd() == "yes!")
            }
        }
    }

    // MARK: Handlers that observe the drain

    /// How a server is run, and its shutdown triggered.
    enum Running: CaseIterable, Sendable {
        case alone, inGroup, inGroupByServer
    }

    @Test(arguments: Running.allCases)
    func `a handler can iterate until the drain begins`(running: Running) async throws {
        var routes = Router()
        routes.stream(.get, "/poll") { exchange in
            let (numbers, continuation) = AsyncStream.makeStream(of: Int.self)
            continuation.yield(1)
            for await number in numbers.cancelOnGracefulShutdown() {
                try await exchange.response.write("\(number);")
                try await exchange.response.flush()
            }
            try await exchange.response.write("end \(Task.isShuttingDownGracefully)")
        }
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: routes, limits: Self.patient, loopCount: 1,
            logger: LogRecorder().logger)
        let group = ServiceGroup(
            services: [server], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let task = Task { try await running == .alone ? server.run() : group.run() }
        let bound = try await server.localAddresses()[0]
        try await RawConnection.connected(to: bound) { peer in
            try await peer.send("GET /poll HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await peer.read(until: "1;")
            if running == .inGroup {
                await group.triggerGracefulShutdown()
            } else {
                server.triggerGracefulShutdown()
            }
            #expect(try await peer.readToEnd().contains("end true"))
        }
        if running == .inGroupByServer { await group.triggerGracefulShutdown() }
        try? await task.value
    }

    // MARK: Aborting

    /// How a server is made to close connections that take too long.
    enum Ending: CaseIterable, Sendable {
        case timeout, cancellation, closing
    }

    @Test(arguments: Ending.allCases)
    func `aborted exchanges are counted, and the log contains the same number`(ending: Ending)
        async throws
    {
        for _ in 0..<20 {
            let entered = Gate()
            // Returns normally as soon as it is cancelled.
            let handler = AsyncHandler { _ in
                entered.admit()
                try? await Gate().wait()
                return "late"
            }
            var limits = Self.patient
            if ending == .timeout { limits.gracefulShutdownTimeout = .zero }
            let log = LogRecorder()
            let server = HTTPServer(
                listening: .loopback(port: 0), handler: handler, limits: limits, loopCount: 2,
                logger: log.logger)
            let running = Task { try await server.run() }
            let bound = try await server.localAddresses()[0]
            try await withThrowingTaskGroup { peers in
                for _ in 0..<3 {
                    peers.addTask { _ = try? await RawConnection.roundTrip(to: bound, [Self.get]) }
                }
                for _ in 0..<3 { try await entered.wait() }
                switch ending {
                case .timeout: server.triggerGracefulShutdown()
                case .cancellation: running.cancel()
                case .closing: server.closeImmediately()
                }
                try await peers.waitForAll()
            }
            try await running.value
            #expect(await server.counters.aborted == 3)
            #expect(log.lines.compactMap { $0.metadata["abortedExchanges"] } == ["3"])
        }
    }

    @Test func `a handler that ignores its cancellation is logged with its route`() async throws {
        let entered = Gate()
        let release = Gate()
        var routes = Router()
        routes.get("/slow/{id}") { _ in
            entered.open()
            await Task { try? await release.wait() }.value
            return "late"
        }
        let log = LogRecorder()
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: routes, limits: Self.patient, loopCount: 1,
            logger: log.logger)
        let running = Task { try await server.run() }
        let bound = try await server.localAddresses()[0]
        async let response = try? RawConnection.roundTrip(
            to: bound, ["GET /slow/7 HTTP/1.1\r\nHost: a\r\n\r\n"])
        try await entered.wait()
        server.closeImmediately()
        let line = await log.firstLine {
            $0.message == "cancelled handlers still running, server stops after they have returned"
        }
        #expect(line.metadata["handlers"] == "1")
        #expect(line.metadata["requests"] == "GET /slow/{id}")
        release.open()
        try await running.value
        _ = await response
    }

    @Test func `a second signal closes everything immediately`() async throws {
        let entered = Gate()
        let handler = AsyncHandler { _ in
            entered.open()
            try await Gate().wait()
            return "late"
        }
        let log = LogRecorder()
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: handler, limits: Self.patient, loopCount: 1,
            logger: log.logger)
        let running = Task { try await server.runService(gracefulShutdownSignals: [.sigwinch]) }
        let bound = try await server.localAddresses()[0]
        async let response = RawConnection.roundTrip(to: bound, [Self.get])
        try await entered.wait()
        kill(getpid(), SIGWINCH)
        await log.firstLine { $0.message == "draining" }
        kill(getpid(), SIGWINCH)
        try await running.value
        _ = try? await response
        #expect(await server.counters.aborted == 1)
    }
}

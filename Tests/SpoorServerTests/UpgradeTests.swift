import HTTPTypes
import SpoorTesting
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import Synchronization
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct UpgradeTests {
    private static let handshake =
        "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

    private static func routes() -> Router {
        var routes = Router()
        routes.stream(.get, "/chat") { exchange in
            let key = HTTPField.Name("Sec-WebSocket-Key").flatMap { exchange.request.headers[$0] }
            var headers = Headers()
            if let name = HTTPField.Name("Sec-WebSocket-Accept") {
                headers[name] = WebSocketFrames.accept(key ?? "")
            }
            let stream = try await exchange.upgrade(to: "websocket", headers: headers)
            var frames = WebSocketFrames()
            while let bytes = try await stream.read() {
                frames.append(bytes)
                while let frame = frames.next() {
                    try await stream.write(frame.bytes())
                    if frame.opcode == 8 { return }
                }
            }
        }
        routes.stream(.post, "/chat") { exchange in
            _ = try await exchange.upgrade(to: "websocket")
        }
        return routes
    }

    /// Reports the numbers of bytes that an exchange had received and sent when it ended.
    private struct ByteProbe: Middleware {
        let ended: AsyncStream<[Int]>.Continuation

        func intercept(_ exchange: Exchange, next: Next) async throws {
            try await next(exchange)
            ended.yield([exchange.bodyBytesReceived, exchange.response.bodyBytesSent])
        }
    }

    @Test func `bytes of an upgraded stream are counted both ways`() async throws {
        let (ends, ended) = AsyncStream.makeStream(of: [Int].self)
        let handler = StreamingHandler { exchange in
            let stream = try await exchange.upgrade(to: "websocket")
            while let bytes = try await stream.read() { try await stream.write(bytes + bytes) }
        }
        let chain = StreamingHandler { exchange in
            try await MiddlewareChain([ByteProbe(ended: ended)], handler: handler).run(exchange)
        }
        try await withServer(handler: chain) { bound, _ in
            let response = try await RawConnection.roundTrip(
                to: bound, [Self.handshake + "hello"], closesOutput: true)
            #expect(response.hasSuffix("\r\n\r\nhellohello"))
            for await counts in ends {
                #expect(counts == [5, 10])
                break
            }
        }
    }

    @Test func `a WebSocket performs its handshake, echoes and closes`() async throws {
        let ended = EndRecorder()
        try await withServer(middleware: [ended], handler: Self.routes()) { bound, _ in
            let closed = try await RawConnection.connected(to: bound) { peer in
                let mask: [UInt8] = [1, 2, 3, 4]
                let first = WebSocketFrames.Frame.text("with the head")
                try await peer.send(Array(Self.handshake.utf8) + first.bytes(mask: mask))
                var reader = FrameReader(peer: peer)
                let head = try await reader.readHead()
                #expect(head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
                #expect(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
                #expect(head.contains("Upgrade: websocket\r\n"))
                #expect(head.contains("Connection: upgrade\r\n"))
                #expect(!head.contains("Content-Length"))
                #expect(!head.contains("Transfer-Encoding"))
                #expect(try await reader.nextFrame() == first)
                for count in [0, 125, 126, 70_000] {
                    let frame = WebSocketFrames.Frame(
                        opcode: 2, payload: [UInt8](repeating: 7, count: count))
                    try await peer.send(frame.bytes(mask: mask))
                    #expect(try await reader.nextFrame() == frame)
                }
                #expect(ended.status == nil)
                let close = WebSocketFrames.Frame(opcode: 8, payload: [3, 232])
                try await peer.send(close.bytes(mask: mask))
                #expect(try await reader.nextFrame() == close)
                return try await peer.readToEnd().isEmpty
            }
            #expect(closed)
        }
        #expect(ended.status == .switchingProtocols)
    }

    @Test(arguments: [
        "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: close\r\nUpgrade: websocket\r\n\r\n",
        "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: close, upgrade\r\nUpgrade: h2c\r\n\r\n",
        "GET /chat HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    ])
    func `an upgrade that is not offered is required by 426`(request: String) async throws {
        try await withServer(handler: Self.routes()) { bound, _ in
            let response = try await RawConnection.roundTrip(to: bound, [request])
            #expect(response.hasPrefix("HTTP/1.1 426 "))
            #expect(response.contains("Upgrade: websocket\r\n"))
            #expect(response.contains("Connection: upgrade, close\r\n"))
        }
    }

    @Test func `a request with an unread body cannot be upgraded`() async throws {
        let request =
            "POST /chat HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n"
            + "Content-Length: 3\r\n\r\nabc"
        try await withServer(handler: Self.routes()) { bound, _ in
            let response = try await RawConnection.roundTrip(to: bound, [request])
            #expect(response.hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test func `a failed upgrade leaves the response as it was`() async throws {
        let handler = AsyncHandler { exchange in
            exchange.response.status = .accepted
            exchange.response.headers[.contentLanguage] = "en"
            await #expect(throws: UpgradeError.bodyPending) {
                try await exchange.upgrade(to: "websocket", headers: [.setCookie: "upgraded=1"])
            }
            return "no upgrade"
        }
        let request =
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n"
            + "Content-Length: 3\r\n\r\nabc"
        try await withServer(handler: handler) { bound, _ in
            let received = try await RawConnection.roundTrip(to: bound, [request])
            #expect(received.hasPrefix("HTTP/1.1 202 "))
            #expect(received.contains("Content-Language: en\r\n"))
            #expect(!received.contains("Upgrade:"))
            #expect(!received.contains("Set-Cookie:"))
            #expect(received.hasSuffix("no upgrade"))
        }
    }

    @Test
    func `a tunnel transfers bytes in both directions concurrently, and each ends separately`()
        async throws
    {
        let tunnel = StreamingHandler { exchange in
            let stream = try await exchange.openTunnel()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    for _ in 0..<64 {
                        try await stream.write([UInt8](repeating: 1, count: 16_384))
                    }
                    try await stream.closeOutput()
                }
                var count = 0
                while let bytes = try await stream.read() { count += bytes.count }
                #expect(count == 1 << 20)
                try await tasks.waitForAll()
            }
        }
        try await withServer(handler: tunnel) { bound, _ in
            let received = try await RawConnection.connected(to: bound) { peer in
                try await peer.send("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n")
                for _ in 0..<64 { try await peer.send([UInt8](repeating: 2, count: 16_384)) }
                let all = try await peer.readToEnd()
                try await peer.closeOutput()
                return all
            }
            #expect(received.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(!received.contains("Content-Length"))
            #expect(received.utf8.count { $0 == 1 } == 1 << 20)
        }
    }

    @Test func `a cancelled reader is resumed, and the writer continues`() async throws {
        let handler = StreamingHandler { exchange in
            let stream = try await exchange.upgrade(to: "websocket")
            await withTaskGroup(of: Bool.self) { tasks in
                tasks.addTask {
                    do {
                        _ = try await stream.read()
                        return false
                    } catch { return error is CancellationError }
                }
                try? await stream.write(Array("first ".utf8))
                tasks.cancelAll()
                let isCancelled = await tasks.next()
                #expect(isCancelled == true)
            }
            try await stream.write(Array("second".utf8))
        }
        try await withServer(handler: handler) { bound, _ in
            let response = try await RawConnection.roundTrip(to: bound, [Self.handshake])
            #expect(response.hasSuffix("\r\n\r\nfirst second"))
        }
    }

    @Test func `the timeout of a graceful shutdown ends the waits of another protocol`()
        async throws
    {
        // The start of the drain does not end its reading side.
        let handler = StreamingHandler { exchange in
            let stream = try await exchange.upgrade(to: "websocket", atShutdown: .keepsReading)
            while try await stream.read() != nil {}
        }
        var limits = ServerLimits()
        limits.gracefulShutdownTimeout = .milliseconds(20)
        try await withServer(handler: handler, limits: limits) { bound, server in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send(Self.handshake)
                _ = try await peer.read(until: "\r\n\r\n")
                server.triggerGracefulShutdown()
                // Closed normally or reset.
                #expect(((try? await peer.readToEnd()) ?? "").isEmpty)
                #expect(await server.counters.aborted == 1)
            }
        }
    }

    @Test func `a stream throws after its handler has returned`() async throws {
        let (streams, handing) = AsyncStream.makeStream(of: DuplexStream.self)
        let handler = StreamingHandler { exchange in
            handing.yield(try await exchange.upgrade(to: "websocket"))
        }
        try await withServer(handler: handler) { bound, _ in
            let response = try await RawConnection.roundTrip(to: bound, [Self.handshake])
            #expect(response.hasPrefix("HTTP/1.1 101 "))
            let stream = try #require(await streams.first { _ in true })
            await #expect(throws: DuplexStreamError.ended) { try await stream.read() }
            await #expect(throws: DuplexStreamError.ended) { try await stream.write([1]) }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `a read of another task ends with the handler`(mode: TestMode) async throws {
        let (errors, failing) = AsyncStream.makeStream(of: (any Error).self)
        let handler = StreamingHandler { exchange in
            let stream = try await exchange.upgrade(to: "websocket")
            Task {
                do {
                    while true { _ = try await stream.read() }
                } catch {
                    failing.yield(error)
                }
            }
            // Mostly long enough for the task to wait for the peer.
            for _ in 0..<1000 { await Task.yield() }
        }
        try await withTestClient(over: mode, handler: handler) { client in
            var ends = errors.makeAsyncIterator()
            for _ in 0..<8 {
                try await client.withRawConnection { peer in
                    try await peer.send(Self.handshake)
                    _ = try? await peer.readToEnd()
                }
                #expect(await ends.next() as? DuplexStreamError == .ended)
            }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `the second of two tasks that read receives an error, and the first continues`(
        mode: TestMode
    ) async throws {
        let (errors, failing) = AsyncStream.makeStream(of: (any Error).self)
        let handler = StreamingHandler { exchange in
            let stream = try await exchange.upgrade(to: "websocket")
            await withTaskGroup { tasks in
                for _ in 0..<2 {
                    tasks.addTask {
                        do {
                            if let bytes = try await stream.read() { try await stream.write(bytes) }
                        } catch {
                            failing.yield(error)
                        }
                    }
                }
            }
        }
        try await withTestClient(over: mode, handler: handler) { client in
            try await client.withRawConnection { peer in
                try await peer.send(Self.handshake)
                #expect(await errors.first { _ in true } as? DuplexStreamError == .readTwice)
                try await peer.send("hello")
                #expect(try await peer.readToEnd().hasSuffix("\r\n\r\nhello"))
            }
        }
    }

    @Test func `a write of another task ends with the handler, whenever the peer reads`()
        async throws
    {
        let (errors, failing) = AsyncStream.makeStream(of: (any Error).self)
        let handler = StreamingHandler { exchange in
            let stream = try await exchange.upgrade(to: "websocket")
            Task {
                let bytes = [UInt8](repeating: 1, count: 1 << 20)
                do {
                    while true { try await stream.write(bytes) }
                } catch {
                    failing.yield(error)
                }
            }
            while exchange.response.bodyBytesSent == 0 { await Task.yield() }
        }
        try await withServer(handler: handler) { bound, _ in
            var ends = errors.makeAsyncIterator()
            for _ in 0..<8 {
                try await RawConnection.connected(to: bound) { peer in
                    try await peer.send(Self.handshake)
                    _ = try? await peer.readToEnd()
                }
                #expect(await ends.next() as? DuplexStreamError == .ended)
            }
        }
    }
}

/// Records the status of the last exchange.
private final class EndRecorder: Middleware {
    private let last = Mutex<HTTPResponse.Status?>(nil)

    var status: HTTPResponse.Status? { last.withLock { $0 } }

    func intercept(_ exchange: Exchange, next: Next) async throws {
        try await next(exchange)
        let status = exchange.response.status
        last.withLock { $0 = status }
    }
}

/// Reads a head, then frames.
private struct FrameReader {
    let peer: RawConnection
    private var frames = WebSocketFrames()

    init(peer: RawConnection) {
        self.peer = peer
    }

    mutating func readHead() async throws -> String {
        var bytes: [UInt8] = []
        while true {
            if let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
                frames.append(Array(bytes[end.upperBound...]))
                return String(decoding: bytes[..<end.upperBound], as: UTF8.self)
            }
            let more = try await peer.read()
            if more.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += more
        }
    }

    mutating func nextFrame() async throws -> WebSocketFrames.Frame? {
        while true {
            if let frame = frames.next() { return frame }
            let more = try await peer.read()
            if more.isEmpty { return nil }
            frames.append(more)
        }
    }
}

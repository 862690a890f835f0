import Glibc
import TestSupport
import Testing

@testable import SpoorNetworking
@testable import SpoorTesting

@Suite(.finishes(within: .seconds(60))) struct MemoryStreamTests {
    /// Runs `body` on one event loop with both ends of a connection; the server's end is on another loop if
    /// requested.
    private func withEnds(
        _ body:
            @escaping @Sendable @concurrent (any ByteStream, any ByteStream) async throws -> Void
    ) async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        let result = await Task(executorPreference: loop) {
            let port = MemoryPort()
            let listener = port.listen(on: loop)
            let client = try port.connect(on: loop)
            let server = try #require(try await listener.accept())
            try await body(client, server)
            client.close()
            server.close()
            listener.close()
        }.result
        await group.shutdown()
        try result.get()
    }

    private static func receive(_ stream: any ByteStream) async throws -> [UInt8]? {
        var buffer = ReceiveBuffer()
        while true {
            switch try buffer.fill(from: stream) {
            case .bytes: return Array(buffer.storage[buffer.unread])
            case .endOfStream: return nil
            case .wouldBlock: _ = await stream.waitReadable(until: .never)
            }
        }
    }

    @Test func `bytes go both ways, and the end after them`() async throws {
        try await withEnds { client, server async throws in
            #expect(try client.send([1, 2, 3].span, [4].span) == .bytes(4))
            #expect(try await Self.receive(server) == [1, 2, 3, 4])
            #expect(try server.send([5].span) == .bytes(1))
            try server.shutdownWrite()
            #expect(try await Self.receive(client) == [5])
            #expect(try await Self.receive(client) == nil)
            #expect(client.hasPeerClosedWriting)
            #expect(throws: SystemError(code: EPIPE, call: "send")) { try server.send([6].span) }
            #expect(try client.send([7].span) == .bytes(1))
            #expect(try await Self.receive(server) == [7])
        }
    }

    @Test func `a sender waits until there is space`() async throws {
        try await withEnds { client, server async throws in
            let bytes = [UInt8](repeating: 7, count: MemoryPipe.maxBytes + 1)
            #expect(try client.send(bytes.span) == .bytes(MemoryPipe.maxBytes))
            #expect(try client.send([8].span) == .wouldBlock)
            async let isReady = client.waitWritable(until: .never)
            let first = try #require(try await Self.receive(server))
            #expect(await isReady == .ready)
            #expect(try client.send([8].span) == .bytes(1))
            var count = first.count
            while count < bytes.count { count += try await Self.receive(server)?.count ?? 0 }
            #expect(count == bytes.count)
        }
    }

    @Test func `closing loses no sent bytes, and is visible at the other end`() async throws {
        try await withEnds { client, server async throws in
            #expect(try client.send([1].span) == .bytes(1))
            client.close()
            #expect(try await Self.receive(server) == [1])
            #expect(try await Self.receive(server) == nil)
            #expect(throws: SystemError(code: EPIPE, call: "send")) { try server.send([6].span) }
            while !server.hasHungUp { await Task.yield() }
        }
    }

    @Test func `a wait ends by interruption, deadline and close`() async throws {
        try await withEnds { client, server async throws in
            #expect(await client.waitReadable(until: client.loop.now) == .timedOut)
            async let first = client.waitReadable(until: .never)
            await Task.yield()
            client.interrupt()
            #expect(await first == .interrupted)
            client.clearInterruption()
            async let second = client.waitReadable(until: .never)
            await Task.yield()
            client.close()
            #expect(await second == .interrupted)
            #expect(try await Self.receive(server) == nil)
        }
    }

    @Test func `the observer is notified of an end that no task waits for`() async throws {
        try await withEnds { client, server async throws in
            let notified = Gate()
            server.observeReadiness { notified.open() }
            client.close()
            try await notified.wait()
            #expect(server.hasPeerClosedWriting)
        }
    }

    @Test func `the ends may be on different loops`() async throws {
        let group = try EventLoopGroup(loopCount: 2)
        let port = MemoryPort()
        let listener = port.listen(on: group.loops[0])
        let count = 3_000_000
        let receiving = Task(executorPreference: group.loops[0]) {
            let stream = try #require(try await listener.accept())
            var received = 0
            while let bytes = try await Self.receive(stream) { received += bytes.count }
            stream.close()
            listener.close()
            return received
        }
        try await Task(executorPreference: group.loops[1]) {
            let stream = try port.connect(on: group.loops[1])
            let bytes = [UInt8](repeating: 1, count: count)
            var sent = 0
            while sent < count {
                switch try stream.send(bytes.span.extracting(droppingFirst: sent)) {
                case .bytes(let more): sent += more
                case .wouldBlock: _ = await stream.waitWritable(until: .never)
                }
            }
            stream.close()
        }.value
        #expect(try await receiving.value == count)
        await group.shutdown()
    }

    @Test func `connecting fails without a listener`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        try await Task(executorPreference: loop) {
            let port = MemoryPort()
            let connectionRefused = SystemError(code: ECONNREFUSED, call: "connect")
            #expect(throws: connectionRefused) { try port.connect(on: loop) }
            let listener = port.listen(on: loop)
            let waiting = try port.connect(on: loop)
            listener.close()
            #expect(try await Self.receive(waiting) == nil)
            #expect(throws: connectionRefused) { try port.connect(on: loop) }
            #expect(try await listener.accept() == nil)
            waiting.close()
        }.value
        await group.shutdown()
    }

    // MARK: Receiving

    @Test func `a buffer that may grow does so when a read fills it, and only then`() async throws {
        try await withEnds { client, server async throws in
            for (maxBytes, counts) in [
                (ReceiveBuffer.initialBytes, [16, 16, 16, 16]), (48 << 10, [16, 48]),
            ] {
                #expect(
                    try client.send([UInt8](repeating: 7, count: 64 << 10).span) == .bytes(64 << 10)
                )
                var buffer = ReceiveBuffer(growingTo: maxBytes)
                for count in counts {
                    #expect(try buffer.fill(from: server) == .bytes(count << 10))
                    buffer.consume(count << 10)
                }
                #expect(buffer.storage.count == maxBytes)
                #expect(try client.send([1].span) == .bytes(1))
                #expect(try buffer.fill(from: server) == .bytes(1))
                #expect(buffer.storage.count == maxBytes)
            }
        }
    }

    @Test func `received bytes are appended to an array`() async throws {
        try await withEnds { client, server async throws in
            var bytes: [UInt8] = [1]
            #expect(try server.receive(appendingTo: &bytes, upTo: 8) == .wouldBlock)
            #expect(bytes == [1])
            #expect(try client.send([2, 3, 4].span) == .bytes(3))
            #expect(try server.receive(appendingTo: &bytes, upTo: 2) == .bytes(2))
            #expect(try server.receive(appendingTo: &bytes, upTo: 8) == .bytes(1))
            #expect(bytes == [1, 2, 3, 4])
            try client.shutdownWrite()
            #expect(try server.receive(appendingTo: &bytes, upTo: 8) == .endOfStream)
            #expect(bytes == [1, 2, 3, 4])
        }
    }
}

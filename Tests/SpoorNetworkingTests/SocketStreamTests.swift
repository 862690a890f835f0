import CSpoorLinux
import Glibc
import PeerSupport
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorNetworking

@Suite(.finishes(within: .seconds(60))) struct SocketStreamTests {
    static let addresses: [SocketAddress] = [
        .loopback(port: 0), SocketAddress(.ipv6(high: 0, low: 1, port: 0, scope: 0)),
        .unix(path: socketPath("stream")),
    ]

    static func echo(_ stream: SocketStream) async throws {
        while true {
            let bytes = try await stream.readSome()
            if bytes.isEmpty { return }
            try await stream.write(bytes)
        }
    }

    @Test(arguments: addresses)
    func `an echo is received over every kind of socket`(address: SocketAddress) async throws {
        let server = try LoopbackServer(at: address, Self.echo)
        let response = try await withConnection(to: server.address) { stream async throws in
            try await stream.write(Array("over and out".utf8))
            try stream.shutdownWrite()
            return try await stream.readToEnd()
        }
        #expect(response == Array("over and out".utf8))
        try await server.stop()
    }

    @Test func `single bytes arrive as they are sent`() async throws {
        let server = try LoopbackServer(Self.echo)
        let response = try await withConnection(to: server.address) { stream async throws in
            var response: [UInt8] = []
            for byte in UInt8(0)..<200 {
                try await stream.write([byte])
                response += try await stream.readSome()
            }
            return response
        }
        #expect(response == Array(0..<200))
        try await server.stop()
    }

    @Test(arguments: [addresses[0], addresses[2]])
    func `a slow reader causes back-pressure and loses no bytes`(
        address: SocketAddress
    ) async throws {
        // A period that does not divide any buffer size, so that a lost or duplicated piece is detected.
        let bytes = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 % 251) }
        let address =
            address.unixPath == nil ? address : .unix(path: socketPath("slow"))
        let isHeldBack = Gate()
        let server = try LoopbackServer(at: address) { stream async throws in
            try stream.setBufferSizes(send: 16_384, receive: 16_384)
            var waits = 0
            try await stream.write(bytes) {
                waits += 1
                isHeldBack.open()
            }
            #expect(waits > 0)
        }
        let received = try await withConnection(to: server.address) { stream async throws in
            try await isHeldBack.wait()
            return try await stream.readToEnd(pieces: 3_001)
        }
        #expect(received == bytes)
        try await server.stop()
    }

    @Test func `head and body are sent together without being joined`() async throws {
        let head = Array("head;".utf8)
        let body = [UInt8](repeating: 0x62, count: 1_000)
        let server = try LoopbackServer { stream async throws in
            #expect(try stream.send(head.span, body.span) == .bytes(1_005))
        }
        let received = try await withConnection(to: server.address) { try await $0.readToEnd() }
        #expect(received == head + body)
        try await server.stop()
    }

    @Test func `a half-closed peer still gets its response`() async throws {
        let server = try LoopbackServer { stream async throws in
            let question = try await stream.readToEnd()
            #expect(stream.hasPeerClosedWriting)
            try await stream.write(Array("response to ".utf8) + question)
        }
        let received = try await withConnection(to: server.address) { stream async throws in
            try await stream.write(Array("all of it".utf8))
            try stream.shutdownWrite()
            return try await stream.readToEnd()
        }
        #expect(received == Array("response to all of it".utf8))
        try await server.stop()
    }

    @Test func `an end of stream that arrives with the bytes is detected after a short read`()
        async throws
    {
        let arrived = Gate()
        let server = try LoopbackServer { stream async throws in
            // Both have arrived before the first read, and the loop has seen both.
            try await arrived.wait()
            while !stream.hasPeerClosedWriting { await Task.yield() }
            guard await stream.waitReadable(until: .never) == .ready else { return }
            #expect(try await stream.readSome() == Array("last words".utf8))
            #expect(stream.mayHaveMore)
            #expect(await stream.waitReadable(until: .never) == .ready)
            #expect(try await stream.readSome() == [])
        }
        try await withConnection(to: server.address) { stream async throws in
            try await stream.write(Array("last words".utf8))
            try stream.shutdownWrite()
            arrived.open()
            #expect(try await stream.readToEnd() == [])
        }
        try await server.stop()
    }

    @Test func `a short read drains the stream`() async throws {
        let server = try LoopbackServer { stream async throws in
            try await stream.write([1, 2, 3])
            _ = try await stream.readSome()
        }
        try await withConnection(to: server.address) { stream async throws in
            #expect(await stream.waitReadable(until: .never) == .ready)
            #expect(try await stream.readSome() == [1, 2, 3])
            #expect(!stream.mayHaveMore)
        }
        try await server.stop()
    }

    @Test func `a wait ends at its deadline and the next one works`() async throws {
        let server = try LoopbackServer { stream async throws in
            let soon = stream.loop.now.advanced(by: .milliseconds(5))
            #expect(await stream.waitReadable(until: soon) == .timedOut)
            try await stream.write([7])
            #expect(await stream.waitReadable(until: .never) == .ready)
            #expect(try await stream.readSome() == [8])
        }
        try await withConnection(to: server.address) { stream async throws in
            #expect(try await stream.readSome() == [7])
            try await stream.write([8])
            #expect(try await stream.readToEnd() == [])
        }
        try await server.stop()
    }

    @Test func `an interruption ends the current wait and all later ones until it is cleared`()
        async throws
    {
        let server = try LoopbackServer { stream async throws in
            stream.loop.execute { stream.interrupt() }
            #expect(await stream.waitReadable(until: .never) == .interrupted)
            #expect(await stream.waitReadable(until: .never) == .interrupted)
            #expect(await stream.waitWritable(until: .never) == .interrupted)
            stream.clearInterruption()
            #expect(await stream.waitWritable(until: .never) == .ready)
            try await stream.write([9])
        }
        let received = try await withConnection(to: server.address) { try await $0.readToEnd() }
        #expect(received == [9])
        try await server.stop()
    }

    @Test func `a second wait for the same direction is rejected, and the first continues`()
        async throws
    {
        let ready = Gate()
        let server = try LoopbackServer { stream async throws in
            try stream.setBufferSizes(send: 32_768, receive: 32_768)
            async let reading = stream.waitReadable(until: .never)
            await Task.yield()
            #expect(await stream.waitReadable(until: .never) == .busy)
            let bytes = [UInt8](repeating: 1, count: 1 << 20)
            var count = 0
            while case .bytes(let taken) = try stream.send(bytes.span) { count += taken }
            async let writing = stream.waitWritable(until: .never)
            await Task.yield()
            #expect(await stream.waitWritable(until: .never) == .busy)
            ready.open()
            #expect(await writing == .ready)
            #expect(await reading == .ready)
            #expect(try await stream.readSome() == [7])
        }
        try await withConnection(to: server.address) { stream async throws in
            try await ready.wait()
            try await stream.write([7])
            _ = try await stream.readToEnd()
        }
        try await server.stop()
    }

    @Test func `closing ends the wait of the reader`() async throws {
        let server = try LoopbackServer { stream async throws in
            stream.loop.execute { stream.close() }
            #expect(await stream.waitReadable(until: .never) == .interrupted)
            #expect(throws: SystemError(code: EBADF, call: "send")) {
                try stream.send([1].span)
            }
        }
        let received = try await withConnection(to: server.address) { try await $0.readToEnd() }
        #expect(received == [])
        try await server.stop()
    }

    @Test func `readiness that no task waits for is reported to the observer`() async throws {
        let (noticed, notice) = AsyncStream.makeStream(of: Bool.self)
        let server = try LoopbackServer { stream async throws in
            stream.observeReadiness { notice.yield(stream.hasPeerClosedWriting) }
            let news = await noticed.first { $0 }
            #expect(news == true)
            #expect(stream.hasPeerClosedWriting)
        }
        try await withConnection(to: server.address) { try $0.shutdownWrite() }
        try await server.stop()
    }

    @Test func `a connection without a listener is refused`() async throws {
        // Bound and not listening, so that no other process gets the port meanwhile.
        let idle = try FileDescriptor.streamSocket(for: .loopback(port: 0))
        try idle.bind(to: .loopback(port: 0))
        let address = try idle.localAddress()
        await #expect(throws: SystemError(code: ECONNREFUSED, call: "connect")) {
            try await withConnection(to: address) { _ in }
        }
    }

    @Test func `small writes are not delayed, on either side`() async throws {
        let server = try LoopbackServer { stream async throws in
            #expect(try stream.isNoDelay)
        }
        try await withConnection(to: server.address) { stream async throws in
            #expect(try stream.isNoDelay)
            _ = try await stream.readToEnd()
        }
        try await server.stop()
    }

    @Test func `the kernel buffers little for a peer that reads nothing`() async throws {
        let (counts, note) = AsyncStream.makeStream(of: Int.self)
        let server = try LoopbackServer { stream async throws in
            let piece = [UInt8](repeating: 1, count: 64 << 10)
            var taken = 0
            while case .bytes(let count) = try stream.send(piece.span) { taken += count }
            note.yield(taken)
        }
        try await withConnection(to: server.address) { _ async throws in
            for await taken in counts {
                #expect(taken < 1 << 20)
                break
            }
        }
        try await server.stop()
    }

    @Test func `addresses of both ends match`() async throws {
        let client = try await addressesOfClient()
        #expect(client.peer == client.local)
    }

    @Test func `unacknowledged bytes are counted until the peer acknowledges them`() async throws {
        let taken = Gate()
        let server = try LoopbackServer { stream async throws in
            #expect(stream.queuedByteCount == 0)
            let piece = [UInt8](repeating: 1, count: 1 << 16)
            while case .bytes = try stream.send(piece.span) {}
            #expect(stream.queuedByteCount > 0)
            taken.open()
            while stream.queuedByteCount > 0 { await Task.yield() }
            try stream.shutdownWrite()
        }
        _ = try await withConnection(to: server.address) { stream async throws in
            try await taken.wait()
            return try await stream.readToEnd()
        }
        try await server.stop()
    }
}

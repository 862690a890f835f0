import HTTPTypes
import SpoorHTTP
import SpoorHTTP1
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorClient

/// The queue between the closure that writes a body and the event loop that sends it.
@Suite(.finishes(within: .seconds(60))) struct RequestBodyQueueTests {
    private static let reset = ClientError.connectionClosed(.send)

    private static func queue(_ length: MessageFraming.Length) -> RequestBodyQueue {
        RequestBodyQueue(MessageFraming(length: length, sendsBody: true))
    }

    /// Returns everything in a queue that has ended, as text.
    private static func drain(_ queue: RequestBodyQueue) async throws -> [String] {
        var pieces: [String] = []
        while let piece = try await queue.next() {
            pieces.append(String(decoding: piece, as: UTF8.self))
            _ = queue.sent(piece.count)
        }
        return pieces
    }

    @Test func `a writer continues while the queue has space, and waits until half of it is free`()
        async throws
    {
        let queue = Self.queue(.bytes(10 << 20))
        let piece = [UInt8](repeating: 1, count: 64 << 10)
        for _ in 0..<4 { try await queue.write(piece) }
        #expect(queue.byteCount == RequestBodyQueue.maxBytes)
        let written = Gate()
        let writing = Task {
            try await queue.write(piece)
            written.open()
        }
        for _ in 0..<5 {
            let next = try await queue.next()
            #expect(next?.count == piece.count)
        }
        #expect(queue.byteCount == 5 << 16)
        for count in [4, 3, 2] {
            #expect(!written.isOpen)
            #expect(!queue.sent(piece.count))
            #expect(queue.byteCount == count << 16)
        }
        try await written.wait()
        try await writing.value
    }

    @Test func `one large piece is sent unchanged, and its writer waits`() async throws {
        let queue = Self.queue(.bytes(1 << 20))
        let writing = Task { try await queue.write([UInt8](repeating: 7, count: 1 << 20)) }
        let piece = try #require(try await queue.next())
        #expect(piece.count == 1 << 20)
        #expect(queue.sent(piece.count))
        try await writing.value
        try queue.end()
        #expect(try await queue.next() == nil)
    }

    @Test func `an error is thrown by a waiting write, and by every later one`() async throws {
        let queue = Self.queue(.chunked)
        let writing = Task {
            while true { try await queue.write([UInt8](repeating: 1, count: 64 << 10)) }
        }
        for _ in 0..<4 { _ = try await queue.next() }
        queue.fail(Self.reset)
        await #expect(throws: Self.reset) { try await writing.value }
        await #expect(throws: Self.reset) { try await queue.write([]) }
        await #expect(throws: Self.reset) { _ = try await queue.next() }
        // The latest reason is the one that is thrown.
        queue.fail(.cancelled)
        await #expect(throws: ClientError.cancelled) { try await queue.write([1]) }
        try queue.end()
    }

    @Test func `a waiting reader receives bytes, the end and an error`() async throws {
        let queue = Self.queue(.bytes(2))
        let sending = Task { try await Self.drain(queue) }
        try await queue.write([0x61])
        try await queue.write([0x62])
        try queue.end()
        #expect(try await sending.value.joined() == "ab")
        let other = Self.queue(.chunked)
        let failing = Task { try await other.next() }
        other.fail(Self.reset)
        await #expect(throws: Self.reset) { try await failing.value }
    }

    @Test func `pieces are chunks, small ones are sent together, trailers come last`() async throws
    {
        let queue = Self.queue(.chunked)
        for text in ["hello", "", " world"] { try await queue.write(Array(text.utf8)) }
        try queue.setTrailers([.eTag: "11"])
        #expect(throws: ClientError.self) { try queue.setTrailers([.contentLength: "1"]) }
        try queue.end()
        let pieces = try await Self.drain(queue)
        #expect(
            pieces == [
                "5\r\nhello\r\n6\r\n world\r\n", "0\r\nETag: 11\r\n\r\n",
            ])
        #expect(queue.byteCount == 0)
    }

    @Test func `small pieces are joined up to a limit`() async throws {
        let queue = Self.queue(.bytes(100_000))
        for _ in 0..<100 { try await queue.write([UInt8](repeating: 1, count: 1_000)) }
        try queue.end()
        var counts: [Int] = []
        while let piece = try await queue.next() {
            counts.append(piece.count)
            #expect(queue.sent(piece.count) == (counts.reduce(0, +) == 100_000))
        }
        #expect(counts == [16_000, 16_000, 16_000, 16_000, 16_000, 16_000, 4_000])
    }

    @Test func `a body with another length than announced is rejected`() async throws {
        let queue = Self.queue(.bytes(3))
        let tooLong = ClientError.bodyLengthMismatch(written: 4, announced: 3)
        await #expect(throws: tooLong) { try await queue.write([1, 2, 3, 4]) }
        try await queue.write([1, 2])
        #expect(throws: ClientError.bodyLengthMismatch(written: 2, announced: 3)) {
            try queue.end()
        }
        await #expect(throws: tooLong) { try await queue.write([3, 4]) }
        try await queue.write([3])
        try queue.end()
        await #expect(throws: ClientError.self) { try await queue.write([]) }
        #expect(throws: ClientError.self) { try queue.setTrailers([.accept: "a"]) }
    }

    // MARK: Over a connection

    @Test(arguments: [nil, 4 << 20])
    func `written pieces arrive completely and in order, from any thread`(
        length: Int?
    ) async throws {
        let (bodies, body) = AsyncStream.makeStream(of: Substring.self)
        let server = try ScriptedServer { peer in
            while let request = try await peer.readRequest() {
                body.yield(request.split(separator: "\r\n\r\n", maxSplits: 1).last ?? "")
                try await peer.send(HTTPClientTests.hello)
            }
        }
        // 64 pieces of 64 KiB, each of another letter.
        let pieces = (0..<64).map { [UInt8](repeating: UInt8(0x41 + $0 % 26), count: 64 << 10) }
        let whole = pieces.map {
            length == nil
                ? "10000\r\n\(String(decoding: $0, as: UTF8.self))\r\n"
                : String(decoding: $0, as: UTF8.self)
        }.joined()
        try await HTTPClientTests.withClient(of: server) { client async throws in
            let text = try await client.withResponse(
                to: HTTPClientRequest(.post, server.url()), bodyLength: length
            ) { writer in
                for piece in pieces {
                    try await writer.write(piece)
                    #expect(writer.body.byteCount <= RequestBodyQueue.maxBytes)
                }
            } _: { response in
                String(decoding: try await response.collect(upTo: 5), as: UTF8.self)
            }
            #expect(text == "hello")
            var iterator = bodies.makeAsyncIterator()
            let received = await iterator.next() ?? ""
            #expect(received == whole + (length == nil ? "0\r\n\r\n" : ""))
            #expect(client.counters.connectionsOpened == 1)
        }
    }

    @Test func `a connection that fails after the last write fails the exchange`() async throws {
        let closing = Gate()
        let server = try ScriptedServer { peer in
            _ = try await peer.read(until: "\r\n\r\n")
            try await closing.wait()
        }
        try await HTTPClientTests.withClient(of: server) { client async throws in
            let written = Gate()
            let error = await #expect(throws: ClientError.self) {
                try await client.withResponse(to: HTTPClientRequest(.post, server.url())) {
                    writer in
                    for _ in 0..<3 { try await writer.write("abc") }
                    written.open()
                    closing.open()
                } _: { _ in
                    Issue.record("a response")
                }
            }
            #expect(written.isOpen)
            switch error {
            case .connectionClosed, .connectionBroken: break
            default: Issue.record("\(String(describing: error))")
            }
        }
    }
}

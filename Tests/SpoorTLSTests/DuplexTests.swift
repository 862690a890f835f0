import CSpoorOpenSSL
import PeerSupport
import SpoorNetworking
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorTLS

/// A connection that one task reads from while another task writes to it.
@Suite(.finishes(within: .seconds(60))) struct DuplexTests {
    private static let sent = (0..<6_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

    /// Shrinks the kernel's buffers, so that they fill up soon.
    private static func narrow(_ ends: TLSStream...) throws {
        for end in ends {
            let socket = try #require(end.socket as? SocketStream)
            try socket.setBufferSizes(send: 32_768, receive: 32_768)
        }
    }

    /// Writes until the socket accepts no more; returns the number of accepted bytes.
    private static func fill(_ stream: TLSStream) throws -> Int {
        var taken = 0
        while case .bytes(let count) = try stream.send(
            sent.span.extracting(droppingFirst: taken))
        {
            taken += count
        }
        #expect(taken < sent.count)
        return taken
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `reads while a write waits for its peer`(version: TLSVersion) async throws {
        var trust = try Trust()
        trust.client.maximumVersion = version
        try await withTLSPair(trust) { server, client in
            try Self.narrow(server, client)
            let taken = try Self.fill(server)
            async let writing: Void = server.write(Array(Self.sent[taken...]))
            for round in 0..<10 {
                let text = Array("round \(round)".utf8)
                try await client.write(text)
                #expect(try await server.read(count: text.count) == text)
            }
            let received = try await client.read(count: Self.sent.count)
            #expect(received == Self.sent)
            try await writing
        }
    }

    @Test(arguments: [1, 2, 3, 200], [false, true])
    func `responds to key updates while a write is blocked`(
        updates: Int, isWriterThere: Bool
    ) async throws {
        try await withTLSPair(try Trust()) { server, client in
            try Self.narrow(server, client)
            let taken = try Self.fill(server)
            let rest = Array(Self.sent[taken...])
            async let early: Void = isWriterThere ? server.write(rest) : ()
            for _ in 0..<10 { await Task.yield() }
            async let reading = server.read(count: updates * 4)
            for _ in 0..<updates {
                _ = unsafe SSL_key_update(
                    client.connection.pointer, Int32(SSL_KEY_UPDATE_REQUESTED))
                try await client.write(Array("more".utf8))
            }
            #expect(try await reading.count == updates * 4)
            async let late: Void = isWriterThere ? () : server.write(rest)
            let received = try await client.read(count: Self.sent.count)
            #expect(received == Self.sent)
            try await early
            try await late
            // Both directions continue with the new keys.
            try await client.write(Array("ping".utf8))
            #expect(try await server.read(count: 4) == Array("ping".utf8))
            try await server.write(Array("pong".utf8))
            #expect(try await client.read(count: 4) == Array("pong".utf8))
        }
    }

    @Test func `notifies an observer of input while a write is blocked`() async throws {
        try await withTLSPair(try Trust()) { server, client in
            try Self.narrow(server, client)
            _ = try Self.fill(server)
            let news = Gate()
            server.observeReadiness { news.admit() }
            for _ in 0..<2 {
                _ = unsafe SSL_key_update(
                    client.connection.pointer, Int32(SSL_KEY_UPDATE_REQUESTED))
                try await client.write(Array("news".utf8))
                try await news.wait()
                #expect(try await server.read(count: 4) == Array("news".utf8))
            }
            server.observeReadiness(nil)
        }
    }

    @Test func `fails when a peer requests key updates and reads no response`() async throws {
        try await withTLSPair(try Trust()) { server, client in
            try Self.narrow(server, client)
            _ = try Self.fill(server)
            let error = await failure {
                for _ in 0..<100_000 {
                    _ = unsafe SSL_key_update(
                        client.connection.pointer, Int32(SSL_KEY_UPDATE_REQUESTED))
                    try await client.write([1])
                    _ = try await server.read(count: 1)
                }
            }
            #expect(
                (error as? SystemError)?.call
                    == "TLS (the peer does not read the responses to its key updates)")
        }
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `reads bytes that arrived before a write failed`(version: TLSVersion) async throws {
        var trust = try Trust()
        trust.client.maximumVersion = version
        try await withTLSPair(trust) { server, client in
            try await server.write([1])
            try await client.write(Array("early answer".utf8))
            // With unread bytes, closing the socket resets the connection.
            client.closeOrderly()
            let error = await failure { while true { try await server.write(Self.sent) } }
            #expect((error as? SystemError)?.isPeerGone == true)
            #expect(try await server.read(count: 12) == Array("early answer".utf8))
            // No later write succeeds.
            await #expect(throws: SystemError.self) { try await server.write([1]) }
        }
    }

    @Test func `an interruption ends the waits of a writer and a reader`() async throws {
        try await withTLSPair(try Trust()) { server, client in
            try Self.narrow(server, client)
            _ = try Self.fill(server)
            async let writing = server.waitWritable(until: .never)
            async let reading = server.waitReadable(until: .never)
            for _ in 0..<10 { await Task.yield() }
            server.interrupt()
            #expect(await writing == .interrupted)
            #expect(await reading == .interrupted)
        }
    }

    // MARK: A key update in two pieces

    /// Runs `body` where the server has received half a key update (RFC 8446 §4.6.3): OpenSSL neither reads nor
    /// writes data before it has the rest.
    private func withHalfAnUpdate(
        _ body:
            @escaping @Sendable @concurrent (
                _ server: TLSStream, _ client: TLSStream, _ script: RecordScript
            ) async throws -> Void
    ) async throws {
        let trust = try Trust()
        let (server, client) = (try TLSServer(trust.server), try TLSClient(trust.client))
        RecordScript.listen(to: client)
        try await withSocketPair { far, near in
            let ends = try await performHandshakes(far, near, server: server, client: client)
            let (accepted, dialled) = (try ends.server.get(), try ends.client.get())
            var script = try RecordScript(dialled)
            // The head of the message; one byte is missing.
            try await near.write(script.record(.handshake, [24, 0, 0, 1]))
            while unsafe SSL_in_init(accepted.connection.pointer) == 0 {
                #expect(await accepted.waitReadable(until: .never) == .ready)
                #expect(try accepted.receiveNothing())
            }
            try await body(accepted, dialled, script)
        }
    }

    @Test(arguments: [false, true])
    func `a reader and a writer continue when the rest of a key update has arrived`(
        isWriterFirst: Bool
    ) async throws {
        try await withHalfAnUpdate { server, client, script in
            var script = script
            async let early: Void = isWriterFirst ? server.write(Array("pong".utf8)) : ()
            while isWriterFirst != server.isWriterStalled { await Task.yield() }
            async let reading = server.read(count: 4)
            while !server.isReaderWaiting { await Task.yield() }
            async let late: Void = isWriterFirst ? () : server.write(Array("pong".utf8))
            // One of them waits for the socket, the other for the first one's wait.
            while !server.isWriterStalled { await Task.yield() }
            var rest = try script.record(.handshake, [1])
            script.updateKeys()
            rest += try script.record(.applicationData, Array("ping".utf8))
            try await client.socket.write(rest)
            #expect(try await reading == Array("ping".utf8))
            try await early
            try await late
            // The response to the key update comes first, and the client uses the keys that follow.
            #expect(try await client.read(count: 4) == Array("pong".utf8))
        }
    }

    @Test func `a task that waits for another task's wait has its own timeout`() async throws {
        try await withHalfAnUpdate { server, client, script in
            var script = script
            async let reading = server.read(count: 4)
            while !server.isReaderWaiting { await Task.yield() }
            #expect(try server.sendNothing())
            let soon = MonotonicInstant.now().advanced(by: .milliseconds(1))
            #expect(await server.waitWritable(until: soon) == .timedOut)
            // It has left nothing that disturbs the reader.
            var rest = try script.record(.handshake, [0])
            script.updateKeys()
            rest += try script.record(.applicationData, Array("ping".utf8))
            try await client.socket.write(rest)
            #expect(try await reading == Array("ping".utf8))
        }
    }

    @Test func `a second wait for the same direction is rejected, and the first continues`()
        async throws
    {
        try await withHalfAnUpdate { server, client, script in
            var script = script
            async let reading = server.read(count: 4)
            while !server.isReaderWaiting { await Task.yield() }
            #expect(await server.waitReadable(until: .never) == .busy)
            #expect(try server.sendNothing())
            async let writing = server.waitWritable(until: .never)
            while !server.isWriterStalled { await Task.yield() }
            #expect(await server.waitWritable(until: .never) == .busy)
            var rest = try script.record(.handshake, [0])
            script.updateKeys()
            rest += try script.record(.applicationData, Array("ping".utf8))
            try await client.socket.write(rest)
            #expect(try await reading == Array("ping".utf8))
            #expect(await writing == .ready)
        }
    }

    @Test func `an interruption in the middle of a key update ends both waits`() async throws {
        try await withHalfAnUpdate { server, _, _ in
            async let reading = server.waitReadable(until: .never)
            while !server.isReaderWaiting { await Task.yield() }
            let isRefused = try server.sendNothing()
            #expect(isRefused)
            async let writing = server.waitWritable(until: .never)
            while !server.isWriterStalled { await Task.yield() }
            server.interrupt()
            #expect(await writing == .interrupted)
            #expect(await reading == .interrupted)
        }
    }
}

extension TLSStream {
    /// Whether there is nothing to read now.
    fileprivate func receiveNothing() throws -> Bool {
        var byte: UInt8 = 0
        return try unsafe withUnsafeMutableBytes(of: &byte) { try unsafe receive(into: $0) }
            == .wouldBlock
    }

    /// Whether nothing can be written now.
    fileprivate func sendNothing() throws -> Bool {
        try send([1].span) == .wouldBlock
    }
}

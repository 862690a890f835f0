import COpenSSL
import SpoorNetworking
import Testing

@testable import SpoorTLS

/// A connection that one task reads from while another writes to it.
@Suite(.timeLimit(.minutes(10))) struct DuplexTests {
    private static let sent = (0..<6_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

    /// Makes the kernel keep little, so that writes are soon refused.
    private static func narrow(_ ends: TLSStream...) throws {
        for end in ends {
            let socket = try #require(end.socket as? SocketStream)
            try socket.setBufferSizes(send: 32_768, receive: 32_768)
        }
    }

    /// Writes until the socket takes no more; how much it has taken.
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
        try await withSecurePair(trust) { server, client in
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
    func `answers updates of keys although a write is refused`(
        updates: Int, isWriterThere: Bool
    ) async throws {
        try await withSecurePair(try Trust()) { server, client in
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
            // Both directions go on, with the new keys.
            try await client.write(Array("ping".utf8))
            #expect(try await server.read(count: 4) == Array("ping".utf8))
            try await server.write(Array("pong".utf8))
            #expect(try await client.read(count: 4) == Array("pong".utf8))
        }
    }

    @Test func `tells a watcher of news although a write is refused`() async throws {
        try await withSecurePair(try Trust()) { server, client in
            try Self.narrow(server, client)
            _ = try Self.fill(server)
            let (news, told) = AsyncStream.makeStream(of: Void.self)
            server.observeReadiness { told.yield() }
            for _ in 0..<2 {
                _ = unsafe SSL_key_update(
                    client.connection.pointer, Int32(SSL_KEY_UPDATE_REQUESTED))
                try await client.write(Array("news".utf8))
                for await _ in news { break }
                #expect(try await server.read(count: 4) == Array("news".utf8))
            }
            server.observeReadiness(nil)
        }
    }

    @Test func `ends with a peer that asks for keys and takes no answer`() async throws {
        try await withSecurePair(try Trust()) { server, client in
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
            #expect((error as? SystemError)?.call == "TLS (answers that nobody takes)")
        }
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `reads what came before a write failed`(version: TLSVersion) async throws {
        var trust = try Trust()
        trust.client.maximumVersion = version
        try await withSecurePair(trust) { server, client in
            try await server.write([1])
            try await client.write(Array("early answer".utf8))
            // With something unread, the end of the socket is a reset.
            client.closeOrderly()
            let error = await failure { while true { try await server.write(Self.sent) } }
            #expect((error as? SystemError)?.isPeerGone == true)
            #expect(try await server.read(count: 12) == Array("early answer".utf8))
            // No later write pretends to arrive.
            await #expect(throws: SystemError.self) { try await server.write([1]) }
        }
    }

    @Test func `a writer and a reader are both sent away by an interruption`() async throws {
        try await withSecurePair(try Trust()) { server, client in
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
}

import CSpoorOpenSSL
import PeerSupport
import SpoorHTTP
import SpoorNetworking
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorTLS

@Suite(.finishes(within: .seconds(60))) struct TLSStreamTests {
    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `carries bytes both ways`(version: TLSVersion) async throws {
        var trust = try Trust()
        trust.client.maximumVersion = version
        try await withTLSPair(trust) { server, client in
            try await client.write(Array("ping".utf8))
            #expect(try await server.read(count: 4) == Array("ping".utf8))
            try await server.write(Array("pong".utf8))
            #expect(try await client.read(count: 4) == Array("pong".utf8))
            let info = server.info
            #expect(info.version == (version == .tls12 ? "TLSv1.2" : "TLSv1.3"))
            #expect(info.applicationProtocol == "http/1.1")
            #expect(info.serverName == "localhost")
            #expect(!info.isResumed)
            #expect(info.peerCertificate == nil)
            #expect(client.info.peerCertificate?.dnsNames == ["localhost"])
        }
    }

    @Test func `carries bytes one by one`() async throws {
        try await withTLSPair(try Trust()) { server, client in
            for byte in UInt8.min...UInt8.max {
                try await client.write([byte])
                #expect(try await server.read(count: 1) == [byte])
            }
        }
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `suspends a writer whose reader is slow, and loses nothing`(
        version: TLSVersion
    ) async throws {
        var trust = try Trust()
        trust.client.maximumVersion = version
        let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        try await withTLSPair(trust) { server, client in
            // Without a reader, the kernel's buffers fill up.
            for end in [server, client] {
                let socket = try #require(end.socket as? SocketStream)
                try socket.setBufferSizes(send: 65_536, receive: 65_536)
            }
            var taken = 0
            while case .bytes(let count) = try server.send(
                sent.span.extracting(droppingFirst: taken))
            {
                taken += count
                if taken == sent.count { break }
            }
            #expect(taken < sent.count)
            let rest = Array(sent[taken...])
            async let writing: Void = server.write(rest)
            var received: [UInt8] = []
            while received.count < sent.count {
                received += try await client.readSome(max: 1_000)
                if received.count % 7 == 0 { await Task.yield() }
            }
            try await writing
            #expect(received == sent)
        }
    }

    @Test(arguments: [0, 1, 200, 16_383, 16_384, 16_385, 40_000], [1, 200, 16_384, 100_000])
    func `sends a head and a body as one stream`(head: Int, body: Int) async throws {
        try await withTLSPair(try Trust()) { server, client in
            let all = (0..<head + body).map { UInt8(truncatingIfNeeded: $0 >> 3) }
            async let received = client.read(count: all.count)
            var sent = 0
            while sent < all.count {
                let first = all[min(sent, head)..<head]
                let second = all[max(sent, head)...]
                let result = try server.send(Array(first).span, Array(second).span)
                if case .bytes(let count) = result { sent += count }
                if sent < all.count { _ = await server.waitWritable(until: .never) }
            }
            #expect(try await received == all)
        }
    }

    @Test func `sends a small head and its body in one record`() async throws {
        try await withTLSPair(try Trust()) { server, client in
            let sent = try server.send(Array("head".utf8).span, Array("body".utf8).span)
            #expect(sent == .bytes(8))
            // One read brings one record.
            #expect(try await client.readSome() == Array("headbody".utf8))
        }
    }

    @Test func `reports data that OpenSSL still holds`() async throws {
        try await withTLSPair(try Trust()) { server, client in
            try await client.write(Array("several bytes".utf8))
            #expect(try await server.readSome(max: 1) == Array("s".utf8))
            // The socket is empty, the rest is decrypted already.
            #expect(server.mayHaveMore)
            #expect(await server.waitReadable(until: .never) == .ready)
            #expect(try await server.readSome() == Array("everal bytes".utf8))
            #expect(!server.mayHaveMore)
        }
    }

    // MARK: Ends

    @Test func `ends with close-notify, and can still be written to`() async throws {
        try await withTLSPair(try Trust()) { server, client in
            try await client.write(Array("bye".utf8))
            try client.shutdownWrite()
            #expect(try await server.readToEnd() == Array("bye".utf8))
            #expect(server.hasPeerClosedWriting)
            try await server.write(Array("good bye".utf8))
            server.closeOrderly()
            #expect(try await client.readToEnd() == Array("good bye".utf8))
        }
    }

    @Test func `a write after the half-close fails, and reads continue`() async throws {
        try await withTLSPair(try Trust()) { server, client in
            try client.shutdownWrite()
            let error = await #expect(throws: SystemError.self) { try await client.write([1]) }
            #expect(error?.isPeerGone == true)
            #expect(try await server.readToEnd() == [])
            try await server.write(Array("late answer".utf8))
            #expect(try await client.read(count: 11) == Array("late answer".utf8))
            server.closeOrderly()
            #expect(try await client.readToEnd() == [])
        }
    }

    @Test func `neither reads nor writes once it is closed`() async throws {
        try await withTLSPair(try Trust()) { server, client in
            try await client.write(Array("several bytes".utf8))
            #expect(try await server.readSome(max: 1) == Array("s".utf8))
            #expect(server.mayHaveMore)
            server.close()
            #expect(!server.mayHaveMore)
            #expect(await server.waitReadable(until: .never) == .interrupted)
            await #expect(throws: SystemError.self) { try await server.readSome() }
            await #expect(throws: SystemError.self) { try await server.write([1]) }
        }
    }

    @Test func `a write that no longer needs input waits for the socket to be writable`()
        async throws
    {
        try await withTLSPair(try Trust()) { server, client in
            server.state.apply(.writeNeedsInput)
            // The input came with a read of another task, so that the write succeeds without a wait.
            try await server.write([1])
            #expect(server.state.write == .ready)
            #expect(await server.waitWritable(until: .never) == .ready)
            #expect(try await client.read(count: 1) == [1])
        }
    }

    @Test(arguments: [true, false])
    func `a read or a write before the end of the handshake stops the process`(
        reads: Bool
    ) async throws {
        let result = await #expect(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) { [reads] in
            let client = try TLSClient(TLSClientConfiguration())
            try await withSocketPair { _, near in
                let stream = try TLSStream(connectingTo: "localhost", over: near, by: client)
                if reads { _ = try await stream.readSome() } else { try await stream.write([1]) }
            }
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text.contains("before the end of the handshake"))
    }

    @Test func `treats an end without close-notify as truncation`() async throws {
        try await withTLSPair(try Trust()) { server, client in
            try await client.write(Array("half".utf8))
            client.socket.close()
            #expect(try await server.read(count: 4) == Array("half".utf8))
            let error = await #expect(throws: SystemError.self) { try await server.readToEnd() }
            #expect(error?.isPeerGone == true)
            // The error is permanent.
            #expect(server.mayHaveMore)
            await #expect(throws: SystemError.self) { try await server.readSome() }
        }
    }

    @Test func `rejects a record that was tampered with`() async throws {
        try await withTLSPair(try Trust()) { server, client in
            // The head of a record of application data, and invalid bytes.
            try await client.socket.write([23, 3, 3, 0, 32] + [UInt8](repeating: 7, count: 32))
            let error = await #expect(throws: SystemError.self) { try await server.readSome() }
            #expect(error?.call.contains("bad record mac") == true)
            // The peer has received the alert.
            let alerted = await #expect(throws: SystemError.self) { try await client.readSome() }
            #expect(alerted?.call.contains("alert bad record mac") == true)
        }
    }

    @Test func `ends its waits when interrupted`() async throws {
        try await withTLSPair(try Trust()) { server, _ in
            async let outcome = server.waitReadable(until: .never)
            server.loop.execute { server.interrupt() }
            #expect(await outcome == .interrupted)
            #expect(await server.waitReadable(until: .never) == .interrupted)
            server.clearInterruption()
            #expect(await server.waitWritable(until: .never) == .ready)
        }
    }

    // MARK: Protocol messages without data

    @Test func `updates its keys in the middle`() async throws {
        try await withTLSPair(try Trust()) { server, client in
            for round in 0..<20 {
                _ = unsafe SSL_key_update(
                    client.connection.pointer, Int32(SSL_KEY_UPDATE_REQUESTED))
                let text = Array("round \(round)".utf8)
                try await client.write(text)
                #expect(try await server.read(count: text.count) == text)
                try await server.write(text)
                #expect(try await client.read(count: text.count) == text)
            }
        }
    }

    @Test func `does not renegotiate`() async throws {
        var trust = try Trust()
        trust.client.maximumVersion = .tls12
        try await withTLSPair(trust) { server, client in
            // This project's client does not allow renegotiation; here it is enabled.
            unsafe SSL_clear_options(client.connection.pointer, 1 << 30)
            #expect(unsafe SSL_renegotiate(client.connection.pointer) == 1)
            async let response = failure { _ = try await server.readSome() }
            _ = client.connection.handshake()
            let error = await #expect(throws: SystemError.self) {
                try await client.readSome()
            }
            #expect(error?.call.contains("no renegotiation") == true)
            client.socket.close()
            #expect(await response is SystemError)
        }
    }

    @Test func `notifies an observer of bytes and ends, not of tickets`() async throws {
        try await withTLSPair(try Trust()) { server, client in
            // The server's tickets are in the client's socket.
            #expect(await client.socket.waitReadable(until: .never) == .ready)
            let news = Gate()
            client.observeReadiness { news.open() }
            _ = unsafe SSL_key_update(server.connection.pointer, 0)
            #expect(server.connection.handshake().isDone)
            try await server.write(Array("news".utf8))
            try await news.wait()
            client.observeReadiness(nil)
            #expect(try await client.read(count: 4) == Array("news".utf8))
        }
    }
}

extension SecureConnection.Step {
    fileprivate var isDone: Bool { if case .bytes = self { true } else { false } }
}

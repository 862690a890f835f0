import HTTPTypes
import SpoorClient
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct ScriptedServerTests {
    private static let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

    @Test func `a script answers a client, and its failure closes the connection`() async throws {
        struct Failure: Error {}
        try await withScriptedServer { peer async throws in
            #expect(try await peer.readRequest()?.hasSuffix("\r\n\r\nabc") == true)
            guard peer.number == 1 else { throw Failure() }
            try await peer.send(Self.hello)
            try await peer.respondToAll(with: Self.hello)
        } _: { server async throws in
            let client = HTTPClient()
            let request = HTTPClientRequest(.post, server.url("/x"), body: .text("abc"))
            #expect(try await client.execute(request).text == "hello")
            await client.shutdown()
            let closed = ClientError.connectionClosed(
                .responseHead, origin: "http://\(server.address)")
            await #expect(throws: closed) {
                try await HTTPClient().execute(request)
            }
            #expect(server.connectionCount == 2)
            #expect(server.requests.count == 2)
        }
    }

    @Test func `stopping cancels the scripts that still run`() async throws {
        let entered = Gate()
        let cancelled = Gate()
        try await withScriptedServer { peer async throws in
            do {
                _ = try await peer.read()
                entered.open()
                _ = try await peer.read()
            } catch is CancellationError {
                cancelled.open()
            }
        } _: { server async throws in
            // The connection outlives the server: only its end can end the script.
            let peer = try await RawConnection.connect(to: server.address)
            try await peer.send("a")
            try await entered.wait()
            #expect(!cancelled.isOpen)
            try await server.stop()
            try await cancelled.wait()
            #expect(cancelled.isOpen)
            await peer.close()
        }
    }

    @Test func `requests are separated by their framing`() async throws {
        let pipelined = [
            "GET / HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
            "POST / HTTP/1.1\r\nTRANSFER-ENCODING:chunked\r\n\r\n3\r\n0\r\n\r\n0\r\nX: y\r\n\r\n",
            "PUT / HTTP/1.1\r\n\r\n",
        ]
        let (requests, note) = AsyncStream.makeStream(of: String.self)
        try await withScriptedServer { peer async throws in
            while let request = try await peer.readRequest() { note.yield(request) }
            note.finish()
        } _: { server async throws in
            let response = try await RawConnection.roundTrip(
                to: server.address, [pipelined.joined() + "GET / HT"], closesOutput: true)
            #expect(response.isEmpty)
            var seen: [String] = []
            for await request in requests { seen.append(request) }
            #expect(seen == pipelined)
        }
    }

    @Test func `bytes after the requested text remain unread`() async throws {
        try await withScriptedServer { peer async throws in
            for piece in ["one", ";t", "wo;three"] { try await peer.send(piece) }
        } _: { server async throws in
            try await RawConnection.connected(to: server.address) { peer async throws in
                #expect(try await peer.read(until: ";") == "one;")
                #expect(try await peer.read(until: "wo;") == "two;")
                #expect(try await peer.read(until: "four") == "three")
                #expect(try await peer.read().isEmpty)
            }
        }
    }

    @Test func `a cancelled task does not wait for its peer`() async throws {
        let connected = Gate()
        try await withScriptedServer { peer async throws in
            connected.open()
            _ = try await peer.read()
        } _: { server async throws in
            let address = server.address
            let waiting = Task { try await RawConnection.roundTrip(to: address, []) }
            try await connected.wait()
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }
    }
}

import HTTPTypes
import SpoorHTTP
import SpoorTesting
import Synchronization
import TestSupport
import Testing

@testable import SpoorClient
@testable import SpoorNetworking

/// The content of responses: in pieces and whole, however it is framed.
@Suite(.finishes(within: .seconds(120))) struct ContentTests {
    private static let body = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 7 % 251) }

    private enum Framing: CaseIterable {
        case length, chunked, untilClose

        func send(_ body: [UInt8], to peer: RawConnection) async throws {
            switch self {
            case .length:
                try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
                try await peer.send(body)
            case .untilClose:
                try await peer.send("HTTP/1.1 200 OK\r\n\r\n")
                try await peer.send(body)
            case .chunked:
                try await peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                for start in stride(from: 0, to: body.count, by: 40_000) {
                    let chunk = body[start..<min(start + 40_000, body.count)]
                    try await peer.send("\(String(chunk.count, radix: 16))\r\n")
                    try await peer.send(Array(chunk))
                    try await peer.send("\r\n")
                }
                try await peer.send("0\r\nX-Sum: 1\r\n\r\n")
            }
        }
    }

    @Test(arguments: Framing.allCases)
    private func `arrives completely and in order, in pieces no larger than a batch`(
        framing: Framing
    ) async throws {
        let server = try ScriptedServer { peer in
            while try await peer.readRequest() != nil {
                try await framing.send(Self.body, to: peer)
                if framing == .untilClose { return }
            }
        }
        try await HTTPClientTests.withClient(of: server) { client async throws in
            let request = HTTPClientRequest(.get, server.url())
            for _ in 0..<2 {
                #expect(try await client.execute(request).body == Self.body)
                let (whole, largest) = try await client.withResponse(to: request) {
                    response async throws in
                    var (whole, largest) = ([UInt8](), 0)
                    while let piece = try await response.next() {
                        whole += piece
                        largest = max(largest, piece.count)
                    }
                    return (whole, largest)
                }
                #expect(whole == Self.body)
                // A read of a chunked body may exceed what was missing in the batch by as much as a buffer holds.
                #expect(largest <= 2 * ClientConnection.maxReadBatchBytes)
                #expect(largest > ReceiveBuffer.initialBytes)
            }
            if framing != .untilClose { #expect(server.connectionCount == 1) }
        }
    }

    @Test(arguments: Framing.allCases)
    private func `content before a reset is delivered, then the error`(
        framing: Framing
    ) async throws {
        guard framing != .untilClose else { return }
        let server = try ScriptedServer { peer in
            _ = try await peer.readRequest()
            let head =
                framing == .length
                ? "Content-Length: 100000" : "Transfer-Encoding: chunked\r\n\r\n186a0"
            try await peer.send("HTTP/1.1 200 OK\r\n\(head)\r\n\(framing == .length ? "\r\n" : "")")
            try await peer.send([UInt8](repeating: 1, count: 50_000))
        }
        try await HTTPClientTests.withClient(of: server) { client async throws in
            try await client.withResponse(to: HTTPClientRequest(.get, server.url())) {
                response async throws in
                var count = 0
                let error = await #expect(throws: ClientError.self) {
                    while let piece = try await response.next() { count += piece.count }
                }
                #expect(count == 50_000)
                let announced = framing == .length ? 100_000 : nil
                #expect(
                    error
                        == .connectionClosed(
                            .responseBody(received: 50_000, announced: announced),
                            origin: "http://\(server.address)"))
            }
        }
    }

    @Test func `a reader that does not read suspends the sender (back-pressure)`() async throws {
        let sent = Atomic(0)
        let piece = [UInt8](repeating: 1, count: 64 << 10)
        let server = try ScriptedServer { peer in
            _ = try await peer.readRequest()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(60 << 20)\r\n\r\n")
            for _ in 0..<960 {
                try await peer.send(piece)
                sent.add(piece.count, ordering: .relaxed)
            }
        }
        try await HTTPClientTests.withClient(of: server) { client async throws in
            try await client.withResponse(to: HTTPClientRequest(.get, server.url())) {
                response async throws in
                let first = try await response.next()
                #expect(first?.count ?? 0 > 0)
                // The kernel's buffers fill up, then the transfer stops.
                var last = -1
                while last != sent.load(ordering: .relaxed) {
                    last = sent.load(ordering: .relaxed)
                    // Iterations in which a sender that can send would have sent.
                    for _ in 0..<1_000 {
                        for loop in EventLoopGroup.shared.loops { await loop.run {} }
                    }
                }
                #expect(last < 40 << 20)
            }
        }
    }

    @Test func `collecting limits the size of the body`() async throws {
        let server = try ScriptedServer { peer in
            while try await peer.readRequest() != nil {
                try await Framing.length.send([UInt8](repeating: 1, count: 1_000), to: peer)
            }
        }
        try await HTTPClientTests.withClient(of: server) { client async throws in
            for (maxBytes, isEnough) in [(1_000, true), (1_001, true), (999, false), (0, false)] {
                let body = try await client.withResponse(to: HTTPClientRequest(.get, server.url()))
                {
                    response async throws -> Int? in
                    do {
                        return try await response.collect(upTo: maxBytes).count
                    } catch ClientError.bodyTooLarge(.collectUpTo(maxBytes), _) {
                        return nil
                    }
                }
                #expect(body == (isEnough ? 1_000 : nil))
            }
        }
    }

    @Test func `an announced length allocates no more than some MiB before the content arrives`() {
        #expect(ClientExchangeDriver.reservation(announced: 1_000, maxBytes: 500) == 500)
        #expect(ClientExchangeDriver.reservation(announced: 1_000, maxBytes: .max) == 1_000)
        #expect(ClientExchangeDriver.reservation(announced: .max, maxBytes: .max) == 4 << 20)
        #expect(ClientExchangeDriver.reservation(announced: nil, maxBytes: .max) == 0)
        #expect(ClientExchangeDriver.reservation(announced: 1_000, maxBytes: -1) == 0)
    }
}

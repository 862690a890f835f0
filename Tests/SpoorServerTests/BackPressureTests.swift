import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import Synchronization
import Testing

/// What is not read stays with its sender; `Scripts/stream-gibibyte` shows the same of a GiB, and of the server's memory.
@Suite(.timeLimit(.minutes(10))) struct BackPressureTests {
    private static let piece = [UInt8](repeating: 120, count: 1 << 16)
    private static let pieceCount = 1024

    @Test func `a client that does not read stops the handler that writes`() async throws {
        let written = Count()
        let handler = RespondStreaming { exchange in
            for _ in 0..<Self.pieceCount {
                try await exchange.response.write(Self.piece)
                written.add(1)
            }
        }
        try await withServer(handler: handler) { bound, _ in
            try await RawPeer.connected(to: bound) { peer in
                try await peer.send("GET / HTTP/1.0\r\n\r\n")
                #expect(try await written.settled() < Self.pieceCount)
                var received = 0
                while true {
                    let count = try await peer.read().count
                    if count == 0 { break }
                    received += count
                }
                #expect(received > Self.pieceCount * Self.piece.count)
            }
        }
        #expect(written.value == Self.pieceCount)
    }

    @Test func `a handler that does not read stops the client that sends`() async throws {
        let sent = Count()
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let handler = RespondAsync { exchange in
            for await _ in gate { break }
            var count = 0
            while let piece = try await exchange.body.next() { count += piece.count }
            return "\(count)"
        }
        var limits = ServerLimits()
        limits.http1.bodyBytesMax = .max
        try await withServer(handler: handler, limits: limits) { bound, _ in
            try await RawPeer.connected(to: bound) { peer in
                let total = Self.pieceCount * Self.piece.count
                try await peer.send(
                    "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                        + "Content-Length: \(total)\r\n\r\n")
                async let sending: Void = {
                    for _ in 0..<Self.pieceCount {
                        try await peer.send(Self.piece)
                        sent.add(1)
                    }
                }()
                #expect(try await sent.settled() < Self.pieceCount)
                opener.yield()
                try await sending
                #expect(try await peer.readToEnd().hasSuffix("\r\n\r\n\(total)"))
            }
        }
    }
}

/// A number that several tasks see.
private final class Count: Sendable {
    private let number = Atomic(0)

    var value: Int { number.load(ordering: .sequentiallyConsistent) }

    func add(_ count: Int) { number.add(count, ordering: .sequentiallyConsistent) }

    /// The number when it has grown and then stood still for a while.
    ///
    /// Where the machine is so busy that it stood still too early, less is shown and nothing fails.
    func settled() async throws -> Int {
        var last = -1
        var calm = 0
        while calm < 10 || last <= 0 {
            try await Task.sleep(for: .milliseconds(20))
            calm = value == last ? calm + 1 : 0
            last = value
        }
        return last
    }
}

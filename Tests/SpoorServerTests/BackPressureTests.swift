import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import Synchronization
import TestSupport
import Testing

/// Unread data stays with its sender (back-pressure); `Scripts/stream-gibibyte` shows the same for a GiB, and for the
/// server's memory.
@Suite(.finishes(within: .seconds(60))) struct BackPressureTests {
    private static let piece = [UInt8](repeating: 120, count: 1 << 16)
    private static let pieceCount = 1024

    @Test func `a client that does not read suspends the handler that writes`() async throws {
        let written = Count()
        let handler = StreamingHandler { exchange in
            for _ in 0..<Self.pieceCount {
                try await exchange.response.write(Self.piece)
                written.add(1)
            }
        }
        try await withServer(handler: handler) { bound, server in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send("GET / HTTP/1.0\r\n\r\n")
                #expect(await written.settled { _ = await server.counters } < Self.pieceCount)
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

    @Test func `a handler that does not read suspends the client that sends`() async throws {
        let sent = Count()
        let gate = Gate()
        let handler = AsyncHandler { exchange in
            try await gate.wait()
            var count = 0
            while let piece = try await exchange.body.next() { count += piece.count }
            return "\(count)"
        }
        var limits = ServerLimits()
        limits.http1.maxBodyBytes = .max
        try await withServer(handler: handler, limits: limits) { bound, server in
            try await RawConnection.connected(to: bound) { peer in
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
                let settled = await sent.settled {
                    _ = await server.counters
                    for loop in EventLoopGroup.shared.loops { await loop.run {} }
                }
                #expect(settled < Self.pieceCount)
                gate.open()
                try await sending
                #expect(try await peer.readToEnd().hasSuffix("\r\n\r\n\(total)"))
            }
        }
    }
}

/// A number that several tasks share.
final class Count: Sendable {
    private let number = Atomic(0)

    var value: Int { number.load(ordering: .sequentiallyConsistent) }

    func add(_ count: Int) { number.add(count, ordering: .sequentiallyConsistent) }

    /// Returns the number when it has grown and then remained constant for many iterations of the event loops, in
    /// which a task that could increase it would have.
    ///
    /// - Parameter turn: Returns after one iteration of each loop.
    func settled(turn: () async -> Void) async -> Int {
        var last = 0
        var calm = 0
        while calm < 1_000 || last == 0, !Task.isCancelled {
            await turn()
            calm = value == last ? calm + 1 : 0
            last = value
        }
        return last
    }
}

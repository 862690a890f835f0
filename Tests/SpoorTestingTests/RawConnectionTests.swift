import Glibc
import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

/// Concurrent and cancelled use of a raw connection.
@Suite(.finishes(within: .seconds(60))) struct RawConnectionTests {
    private static let large = [UInt8](repeating: 120, count: 16 << 20)
    private static let largeHead =
        "POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: \(large.count)\r\n\r\n"

    /// Routes of which one reads its body when the gate is open.
    private static func routes(_ gate: Gate) -> Router {
        var routes = Router()
        routes.get("/hello") { _ in "hello" }
        routes.post("/size") { exchange in
            try await gate.wait()
            var count = 0
            while let piece = try await exchange.body.next() { count += piece.count }
            return "\(count) bytes"
        }
        return routes
    }

    /// Runs two calls concurrently and returns the error of the first one that ends.
    private static func firstError<Value: Sendable>(
        of call: @escaping @Sendable () async throws -> Value,
        then proceed: @escaping @Sendable () async throws -> Void
    ) async throws -> ((any Error)?, Value?) {
        try await withThrowingTaskGroup(of: Result<Value, any Error>.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    do { return .success(try await call()) } catch { return .failure(error) }
                }
            }
            var error: (any Error)?
            if case .failure(let first) = try await group.next() { error = first }
            try await proceed()
            return (error, try await group.next()?.get())
        }
    }

    @Test(arguments: TestMode.allCases)
    func `the second of two tasks that read receives an error, and the first continues`(
        mode: TestMode
    ) async throws {
        try await withTestClient(over: mode, handler: Self.routes(Gate())) { client in
            try await client.withRawConnection { peer in
                let (error, response) = try await Self.firstError {
                    try await peer.read()
                } then: {
                    try await peer.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                }
                #expect((error as? SystemError)?.code == EBUSY)
                #expect("\(String(describing: error))".contains("read from one task at a time"))
                #expect(String(decoding: response ?? [], as: UTF8.self).hasSuffix("hello"))
            }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `the second of two tasks that wait to send receives an error, and the first continues`(
        mode: TestMode
    ) async throws {
        let gate = Gate()
        try await withTestClient(over: mode, handler: Self.routes(gate)) { client in
            try await client.withRawConnection { peer in
                try await peer.send(Self.largeHead)
                let (error, _) = try await Self.firstError {
                    try await peer.send(Self.large)
                } then: {
                    gate.open()
                }
                #expect((error as? SystemError)?.code == EBUSY)
                #expect("\(String(describing: error))".contains("write from one task at a time"))
                #expect(try await peer.read(until: "bytes").contains("\(Self.large.count) bytes"))
            }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `a send ends when its task is cancelled, and a read of another task continues`(
        mode: TestMode
    ) async throws {
        let gate = Gate()
        try await withTestClient(over: mode, handler: Self.routes(gate)) { client in
            try await client.withRawConnection { peer in
                try await peer.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await peer.read(until: "hello")
                try await peer.send(Self.largeHead)
                async let response = peer.read(until: "bytes")
                let sending = Task { try await peer.send(Self.large) }
                // Whenever it is cancelled: before it begins, or while it waits for the peer.
                for _ in 0..<100 { await Task.yield() }
                sending.cancel()
                await #expect(throws: CancellationError.self) { try await sending.value }
                gate.open()
                // The rest of the body is missing, and over TLS the last record is incomplete.
                try await peer.closeOutput()
                let received = (try? await response) ?? ""
                #expect(!received.contains("\(Self.large.count) bytes"))
            }
        }
    }

    @Test func `a cancelled task sends and reads nothing`() async throws {
        try await withTestClient(handler: Self.routes(Gate())) { client in
            try await client.withRawConnection { peer in
                let using = Task {
                    while !Task.isCancelled { await Task.yield() }
                    await #expect(throws: CancellationError.self) { try await peer.send("G") }
                    await #expect(throws: CancellationError.self) { try await peer.read() }
                }
                using.cancel()
                await using.value
                try await peer.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await peer.read(until: "hello").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `a cancelled read does not affect a send of another task`(mode: TestMode) async throws {
        let gate = Gate()
        try await withTestClient(over: mode, handler: Self.routes(gate)) { client in
            try await client.withRawConnection { peer in
                try await peer.send(Self.largeHead)
                let reading = Task { try await peer.read() }
                async let sending: Void = peer.send(Self.large)
                for _ in 0..<100 { await Task.yield() }
                reading.cancel()
                await #expect(throws: CancellationError.self) { try await reading.value }
                gate.open()
                try await sending
                #expect(try await peer.read(until: "bytes").contains("\(Self.large.count) bytes"))
            }
        }
    }
}

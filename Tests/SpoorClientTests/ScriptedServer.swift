import Synchronization

@testable import SpoorNetworking

/// A server of bytes: every connection is given to a script, together with its number.
final class ScriptedServer: Sendable {
    /// One connection as the script sees it.
    struct Connection: Sendable {
        let stream: SocketStream
        /// 1 for the first connection of the server.
        let number: Int

        /// The next bytes; empty at the end.
        func read() async throws -> [UInt8] {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let result = try unsafe buffer.withUnsafeMutableBytes {
                    try unsafe stream.receive(into: $0)
                }
                switch result {
                case .bytes(let count): return Array(buffer[..<count])
                case .endOfStream: return []
                case .wouldBlock:
                    guard await stream.waitReadable(until: .never) == .ready else { return [] }
                }
            }
        }

        /// The next request as text: its head, and its body if that has a length or is chunked; nil
        /// at the end.
        func request() async throws -> String? {
            var text = ""
            while !Self.isComplete(text) {
                let bytes = try await read()
                guard !bytes.isEmpty else { return nil }
                text += String(decoding: bytes, as: UTF8.self)
            }
            return text
        }

        private static func isComplete(_ text: String) -> Bool {
            guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
            let body = text[end.upperBound...].utf8.count
            if text.contains("Transfer-Encoding: chunked") { return text.hasSuffix("0\r\n\r\n") }
            guard let field = text.firstRange(of: "Content-Length: ") else { return true }
            let digits = text[field.upperBound...].prefix(while: \.isNumber)
            return body >= Int(digits) ?? 0
        }

        /// Sends all of a text.
        func write(_ text: String) async throws {
            try await write(Array(text.utf8))
        }

        /// Sends all of some bytes.
        func write(_ bytes: [UInt8]) async throws {
            var sent = 0
            while sent < bytes.count {
                switch try stream.send(bytes.span.extracting(droppingFirst: sent)) {
                case .bytes(let count): sent += count
                case .wouldBlock:
                    guard await stream.waitWritable(until: .never) == .ready else { return }
                }
            }
        }

        /// Answers every request with the same bytes until the client ends.
        func answer(_ text: String) async throws {
            while try await request() != nil { try await write(text) }
        }
    }

    typealias Script = @Sendable @concurrent (Connection) async throws -> Void

    let group: EventLoopGroup
    private let listener: Listener
    private let accepting: Task<Void, any Error>

    /// How many connections have come.
    var connectionCount: Int { connections.value }
    private let connections: Counter

    /// The URL of a path on this server.
    func url(_ path: String = "/") -> String { "http://\(listener.address)\(path)" }

    init(_ script: @escaping Script) throws {
        let group = try EventLoopGroup(loopCount: 1)
        let listener = try Listener(at: .loopback(port: 0), on: group.next())
        let connections = Counter()
        self.group = group
        self.listener = listener
        self.connections = connections
        accepting = Task(executorPreference: listener.loop) {
            while let stream = try await listener.accept() {
                let connection = Connection(stream: stream, number: connections.add())
                Task(executorPreference: listener.loop) {
                    defer { stream.close() }
                    try await script(connection)
                }
            }
        }
    }

    /// Answers every request on every connection with the same bytes.
    convenience init(answering text: String) throws {
        try self.init { connection async throws in try await connection.answer(text) }
    }

    /// Ends the listener, all connections and the loop.
    func stop() async throws {
        let listener = listener
        listener.loop.execute { listener.close() }
        try await accepting.value
        await group.shutdown()
    }
}

/// A count that tasks of several threads share.
final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    @discardableResult
    func add() -> Int { count.add(1, ordering: .sequentiallyConsistent).newValue }
}

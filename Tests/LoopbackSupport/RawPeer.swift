package import SpoorNetworking

/// A client that knows nothing of HTTP: it sends the bytes it is told to and shows those that come back.
package struct RawPeer: Sendable {
    private let stream: SocketStream

    /// Connects, runs `body` on a loop, and closes.
    package static func connected<Result: Sendable>(
        to address: SocketAddress,
        _ body: @escaping @Sendable @concurrent (RawPeer) async throws -> Result
    ) async throws -> Result {
        let loop = EventLoopGroup.shared.next()
        let talking = Task(executorPreference: loop) {
            let stream = try await SocketStream.connect(to: address, on: loop, until: .never)
            defer { stream.close() }
            return try await body(RawPeer(stream: stream))
        }
        return try await withTaskCancellationHandler {
            try await talking.value
        } onCancel: {
            talking.cancel()
        }
    }

    /// Sends pieces one by one and reads until the other end closes.
    package static func talk(
        to address: SocketAddress, _ pieces: [String], endsWriting: Bool = false
    ) async throws -> String {
        try await connected(to: address) { peer in
            for piece in pieces { try await peer.send(piece) }
            if endsWriting { try peer.endWriting() }
            return try await peer.readToEnd()
        }
    }

    /// Sends a text.
    package func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    /// Sends bytes.
    package func send(_ bytes: [UInt8]) async throws {
        var sent = 0
        while sent < bytes.count {
            switch try stream.send(bytes.span.extracting(sent..<bytes.count)) {
            case .bytes(let count): sent += count
            case .wouldBlock: _ = await stream.waitWritable(until: .never)
            }
        }
    }

    /// Ends our direction; what comes back can still be read.
    package func endWriting() throws {
        try stream.shutdownWrite()
    }

    /// What comes next; empty at the end.
    package func read() async throws -> [UInt8] {
        var buffer = ReceiveBuffer()
        while true {
            switch try buffer.fill(from: stream) {
            case .bytes: return Array(buffer.storage[buffer.unread])
            case .endOfStream: return []
            case .wouldBlock: _ = await stream.waitReadable(until: .never)
            }
        }
    }

    /// Reads until a text has come.
    package func read(until end: String) async throws -> String {
        var all: [UInt8] = []
        while !String(decoding: all, as: UTF8.self).contains(end) {
            let more = try await read()
            if more.isEmpty { break }
            all += more
        }
        return String(decoding: all, as: UTF8.self)
    }

    /// Reads to the end of the connection.
    package func readToEnd() async throws -> String {
        var all: [UInt8] = []
        while true {
            let more = try await read()
            if more.isEmpty { return String(decoding: all, as: UTF8.self) }
            all += more
        }
    }
}

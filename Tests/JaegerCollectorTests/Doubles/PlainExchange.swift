import SpoorNetworking

/// One request over a separate connection, written and read as bytes.
enum PlainExchange {
    /// A wait that ended with another outcome than ready.
    struct UnexpectedWait: Error {
        let outcome: WaitOutcome
    }

    /// Sends the request (which should ask to close) and returns the whole response.
    static func text(of request: [UInt8], at port: UInt16) async throws -> String {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        let result = await Task(executorPreference: loop) {
            let stream = try await SocketStream.connect(
                to: .loopback(port: port), on: loop, until: .never)
            defer { stream.close() }
            try await send(request, over: stream)
            return try await receiveAll(from: stream)
        }.result
        await group.shutdown()
        return String(decoding: try result.get(), as: UTF8.self)
    }

    private static func send(_ bytes: [UInt8], over stream: SocketStream) async throws {
        var sent = 0
        while sent < bytes.count {
            switch try stream.send(bytes.span.extracting(droppingFirst: sent)) {
            case .bytes(let count): sent += count
            case .wouldBlock: try expectReady(await stream.waitWritable(until: .never))
            }
        }
    }

    private static func receiveAll(from stream: SocketStream) async throws -> [UInt8] {
        var buffer = ReceiveBuffer()
        var all: [UInt8] = []
        while true {
            switch try buffer.fill(from: stream) {
            case .endOfStream: return all
            case .wouldBlock: try expectReady(await stream.waitReadable(until: .never))
            case .bytes:
                all += buffer.storage[buffer.unread]
                buffer.removeAll()
            }
        }
    }

    private static func expectReady(_ outcome: WaitOutcome) throws {
        guard outcome == .ready else { throw UnexpectedWait(outcome: outcome) }
    }
}

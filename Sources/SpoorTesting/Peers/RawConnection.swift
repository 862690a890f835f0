import SpoorClient
public import SpoorNetworking
import Synchronization

/// The other end of a connection, as bytes: it sends what it is told to and shows what comes, and knows nothing of HTTP.
///
/// It talks to a server under test, or is a client's counterpart in the script of a ``ScriptedServer``. It may be used
/// from any task; at most one reads at a time, and one sends. A cancelled task gets `CancellationError`.
public final class RawConnection: Sendable {
    /// 1 for the first connection of a ``ScriptedServer``, 2 for the next; 1 for a connection that was made from here.
    public let number: Int
    let stream: any ByteStream
    /// Where requests that were read are kept.
    let requests: RequestLog?
    /// What has come and was not asked for yet.
    private let unread = Mutex<[UInt8]>([])

    init(over stream: any ByteStream, number: Int = 1, requests: RequestLog? = nil) {
        self.stream = stream
        self.requests = requests
        self.number = number
    }

    // MARK: Connecting

    /// Connects; the caller closes.
    ///
    /// - Throws: `SystemError` if there is no connection.
    public static func connect(to address: SocketAddress) async throws -> RawConnection {
        try await connect(by: TestRoute(place: .socket(address)), on: EventLoopGroup.shared.next())
    }

    /// Connects, runs `body`, and closes.
    ///
    /// - Parameters:
    ///   - address: Where a server listens.
    ///   - body: Talks to it; runs where the caller runs.
    /// - Throws: `SystemError` if there is no connection, or what `body` throws.
    public static func connected<Result>(
        to address: SocketAddress, _ body: (RawConnection) async throws -> Result
    ) async throws -> Result {
        try await connect(to: address).closing(after: body)
    }

    /// Connects on a loop.
    static func connect(by route: TestRoute, on loop: EventLoop) async throws -> RawConnection {
        RawConnection(over: try await route.connect(on: loop))
    }

    /// Sends pieces one by one and reads until the other end closes.
    ///
    /// What comes is read while the pieces are sent: a server that answers the first and waits until the answer is taken
    /// would otherwise never read the rest.
    ///
    /// - Parameters:
    ///   - address: Where a server listens.
    ///   - pieces: What is sent, each by a call of its own.
    ///   - closesOutput: Whether our direction ends behind them.
    /// - Returns: All that came.
    public static func talk(
        to address: SocketAddress, _ pieces: [String], closesOutput: Bool = false
    ) async throws -> String {
        try await connected(to: address) { try await $0.talk(pieces, closesOutput: closesOutput) }
    }

    /// Sends pieces one by one and reads until the other end closes.
    func talk(_ pieces: [String], closesOutput: Bool) async throws -> String {
        async let answer = readToEnd()
        for piece in pieces { try await send(piece) }
        if closesOutput { try await closeOutput() }
        return try await answer
    }

    /// Runs `body` and closes, however it ends.
    func closing<Result>(after body: (RawConnection) async throws -> Result) async throws -> Result
    {
        do {
            let result = try await body(self)
            await close()
            return result
        } catch {
            await close()
            throw error
        }
    }

    // MARK: Sending

    /// Sends a text, as UTF-8; returns when the kernel has taken all of it.
    public func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    /// Sends bytes; returns when the kernel has taken all of them.
    public func send(_ bytes: [UInt8]) async throws {
        try await stream.loop.run { [self] in
            var sent = 0
            while sent < bytes.count {
                switch try stream.send(bytes.span.extracting(sent..<bytes.count)) {
                case .bytes(let count): sent += count
                case .wouldBlock: break
                }
                guard sent < bytes.count else { return }
                guard try await isReady({ await $0.waitWritable(until: .never) }) else { return }
            }
        }
    }

    /// Ends our direction; what comes can still be read.
    public func closeOutput() async throws {
        try await stream.loop.run { [stream] in try stream.shutdownWrite() }
    }

    /// Closes the connection in both directions; a second time does nothing.
    public func close() async {
        await stream.loop.run { [stream] in stream.closeOrderly() }
    }

    // MARK: Reading

    /// The next bytes, as many as are at hand; empty at the end.
    public func read() async throws -> [UInt8] {
        let kept = unread.withLock { unread in
            defer { unread = [] }
            return unread
        }
        return kept.isEmpty ? try await receive() : kept
    }

    /// All that comes up to a text and with it, or up to the end if the text does not come; what is behind it stays to be read.
    public func read(until end: String) async throws -> String {
        let end = Array(end.utf8)
        var all: [UInt8] = []
        while true {
            let searched = max(0, all.count - end.count + 1)
            let more = try await read()
            all += more
            if let found = all[searched...].firstRange(of: end) {
                keep(all[found.upperBound...])
                return String(decoding: all[..<found.upperBound], as: UTF8.self)
            }
            if more.isEmpty { return String(decoding: all, as: UTF8.self) }
        }
    }

    /// So many bytes, or fewer if the end comes first; what is behind them stays to be read.
    public func read(count: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count {
            let more = try await read()
            if more.isEmpty { return all }
            all += more
        }
        keep(all[count...])
        return Array(all[..<count])
    }

    /// All that comes until the other end closes.
    public func readToEnd() async throws -> String {
        var all: [UInt8] = []
        while true {
            let more = try await read()
            if more.isEmpty { return String(decoding: all, as: UTF8.self) }
            all += more
        }
    }

    /// Puts bytes back that were read too far.
    func keep(_ bytes: ArraySlice<UInt8>) {
        unread.withLock { $0 = Array(bytes) + $0 }
    }

    private func receive() async throws -> [UInt8] {
        try await stream.loop.run { [self] in
            var buffer = ReceiveBuffer()
            while true {
                switch try buffer.fill(from: stream) {
                case .bytes: return Array(buffer.storage[buffer.unread])
                case .endOfStream: return []
                case .wouldBlock:
                    guard try await isReady({ await $0.waitReadable(until: .never) }) else {
                        return []
                    }
                }
            }
        }
    }

    /// Waits; false if the connection was ended from here.
    private func isReady(
        _ wait: (any ByteStream) async -> WaitOutcome
    ) async throws -> Bool {
        let outcome = await withTaskCancellationHandler {
            await wait(stream)
        } onCancel: {
            stream.loop.execute { [stream] in stream.interrupt() }
        }
        try Task.checkCancellation()
        return outcome == .ready
    }
}

import Glibc
import SpoorClient
public import SpoorNetworking
import Synchronization

/// A raw connection that sends and receives bytes without interpreting HTTP.
///
/// It connects to a server under test, or is the server's side of a client's connection in the script of a
/// ``ScriptedServer``. It may be used from any task; at most one reads at a time, and one sends: a task that would have
/// to wait while another one waits for the same receives `SystemError` (`EBUSY`). A cancelled task receives
/// `CancellationError`, which does not affect the task that uses the other direction.
public final class RawConnection: Sendable {
    /// The number of the connection: 1 for the first connection of a ``ScriptedServer``, 2 for the next; 1 for an
    /// outgoing connection.
    public let number: Int
    let stream: any ByteStream
    /// The log of received requests.
    let requests: RequestLog?
    /// The bytes that were received but not read yet.
    private let unread = Mutex<[UInt8]>([])
    private let cancelledWaits = CancelledWaits()

    init(over stream: any ByteStream, number: Int = 1, requests: RequestLog? = nil) {
        self.stream = stream
        self.requests = requests
        self.number = number
    }

    // MARK: Connecting

    /// Connects; the caller has to close the connection.
    ///
    /// - Throws: `SystemError` if the connection fails.
    public static func connect(to address: SocketAddress) async throws -> RawConnection {
        try await connect(
            by: TestRoute(address: .socket(address)), on: EventLoopGroup.shared.next())
    }

    /// Connects, runs `body`, and closes.
    ///
    /// - Parameters:
    ///   - address: The address of a server.
    ///   - body: Uses the connection; runs in the caller's isolation.
    /// - Throws: `SystemError` if the connection fails, or what `body` throws.
    public static func connected<Result>(
        to address: SocketAddress, _ body: (RawConnection) async throws -> Result
    ) async throws -> Result {
        try await connect(to: address).closing(after: body)
    }

    /// Connects on an event loop.
    static func connect(by route: TestRoute, on loop: EventLoop) async throws -> RawConnection {
        RawConnection(over: try await route.connect(on: loop))
    }

    /// Sends pieces one by one and reads until the peer closes.
    ///
    /// Input is read while the pieces are sent: a server that answers the first piece and waits until its response is
    /// read would otherwise never read the rest.
    ///
    /// - Parameters:
    ///   - address: The address of a server.
    ///   - pieces: The text to send, each piece by a separate call.
    ///   - closesOutput: Whether the write side is closed after them (half-close).
    /// - Returns: Everything that was received.
    public static func roundTrip(
        to address: SocketAddress, _ pieces: [String], closesOutput: Bool = false
    ) async throws -> String {
        try await connected(to: address) {
            try await $0.roundTrip(pieces, closesOutput: closesOutput)
        }
    }

    /// Sends pieces one by one and reads until the peer closes.
    func roundTrip(_ pieces: [String], closesOutput: Bool) async throws -> String {
        async let response = readToEnd()
        for piece in pieces { try await send(piece) }
        if closesOutput { try await closeOutput() }
        return try await response
    }

    /// Runs `body` and closes the connection, also when it throws.
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

    /// Sends text as UTF-8; returns when the kernel has accepted all of it.
    public func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    /// Sends bytes; returns when the kernel has accepted all of them.
    ///
    /// A part of them may have been sent when it throws.
    ///
    /// - Throws: `CancellationError`; `SystemError` if the connection is broken or closed, or if another task waits to
    ///   send.
    public func send(_ bytes: [UInt8]) async throws {
        try await stream.loop.run { [self] in
            var sent = 0
            while sent < bytes.count {
                try Task.checkCancellation()
                if case .bytes(let count) = try stream.send(
                    bytes.span.extracting(sent..<bytes.count))
                {
                    sent += count
                }
                guard sent < bytes.count else { return }
                let isReady = try await wait(.concurrentWrite) {
                    await $0.waitWritable(until: .never)
                }
                guard isReady else { throw SystemError(code: ECANCELED, call: "send") }
            }
        }
    }

    /// Closes the write side (half-close); input can still be read.
    public func closeOutput() async throws {
        try await stream.loop.run { [stream] in try stream.shutdownWrite() }
    }

    /// Closes the connection in both directions; has no effect the second time.
    public func close() async {
        await stream.loop.run { [stream] in stream.closeOrderly() }
    }

    // MARK: Reading

    /// Returns the next available bytes; empty at the end of the stream, and after this end was closed.
    ///
    /// - Throws: `CancellationError`; `SystemError` if the connection is broken, or if another task waits to read.
    public func read() async throws -> [UInt8] {
        try Task.checkCancellation()
        let kept = unread.withLock { unread in
            defer { unread = [] }
            return unread
        }
        return kept.isEmpty ? try await receive() : kept
    }

    /// Reads up to and including a text, or to the end of the stream if the text does not arrive; later bytes remain
    /// unread.
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

    /// Reads `count` bytes, or fewer if the stream ends first; later bytes remain unread.
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

    /// Reads everything until the peer closes.
    public func readToEnd() async throws -> String {
        var all: [UInt8] = []
        while true {
            let more = try await read()
            if more.isEmpty { return String(decoding: all, as: UTF8.self) }
            all += more
        }
    }

    /// Puts back bytes that were read too far.
    func keep(_ bytes: ArraySlice<UInt8>) {
        unread.withLock { $0 = Array(bytes) + $0 }
    }

    private func receive() async throws -> [UInt8] {
        try await stream.loop.run { [self] in
            var buffer = ReceiveBuffer()
            while true {
                try Task.checkCancellation()
                switch try buffer.fill(from: stream) {
                case .bytes: return Array(buffer.storage[buffer.unread])
                case .endOfStream: return []
                case .wouldBlock: break
                }
                let isReady = try await wait(.concurrentRead) {
                    await $0.waitReadable(until: .never)
                }
                guard isReady else { return [] }
            }
        }
    }

    /// Waits for the peer; returns false if the connection was closed on this side.
    ///
    /// May return early, so the caller tries again.
    ///
    /// - Parameter mistake: The error if another task waits for the same direction.
    private func wait(
        _ mistake: SystemError, _ wait: (any ByteStream) async -> WaitOutcome
    ) async throws -> Bool {
        let countBefore = cancelledWaits.value.load(ordering: .relaxed)
        let outcome = await withTaskCancellationHandler {
            await wait(stream)
        } onCancel: {
            stream.loop.execute { [stream, cancelledWaits] in
                // Ends the wait of the other direction as well, which begins again.
                cancelledWaits.value.wrappingAdd(1, ordering: .relaxed)
                stream.endWaits()
            }
        }
        try Task.checkCancellation()
        switch outcome {
        case .ready, .timedOut: return true
        case .interrupted:
            return cancelledWaits.value.load(ordering: .relaxed) != countBefore
        case .busy: throw mistake
        }
    }

    /// The number of waits that were cancelled; changed on the event loop.
    private final class CancelledWaits: Sendable {
        let value = Atomic(0)
    }
}

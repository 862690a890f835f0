import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// The byte stream of a connection after an upgrade to another protocol: reads and writes with back-pressure; waits
/// end with the task, the handler, or the server.
final class UpgradedStream: DuplexTransport, @unchecked Sendable {
    // Unchecked, because all of it runs on the connection's event loop, which every call switches to first.

    let counts = DuplexCounts()
    private let loop: EventLoop
    /// The driver of the connection, whose stream is used while the handler runs.
    private let driver: ConnectionDriver
    /// The bytes after the head, and later those of one read.
    private var input: ReceiveBuffer
    private var isReading = false
    private var isWriting = false
    private var hasEnded = false
    private var output = Output.open
    /// Whether the new protocol continues to read while the server drains.
    private var readsDuringShutdown = false
    private var nextWriters: [CheckedContinuation<Void, Never>] = []
    private var turnsLeft = ConnectionDriver.maxTurns

    /// The state of the write side.
    private enum Output {
        case open
        /// A part of a write may have been sent, and TLS may hold a record of it: no other bytes may follow.
        case unfinished
        /// The write side is closed; bytes of the peer can still be read.
        case closed
    }

    /// Whether the write side is closed.
    var hasClosedOutput: Bool { output == .closed }

    /// Creates the stream of the connection that `driver` serves; `input` contains the first bytes.
    init(_ driver: ConnectionDriver, input: ReceiveBuffer) {
        self.driver = driver
        self.input = input
        loop = driver.server.loop
    }

    /// Ends the stream when the handler has returned: pending reads and writes throw.
    func end() {
        hasEnded = true
        driver.wakeWaiting()
        for writer in nextWriters { writer.resume() }
        nextWriters.removeAll()
    }

    // MARK: Shutdown

    func keepReadingDuringShutdown() {
        readsDuringShutdown = true
    }

    /// Whether the server's drain has ended the reading side.
    private var isReadingEnded: Bool { !readsDuringShutdown && driver.server.isDraining }

    /// Handles the start of the server's drain: pending waits for the peer end, and are repeated if they may
    /// continue.
    func drainBegan() {
        if isReadingEnded { driver.wakeWaiting() }
    }

    // MARK: Reading

    func read() async throws -> [UInt8]? {
        try await loop.run { try await self.readOnEventLoop() }
    }

    private func readOnEventLoop() async throws -> [UInt8]? {
        guard !hasEnded else { throw DuplexStreamError.ended }
        guard !isReading else { throw DuplexStreamError.readTwice }
        isReading = true
        defer { isReading = false }
        while input.isEmpty {
            guard !hasEnded else { throw DuplexStreamError.ended }
            if !driver.stream.mayHaveMore {
                if isReadingEnded { return nil }
                try await wait(isReading: true) {
                    await self.driver.stream.waitReadable(until: .never)
                }
            }
            if isReadingEnded, !driver.stream.mayHaveMore { return nil }
            if try fill() == .endOfStream { return nil }
            await takeTurn()
        }
        let bytes = Array(input.storage[input.unread])
        input.removeAll()
        counts.addReceived(bytes.count)
        return bytes
    }

    private func fill() throws -> ReceiveResult {
        do {
            return try driver.fill(&input)
        } catch {
            throw driver.recorded(error)
        }
    }

    // MARK: Writing

    func write(_ bytes: [UInt8]) async throws {
        try await loop.run { try await self.writeOnEventLoop(bytes) }
    }

    private func writeOnEventLoop(_ bytes: [UInt8]) async throws {
        await beginWriting()
        defer { finishWriting() }
        guard output != .unfinished else { throw DuplexStreamError.writeUnfinished }
        var sentCount = 0
        while sentCount < bytes.count {
            guard !hasEnded else { throw DuplexStreamError.ended }
            guard output != .closed else { throw DuplexStreamError.writingEnded }
            sentCount += try send(bytes, from: sentCount)
            guard sentCount < bytes.count else { break }
            output = .unfinished
            try await wait(isReading: false) { await self.driver.waitForPeerToRead() }
        }
        if output == .unfinished { output = .open }
        await takeTurn()
    }

    /// Waits until no other task is writing.
    private func beginWriting() async {
        while isWriting { await withCheckedContinuation { nextWriters.append($0) } }
        isWriting = true
    }

    private func finishWriting() {
        isWriting = false
        if !nextWriters.isEmpty { nextWriters.removeFirst().resume() }
    }

    private func send(_ bytes: [UInt8], from start: Int) throws -> Int {
        do {
            let result = try driver.stream.send(bytes.span.extracting(start..<bytes.count))
            guard case .bytes(let count) = result else { return 0 }
            driver.countSent(count)
            counts.addSent(count)
            return count
        } catch {
            throw driver.recorded(.broken(error))
        }
    }

    func closeOutput() async throws {
        try await loop.run {
            await self.beginWriting()
            defer { self.finishWriting() }
            guard !self.hasEnded else { throw DuplexStreamError.ended }
            guard self.output != .unfinished else { throw DuplexStreamError.writeUnfinished }
            self.output = .closed
            do throws(SystemError) {
                try self.driver.stream.shutdownWrite()
            } catch {
                throw self.driver.recorded(.broken(error))
            }
        }
    }

    // MARK: Waiting

    /// Waits for the peer until the task is cancelled, the handler returns, the server aborts the connection, or its
    /// drain ends the reading side.
    private func wait(isReading: Bool, _ wait: @Sendable () async -> WaitOutcome) async throws {
        while true {
            try Task.checkCancellation()
            let outcome = await withTaskCancellationHandler {
                await wait()
            } onCancel: {
                // Resumes the other direction as well, which waits again.
                loop.execute { if !self.hasEnded { self.driver.wakeWaiting() } }
            }
            if hasEnded { throw DuplexStreamError.ended }
            switch outcome {
            case .ready: return
            case .timedOut: throw driver.recorded(.timedOut(.write))
            case .busy: throw isReading ? SystemError.concurrentRead : .concurrentWrite
            case .interrupted:
                if driver.isAborted { throw ConnectionFault.aborted }
                if isReading, isReadingEnded { return }
            }
        }
    }

    /// Lets the other connections of the event loop have their turn periodically.
    private func takeTurn() async {
        turnsLeft -= 1
        guard turnsLeft <= 0 else { return }
        turnsLeft = ConnectionDriver.maxTurns
        await loop.yieldTurn()
    }
}

import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// The bytes of a connection that another protocol than HTTP has: reading and writing with backpressure, and waits that end
/// with the task, with the handler, or with the server.
final class UpgradedStream: DuplexTransport, @unchecked Sendable {
    // Unchecked, because all of it runs on the connection's loop, where every call goes first.

    let counts = DuplexCounts()
    private let connection: ServerConnection
    private let loop: EventLoop
    /// Serves the exchange, for as long as its handler works.
    private let driver: ConnectionDriver
    /// What came behind the head, and later what one read brings.
    private var input: ReceiveBuffer
    private var isReading = false
    private var isWriting = false
    private var hasEnded = false
    private(set) var hasEndedWriting = false
    /// Whether the new protocol goes on reading while the server drains.
    private var readsDuringShutdown = false
    /// A part of a write may have gone out, and TLS may hold a record of it: no other bytes may follow.
    private var isWriteUnfinished = false
    private var nextWriters: [CheckedContinuation<Void, Never>] = []
    private var turnsLeft = ConnectionDriver.maxTurns

    /// The bytes of the connection that `driver` serves, the first of which have come already.
    init(_ driver: ConnectionDriver, input: ReceiveBuffer) {
        self.driver = driver
        self.input = input
        connection = driver.state.value.connection
        loop = driver.server.loop
    }

    /// The handler has returned: pending reads and writes throw.
    func end() {
        hasEnded = true
        connection.wakeWaiting()
        for writer in nextWriters { writer.resume() }
        nextWriters.removeAll()
    }

    // MARK: Shutdown

    func keepReadingDuringShutdown() {
        readsDuringShutdown = true
    }

    /// Whether the drain of the server has ended the reading side.
    private var isReadingEnded: Bool { !readsDuringShutdown && driver.server.isDraining }

    /// The server drains: pending waits for the peer end, and are begun again if they may go on.
    func drainBegan() {
        if isReadingEnded { connection.wakeWaiting() }
    }

    // MARK: Reading

    func read() async throws -> [UInt8]? {
        try await loop.run { try await self.readAtHome() }
    }

    private func readAtHome() async throws -> [UInt8]? {
        guard !hasEnded else { throw DuplexStreamError.ended }
        guard !isReading else { throw DuplexStreamError.readTwice }
        isReading = true
        defer { isReading = false }
        while input.isEmpty {
            guard !hasEnded else { throw DuplexStreamError.ended }
            if !connection.stream.mayHaveMore {
                if isReadingEnded { return nil }
                try await wait(isReading: true) {
                    await self.connection.stream.waitReadable(until: .never)
                }
            }
            if isReadingEnded, !connection.stream.mayHaveMore { return nil }
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
            return try connection.fill(&input)
        } catch {
            throw driver.noted(error)
        }
    }

    // MARK: Writing

    func write(_ bytes: [UInt8]) async throws {
        try await loop.run { try await self.writeAtHome(bytes) }
    }

    private func writeAtHome(_ bytes: [UInt8]) async throws {
        await beginWriting()
        defer { finishWriting() }
        guard !isWriteUnfinished else { throw DuplexStreamError.writeUnfinished }
        var sentCount = 0
        while sentCount < bytes.count {
            guard !hasEnded else { throw DuplexStreamError.ended }
            guard !hasEndedWriting else { throw DuplexStreamError.writingEnded }
            sentCount += try send(bytes, from: sentCount)
            guard sentCount < bytes.count else { break }
            isWriteUnfinished = true
            try await wait(isReading: false) { await self.driver.waitForPeerToTake() }
        }
        isWriteUnfinished = false
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
            let result = try connection.stream.send(bytes.span.extracting(start..<bytes.count))
            guard case .bytes(let count) = result else { return 0 }
            driver.noteSent(count)
            counts.addSent(count)
            return count
        } catch {
            throw driver.noted(.broken(error))
        }
    }

    func closeOutput() async throws {
        try await loop.run {
            await self.beginWriting()
            defer { self.finishWriting() }
            guard !self.hasEnded else { throw DuplexStreamError.ended }
            guard !self.isWriteUnfinished else { throw DuplexStreamError.writeUnfinished }
            self.hasEndedWriting = true
            do throws(SystemError) {
                try self.connection.stream.shutdownWrite()
            } catch {
                throw self.driver.noted(.broken(error))
            }
        }
    }

    // MARK: Waiting

    /// Waits for the peer until the task is cancelled, the handler returns, the server cuts off, or its drain ends the reading
    /// side.
    private func wait(isReading: Bool, _ wait: @Sendable () async -> WaitOutcome) async throws {
        while true {
            try Task.checkCancellation()
            let outcome = await withTaskCancellationHandler {
                await wait()
            } onCancel: {
                // Wakes the other direction as well, which waits again.
                loop.execute { if !self.hasEnded { self.connection.wakeWaiting() } }
            }
            if hasEnded { throw DuplexStreamError.ended }
            switch outcome {
            case .ready: return
            case .timedOut: throw driver.noted(.timedOut(.write))
            case .interrupted:
                if connection.isCutOff { throw ConnectionFault.aborted }
                if isReading, isReadingEnded { return }
            }
        }
    }

    /// Lets the other connections of the loop have their turn now and then.
    private func takeTurn() async {
        turnsLeft -= 1
        guard turnsLeft <= 0 else { return }
        turnsLeft = ConnectionDriver.maxTurns
        await Task.yield()
    }
}

internal import CSpoorOpenSSL
internal import Glibc
package import SpoorNetworking

/// A TLS connection over a socket, on the socket's loop: bytes go in and out as over the bare
/// socket, after a handshake.
///
/// Reading takes what whole records there are, writing makes records of up to 16 KiB. An end
/// without the peer's `close_notify` is an error, never an end of stream: somebody may have cut the
/// connection off (RFC 8446 §6.1).
package final class TLSStream: ByteStream, @unchecked Sendable {
    // Unchecked, because all of its state belongs to the loop's thread, which the socket checks.

    package let loop: EventLoop
    /// The bare socket, for what is to be said without TLS when a handshake has failed.
    package let socket: any ByteStream
    let bio: SocketBIO
    let connection: SecureConnection

    /// Nothing that OpenSSL holds makes a whole record: only more from the socket does.
    var isStarved = true
    /// Writing goes on when the socket can be read.
    private var writeWantsRead = false
    /// How many bytes the record has that was encrypted but that the socket has not taken whole; 0 if
    /// there is none.
    ///
    /// The next write brings these bytes again, and is told that they are taken when they are.
    private var refusedCount = 0
    private let readability: SharedWait
    private(set) var isReaderWaiting = false
    /// The writer waits for the socket to be read.
    private(set) var isWriterStalled = false
    /// How often waits were ended from outside, and how often by `wakeOther`.
    private var interruptions = 0
    private var wakeUps = 0
    /// The peer's records bring no data, so others come first.
    private var mustYield = false
    private var fruitlessTurns = 0
    private var hasReceivedEnd = false
    private var hasSentEnd = false
    private var isInterrupted = false
    private var isClosed = false
    private var observer: (() -> Void)?
    private var isWatching = false
    var isHandshakeDone = false
    /// What ended it; OpenSSL must not be called any more.
    private var failure: SystemError?

    /// Turns (64 KiB each) of records without data, then the peer means no good.
    private static let maxFruitlessTurns = 16
    /// A peer that takes none of our answers to its updates of keys gets no more of them than this,
    /// beside one record.
    private static let maxHeldBytes = 64 << 10
    /// The most that one record holds (RFC 8446 §5.1).
    private static let maxRecordBytes = 16 << 10

    /// The server's side over an accepted socket; `handshake` comes first.
    package init(
        accepting socket: any ByteStream, by server: TLSServer
    ) throws(TLSConfigurationError) {
        loop = socket.loop
        self.socket = socket
        bio = SocketBIO(socket)
        readability = SharedWait(socket)
        let contexts = try server.contexts(at: loop.now)
        connection = try SecureConnection(contexts.initial, over: bio, of: contexts)
        connection.actAsServer()
    }

    /// The client's side over a connected socket; `handshake` comes first.
    ///
    /// - Parameters:
    ///   - host: The name, or the address as text, that the server's certificate must be for.
    ///   - session: An earlier connection to the same host, to be resumed if the server agrees, and if this
    ///     client made it.
    package init(
        dialling host: String, over socket: any ByteStream, by client: TLSClient,
        resuming session: TLSSession? = nil
    ) throws(TLSConfigurationError) {
        loop = socket.loop
        self.socket = socket
        bio = SocketBIO(socket)
        readability = SharedWait(socket)
        connection = try SecureConnection(client.context, over: bio)
        try connection.actAsClient(
            to: host, offering: client.protocols, resuming: session)
    }

    package var peer: SocketAddress { socket.peer }
    package var local: SocketAddress { get throws(SystemError) { try socket.local } }
    package var hasPeerClosedWriting: Bool { hasReceivedEnd || socket.hasPeerClosedWriting }
    package var hasHungUp: Bool { socket.hasHungUp }
    package var queuedByteCount: Int { socket.queuedByteCount }
    package var refusedByteCount: Int { refusedCount }

    package var mayHaveMore: Bool {
        if hasReceivedEnd || failure != nil { return true }
        if mustYield { return false }
        return !isStarved || socket.mayHaveMore
    }

    // MARK: Waiting

    package func waitReadable(until deadline: MonotonicInstant) async -> WaitOutcome {
        loop.checkConfinement()
        if isInterrupted { return .interrupted }
        if mustYield {
            mustYield = false
            await Task.yield()
            return isInterrupted ? .interrupted : .ready
        }
        if mayHaveMore { return .ready }
        isReaderWaiting = true
        defer { isReaderWaiting = false }
        return await waitForMore(until: deadline)
    }

    package func waitWritable(until deadline: MonotonicInstant) async -> WaitOutcome {
        loop.checkConfinement()
        guard writeWantsRead else {
            return isInterrupted ? .interrupted : await socket.waitWritable(until: deadline)
        }
        isWriterStalled = true
        defer { isWriterStalled = false }
        let outcome = await waitForMore(until: deadline)
        if outcome == .ready { writeWantsRead = false }
        return outcome
    }

    private func waitForMore(until deadline: MonotonicInstant) async -> WaitOutcome {
        if isInterrupted { return .interrupted }
        let (seen, seenWakeUps) = (interruptions, wakeUps)
        let outcome = await readability.wait(until: deadline)
        // Woken by the other task, not sent away.
        let isWoken = seen == interruptions && seenWakeUps != wakeUps
        return outcome == .interrupted && isWoken ? .ready : outcome
    }

    /// Has the task that waits look again: the other one has taken from the socket what it waits for.
    private func wakeOther() {
        wakeUps &+= 1
        readability.resumeParked(.ready)
        socket.endWaits()
    }

    // MARK: Bytes

    package func receive(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> ReceiveResult {
        loop.checkConfinement()
        if let failure { throw failure }
        if hasReceivedEnd { return .endOfStream }
        bio.beginReads()
        defer { if isWriterStalled { wakeOther() } }
        defer { answer() }
        var total = 0
        while total < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[total...])
            let step = unsafe connection.read(into: rest)
            guard case .bytes(let count) = step else {
                try endOfRead(step, isFruitless: total == 0)
                break
            }
            total += count
            isStarved = !connection.hasPending
            if isStarved { break }
        }
        if total > 0 {
            fruitlessTurns = 0
            return .bytes(total)
        }
        return hasReceivedEnd ? .endOfStream : .wouldBlock
    }

    /// Notes why there is no more to be read now.
    private func endOfRead(
        _ step: SecureConnection.Step, isFruitless: Bool
    ) throws(SystemError) {
        switch step {
        case .bytes: break
        case .wantsRead:
            isStarved = true
            guard bio.isOverBudget else { return }
            mustYield = isFruitless
            fruitlessTurns += isFruitless ? 1 : 0
            guard fruitlessTurns > Self.maxFruitlessTurns else { return }
            failure = SystemError(code: EPROTO, call: "TLS (records without data)")
        case .end: hasReceivedEnd = true
        case .failed(let cause): failure = systemError(cause)
        }
        if isFruitless, let failure { throw failure }
    }

    /// Sends what an update of keys was answered with, or keeps it for the next write.
    private func answer() {
        guard !bio.flush(), bio.heldCount > Self.maxHeldBytes else { return }
        failure = failure ?? SystemError(code: EPROTO, call: "TLS (answers that nobody takes)")
    }

    package func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> SendResult {
        loop.checkConfinement()
        var total = 0
        while total < bytes.count {
            let end = min(bytes.count, total + Self.maxRecordBytes)
            let record = unsafe UnsafeRawBufferPointer(rebasing: bytes[total..<end])
            let count = try unsafe write(record)
            total += count
            if count < record.count { return total > 0 ? .bytes(total) : .wouldBlock }
        }
        return .bytes(total)
    }

    package func send(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) throws(SystemError) -> SendResult {
        // What fits goes into one record. A refused write is repeated with the same bytes, so that
        // the record that OpenSSL has made of them stays the same.
        guard first.count < Self.maxRecordBytes, second.count > 0 else {
            let result = try unsafe send(first)
            guard result == .bytes(first.count), second.count > 0 else { return result }
            guard case .bytes(let more) = try unsafe send(second) else { return result }
            return .bytes(first.count + more)
        }
        let joined = min(Self.maxRecordBytes, first.count + second.count)
        let fromSecond = joined - first.count
        let count = try unsafe writeJoined(
            first, UnsafeRawBufferPointer(rebasing: second[..<fromSecond]))
        guard count == joined else { return count > 0 ? .bytes(count) : .wouldBlock }
        guard fromSecond < second.count else { return .bytes(joined) }
        let rest = unsafe UnsafeRawBufferPointer(rebasing: second[fromSecond...])
        guard case .bytes(let more) = try unsafe send(rest) else { return .bytes(joined) }
        return .bytes(joined + more)
    }

    private func writeJoined(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) throws(SystemError) -> Int {
        let record = UnsafeMutableRawBufferPointer.allocate(
            byteCount: first.count + second.count, alignment: 1)
        defer { unsafe record.deallocate() }
        unsafe record.copyMemory(from: first)
        unsafe UnsafeMutableRawBufferPointer(rebasing: record[first.count...])
            .copyMemory(from: second)
        return try unsafe write(UnsafeRawBufferPointer(record))
    }

    /// Writes one record: how much was taken, which is all or, if the socket is full, nothing.
    private func write(_ record: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        if let failure = failure ?? bio.writeFailure { throw failure }
        guard bio.flush() else { return 0 }
        if refusedCount > 0 {
            defer { refusedCount = 0 }
            return try told(refusedCount)
        }
        bio.beginReads()
        defer { noteReads() }
        switch unsafe connection.write(record) {
        case .bytes(let count):
            guard bio.flush() else {
                refusedCount = count
                return 0
            }
            return try told(count)
        case .wantsRead:
            writeWantsRead = true
            return 0
        case .end:
            throw SystemError(code: EPIPE, call: "TLS")
        case .failed(let cause):
            let error = systemError(cause)
            failure = error
            throw error
        }
    }

    /// Bytes that the socket has taken, unless it failed.
    private func told(_ count: Int) throws(SystemError) -> Int {
        if let failure = bio.writeFailure { throw failure }
        return count
    }

    /// A write may have read records that the reader waits for.
    private func noteReads() {
        guard bio.readsLeft < SocketBIO.maxReads, connection.hasPending else { return }
        isStarved = false
        if isReaderWaiting { wakeOther() }
    }

    /// What server and client are told of a failed connection.
    private func systemError(_ cause: SecureConnection.Failure) -> SystemError {
        switch cause {
        case .system: bio.failure ?? SystemError(code: EPROTO, call: "TLS")
        case .truncated:
            SystemError(
                code: ECONNRESET, call: "TLS",
                detail:
                    "the peer ended the connection without close_notify, so bytes may be missing")
        case .protocolError(_, let text): SystemError(code: EPROTO, call: "TLS (\(text))")
        }
    }

    // MARK: Ending

    /// Tells the peer by `close_notify` that nothing more comes, then ends the socket's direction.
    package func shutdownWrite() throws(SystemError) {
        loop.checkConfinement()
        sayEnd()
        try socket.shutdownWrite()
    }

    /// Tells the peer that all was sent, then closes.
    package func closeOrderly() {
        loop.checkConfinement()
        if !isClosed { sayEnd() }
        close()
    }

    private func sayEnd() {
        guard isHandshakeDone, !hasSentEnd, failure == nil, bio.writeFailure == nil,
            refusedCount == 0
        else { return }
        hasSentEnd = true
        // Should the socket be full, the peer sees an end without a word: what was to be sent is
        // not whole anyhow.
        connection.sayEnd()
    }

    package func close() {
        loop.checkConfinement()
        guard !isClosed else { return }
        isClosed = true
        interruptions &+= 1
        if isHandshakeDone, failure == nil, bio.writeFailure == nil { connection.keepSession() }
        socket.close()
        readability.resumeParked(.interrupted)
    }

    package func endWaits() {
        loop.checkConfinement()
        interruptions &+= 1
        socket.endWaits()
        readability.resumeParked(.interrupted)
    }

    package func interrupt() {
        loop.checkConfinement()
        isInterrupted = true
        interruptions &+= 1
        socket.interrupt()
        readability.resumeParked(.interrupted)
    }

    package func clearInterruption() {
        loop.checkConfinement()
        isInterrupted = false
        socket.clearInterruption()
    }

    // MARK: Watching

    package func observeReadiness(_ observer: (() -> Void)?) {
        loop.checkConfinement()
        // The closure underneath stays, whoever looks on.
        if observer != nil, !isWatching {
            isWatching = true
            socket.observeReadiness { [unowned self] in
                if let observer = self.observer, hasNews() { observer() }
            }
        }
        self.observer = observer
    }

    /// Whether what has come is more than the protocol's own talk: tickets and updates of keys are
    /// taken in here.
    private func hasNews() -> Bool {
        if failure != nil || hasReceivedEnd { return true }
        bio.beginReads()
        let step = connection.peek()
        answer()
        if isWriterStalled { wakeOther() }
        if case .bytes = step {
            isStarved = false
            return true
        }
        // Told by the next `receive`.
        try? endOfRead(step, isFruitless: true)
        return failure != nil || hasReceivedEnd || mustYield
    }
}

extension TLSStream: CustomStringConvertible {
    package var description: String { "TLSStream(\(socket))" }
}

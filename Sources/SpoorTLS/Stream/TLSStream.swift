internal import CSpoorOpenSSL
internal import Glibc
package import SpoorNetworking

/// A TLS connection over a socket, on the socket's event loop.
///
/// After the handshake it is used like the plain socket. Reading consumes whole records, writing creates records of
/// up to 16 KiB. An end of the socket without the peer's close-notify is an error, never an end of stream, because an
/// attacker may have truncated the connection (RFC 8446 §6.1).
package final class TLSStream: ByteStream, @unchecked Sendable {
    // Unchecked, because all state is confined to the event loop's thread, which the socket checks.

    package let loop: EventLoop
    /// The plain socket, for a response without TLS after a failed handshake.
    package let socket: any ByteStream
    let bio: SocketBIO
    let connection: SecureConnection

    /// Whether OpenSSL holds no whole record, so that more bytes from the socket are needed.
    var needsSocketData = true
    /// Whether writing continues when the socket becomes readable.
    private var writeWantsRead = false
    /// The size of the data in a record that was encrypted but not fully accepted by the socket; 0 if there is none.
    ///
    /// The next write passes the same bytes again, and reports them as sent once the record is.
    private var unsentRecordBytes = 0
    private let readability: SharedWait
    private(set) var isReaderWaiting = false
    /// Whether the writer waits for the socket to become readable.
    private(set) var isWriterStalled = false
    /// How often waits were interrupted from outside, and how often by `wakeOther`.
    private var interruptions = 0
    private var wakeUps = 0
    /// Whether the peer's records contain no data, so that other connections are served first.
    private var mustYield = false
    private var roundsWithoutData = 0
    private var hasReceivedCloseNotify = false
    private var hasSentCloseNotify = false
    private var isInterrupted = false
    private var isClosed = false
    private var observer: (() -> Void)?
    private var isWatching = false
    var isHandshakeDone = false
    /// The error that ended the connection; OpenSSL must not be called after it.
    private var failure: SystemError?

    /// The maximum number of consecutive rounds (64 KiB each) of records without data; more are an attack.
    private static let maxRoundsWithoutData = 16
    /// The maximum number of buffered bytes, in addition to one record, for a peer that does not read the responses
    /// to its key updates.
    private static let maxHeldBytes = 64 << 10
    /// The maximum data size of one record (RFC 8446 §5.1).
    private static let maxRecordBytes = 16 << 10

    /// Creates the server side over an accepted socket; call `handshake` first.
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

    /// Creates the client side over a connected socket; call `handshake` first.
    ///
    /// - Parameters:
    ///   - host: The name, or the address as text, that the server's certificate must match.
    ///   - session: The session of an earlier connection to the same host, resumed if the server agrees and if this
    ///     client created it.
    package init(
        connectingTo host: String, over socket: any ByteStream, by client: TLSClient,
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
    package var hasPeerClosedWriting: Bool { hasReceivedCloseNotify || socket.hasPeerClosedWriting }
    package var hasHungUp: Bool { socket.hasHungUp }
    package var queuedByteCount: Int { socket.queuedByteCount }
    package var retryByteCount: Int { unsentRecordBytes }

    package var mayHaveMore: Bool {
        if hasReceivedCloseNotify || failure != nil { return true }
        if mustYield { return false }
        return !needsSocketData || socket.mayHaveMore
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
        // Woken by the other task, not interrupted.
        let isWoken = seen == interruptions && seenWakeUps != wakeUps
        return outcome == .interrupted && isWoken ? .ready : outcome
    }

    /// Makes the waiting task check again: the other one has read from the socket what it waits for.
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
        if hasReceivedCloseNotify { return .endOfStream }
        bio.beginReads()
        defer { if isWriterStalled { wakeOther() } }
        defer { flushResponses() }
        var total = 0
        while total < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[total...])
            let step = unsafe connection.read(into: rest)
            guard case .bytes(let count) = step else {
                try recordReadEnd(step, isWithoutData: total == 0)
                break
            }
            total += count
            needsSocketData = !connection.hasPending
            if needsSocketData { break }
        }
        if total > 0 {
            roundsWithoutData = 0
            return .bytes(total)
        }
        return hasReceivedCloseNotify ? .endOfStream : .wouldBlock
    }

    /// Records why there is nothing more to read now.
    private func recordReadEnd(
        _ step: SecureConnection.Step, isWithoutData: Bool
    ) throws(SystemError) {
        switch step {
        case .bytes: break
        case .wantsRead:
            needsSocketData = true
            guard bio.isOverBudget else { return }
            mustYield = isWithoutData
            roundsWithoutData += isWithoutData ? 1 : 0
            guard roundsWithoutData > Self.maxRoundsWithoutData else { return }
            failure = SystemError(code: EPROTO, call: "TLS (records without data)")
        case .end: hasReceivedCloseNotify = true
        case .failed(let cause): failure = systemError(cause)
        }
        if isWithoutData, let failure { throw failure }
    }

    /// Sends the response to a key update, or keeps it for the next write.
    private func flushResponses() {
        guard !bio.flush(), bio.heldCount > Self.maxHeldBytes else { return }
        failure =
            failure
            ?? SystemError(
                code: EPROTO, call: "TLS (the peer does not read the responses to its key updates)")
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
        // As much as fits goes into one record. A write that was not accepted is repeated with the same bytes, so
        // that the record that OpenSSL has made of them stays valid.
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

    /// Writes one record; returns the number of accepted bytes: all, or none if the socket is full.
    private func write(_ record: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        if let failure = failure ?? bio.writeFailure { throw failure }
        guard bio.flush() else { return 0 }
        if unsentRecordBytes > 0 {
            defer { unsentRecordBytes = 0 }
            return try accepted(unsentRecordBytes)
        }
        bio.beginReads()
        defer { noteReads() }
        switch unsafe connection.write(record) {
        case .bytes(let count):
            guard bio.flush() else {
                unsentRecordBytes = count
                return 0
            }
            return try accepted(count)
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

    /// Returns the number of bytes that the socket has accepted, unless it has failed.
    private func accepted(_ count: Int) throws(SystemError) -> Int {
        if let failure = bio.writeFailure { throw failure }
        return count
    }

    /// Wakes the reader if the write has read records that it waits for.
    private func noteReads() {
        guard bio.readsLeft < SocketBIO.maxReads, connection.hasPending else { return }
        needsSocketData = false
        if isReaderWaiting { wakeOther() }
    }

    /// Returns the error that server and client receive for a failed connection.
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

    /// Sends close-notify, then closes the write side of the socket (half-close).
    package func shutdownWrite() throws(SystemError) {
        loop.checkConfinement()
        sendCloseNotify()
        try socket.shutdownWrite()
    }

    /// Sends close-notify, then closes the socket.
    package func closeOrderly() {
        loop.checkConfinement()
        if !isClosed { sendCloseNotify() }
        close()
    }

    private func sendCloseNotify() {
        guard isHandshakeDone, !hasSentCloseNotify, failure == nil, bio.writeFailure == nil,
            unsentRecordBytes == 0
        else { return }
        hasSentCloseNotify = true
        // If the socket is full, the peer sees an end without close-notify, which is correct, because the data is
        // incomplete.
        connection.sendCloseNotify()
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

    // MARK: Observing

    package func observeReadiness(_ observer: (() -> Void)?) {
        loop.checkConfinement()
        // The closure on the socket stays installed whatever the observer is.
        if observer != nil, !isWatching {
            isWatching = true
            socket.observeReadiness { [unowned self] in
                if let observer = self.observer, hasReadableEvent() { observer() }
            }
        }
        self.observer = observer
    }

    /// Whether there is data, an end or a failure to report; tickets and key updates are consumed here.
    private func hasReadableEvent() -> Bool {
        if failure != nil || hasReceivedCloseNotify { return true }
        bio.beginReads()
        let step = connection.peek()
        flushResponses()
        if isWriterStalled { wakeOther() }
        if case .bytes = step {
            needsSocketData = false
            return true
        }
        // The next `receive` throws the error.
        try? recordReadEnd(step, isWithoutData: true)
        return failure != nil || hasReceivedCloseNotify || mustYield
    }
}

extension TLSStream: CustomStringConvertible {
    package var description: String { "TLSStream(\(socket))" }
}

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

    var state = TLSStreamState()
    private var failures = TLSStreamState.Failures()
    private let waits: SharedWait
    /// The number of consecutive rounds of records without data.
    private var roundsWithoutData = 0
    private var observation = Observation.none

    /// The observer of readiness, and whether this stream observes its socket.
    private enum Observation {
        /// There has been no observer, and this stream does not observe its socket.
        case none
        /// This stream observes its socket until it is closed; the observer may be removed or replaced meanwhile.
        case installed((() -> Void)?)
    }

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
        waits = SharedWait(socket)
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
        waits = SharedWait(socket)
        connection = try SecureConnection(client.context, over: bio)
        try connection.actAsClient(
            to: host, offering: client.protocols, resuming: session)
    }

    package var peer: SocketAddress { socket.peer }
    package var local: SocketAddress { get throws(SystemError) { try socket.local } }
    package var hasPeerClosedWriting: Bool { state.read == .ended || socket.hasPeerClosedWriting }
    package var hasHungUp: Bool { socket.hasHungUp }
    package var queuedByteCount: Int { socket.queuedByteCount }

    package var retryByteCount: Int {
        if case .recordHeld(let bytes) = state.write { bytes } else { 0 }
    }

    package var mayHaveMore: Bool {
        switch state.read {
        case .handshaking, .needsInput: socket.mayHaveMore
        case .hasData, .ended, .failed: true
        case .yielding, .closed: false
        }
    }

    // MARK: Waiting

    /// Whether the reader waits for the socket to become readable.
    var isReaderWaiting: Bool { waits.isWaiting(for: .reading) }

    /// Whether the writer waits for the socket to become readable.
    var isWriterStalled: Bool { waits.isWaiting(for: .writing) }

    package func waitReadable(until deadline: MonotonicInstant) async -> WaitOutcome {
        loop.checkConfinement()
        if waits.isInterrupted { return .interrupted }
        if state.read == .yielding {
            state.apply(.yielded)
            await loop.yieldTurn()
            return waits.isInterrupted ? .interrupted : .ready
        }
        if mayHaveMore { return .ready }
        return await waits.wait(for: .reading, until: deadline)
    }

    package func waitWritable(until deadline: MonotonicInstant) async -> WaitOutcome {
        loop.checkConfinement()
        guard state.write == .needsInput else {
            return waits.isInterrupted ? .interrupted : await socket.waitWritable(until: deadline)
        }
        let outcome = await waits.wait(for: .writing, until: deadline)
        if outcome == .ready { state.apply(.inputArrived) }
        return outcome
    }

    // MARK: Bytes

    package func receive(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> ReceiveResult {
        loop.checkConfinement()
        switch state.read {
        case .needsInput, .hasData, .yielding: break
        case .ended: return .endOfStream
        case .failed: throw failures.read ?? SystemError(code: EPROTO, call: "TLS")
        case .closed: throw SystemError(code: EBADF, call: "TLS")
        case .handshaking: preconditionFailure("a read before the end of the handshake")
        }
        bio.beginReads()
        defer { waits.satisfy(.writing) }
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
            let hasMore = connection.hasPending
            state.apply(.dataRead(hasMore: hasMore))
            guard hasMore else { break }
        }
        if total > 0 {
            roundsWithoutData = 0
            return .bytes(total)
        }
        return state.read == .ended ? .endOfStream : .wouldBlock
    }

    /// Records why there is nothing more to read now.
    private func recordReadEnd(
        _ step: SecureConnection.Step, isWithoutData: Bool
    ) throws(SystemError) {
        switch step {
        case .bytes: break
        case .wantsRead where bio.hasReachedReadLimit && isWithoutData: recordFlood()
        case .wantsRead: state.apply(.inputConsumed)
        case .end: state.apply(.closeNotifyReceived)
        case .failed(let cause): fail(cause.systemError(of: bio))
        }
        if isWithoutData, state.read == .failed, let error = failures.read { throw error }
    }

    /// Records a round of records without data, too many of which end the connection.
    private func recordFlood() {
        roundsWithoutData += 1
        guard roundsWithoutData > Self.maxRoundsWithoutData else {
            return state.apply(.floodDetected)
        }
        fail(SystemError(code: EPROTO, call: "TLS (records without data)"))
    }

    /// Sends the response to a key update, or keeps it for the next write.
    private func flushResponses() {
        guard let isEmpty = try? flush(), !isEmpty, bio.heldCount > Self.maxHeldBytes else {
            return
        }
        fail(
            SystemError(
                code: EPROTO, call: "TLS (the peer does not read the responses to its key updates)")
        )
    }

    /// Writes buffered bytes to the socket; returns true when none are left.
    private func flush() throws(SystemError) -> Bool {
        do {
            return try bio.flush()
        } catch {
            fail(error, .writeFailed)
            throw error
        }
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
        switch state.write {
        case .ready, .needsInput, .recordHeld: break
        case .shutDown: throw SystemError(code: EPIPE, call: "TLS")
        case .failed: throw failures.write ?? SystemError(code: EPROTO, call: "TLS")
        case .closed: throw SystemError(code: EBADF, call: "TLS")
        case .handshaking: preconditionFailure("a write before the end of the handshake")
        }
        guard try flush() else { return 0 }
        if case .recordHeld(let bytes) = state.write {
            state.apply(.recordSent)
            return bytes
        }
        bio.beginReads()
        defer { wakeReader() }
        switch unsafe connection.write(record) {
        case .bytes(let count):
            let isSent = try flush()
            state.apply(isSent ? .recordSent : .recordHeld(bytes: count))
            return isSent ? count : 0
        case .wantsRead:
            state.apply(.writeNeedsInput)
            return 0
        case .end:
            throw SystemError(code: EPIPE, call: "TLS")
        case .failed(let cause):
            let error = cause.systemError(of: bio)
            fail(error)
            throw error
        }
    }

    /// Wakes the reader if the write has read records that it waits for.
    private func wakeReader() {
        guard bio.readsLeft < SocketBIO.maxReads, connection.hasPending else { return }
        state.apply(.inputBuffered)
        waits.satisfy(.reading)
    }

    /// Records a failure of the connection, or of its write side.
    func fail(_ error: SystemError, _ event: TLSStreamState.Event = .failed) {
        let old = state
        state.apply(event)
        failures.record(error, from: old, to: state)
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
        sendCloseNotify()
        close()
    }

    /// Ends the write side, with close-notify where the data is complete.
    private func sendCloseNotify() {
        switch state.write {
        // If the socket is full, the peer sees an end without close-notify, which is correct, because the data is
        // incomplete.
        case .ready, .needsInput: connection.sendCloseNotify()
        case .handshaking, .recordHeld, .shutDown, .failed, .closed: break
        }
        state.apply(.writeShutDown)
    }

    package func discardUnsentBytesOnClose() {
        loop.checkConfinement()
        socket.discardUnsentBytesOnClose()
    }

    package func close() {
        loop.checkConfinement()
        guard state.write != .closed else { return }
        if state.isIntact { connection.keepSession() }
        state.apply(.closed)
        waits.close()
    }

    package func endWaits() {
        loop.checkConfinement()
        waits.end()
    }

    package func interrupt() {
        loop.checkConfinement()
        waits.interrupt()
    }

    package func clearInterruption() {
        loop.checkConfinement()
        waits.clearInterruption()
    }

    // MARK: Observing

    package func observeReadiness(_ observer: (() -> Void)?) {
        loop.checkConfinement()
        switch observation {
        case .installed: observation = .installed(observer)
        case .none:
            guard observer != nil else { return }
            observation = .installed(observer)
            socket.observeReadiness { [unowned self] in
                guard case .installed(let observer?) = observation, hasReadableEvent() else {
                    return
                }
                observer()
            }
        }
    }

    /// Whether there is data, an end or a failure to report; tickets and key updates are consumed here.
    private func hasReadableEvent() -> Bool {
        switch state.read {
        case .ended, .failed: return true
        case .handshaking, .closed: return false
        case .needsInput, .hasData, .yielding: break
        }
        bio.beginReads()
        let step = connection.peek()
        flushResponses()
        waits.satisfy(.writing)
        if case .bytes = step {
            state.apply(.inputBuffered)
            return true
        }
        // The next `receive` throws the error.
        try? recordReadEnd(step, isWithoutData: true)
        switch state.read {
        case .yielding, .ended, .failed: return true
        case .handshaking, .needsInput, .hasData, .closed: return false
        }
    }
}

extension TLSStream: CustomStringConvertible {
    package var description: String { "TLSStream(\(socket))" }
}

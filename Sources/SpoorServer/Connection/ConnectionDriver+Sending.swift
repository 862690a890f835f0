import HTTPTypes
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// Sending responses: when bytes are gathered, handed to the kernel, and waited for.
extension ConnectionDriver {
    /// Decides the framing of the response that begins.
    func startResponse(
        _ exchange: Exchange, headers: Headers, bodyLength: Int?
    ) -> MessageFraming {
        if let bound = exchange.state.value.maxBodyBytes { state.value.body.maxBodyBytes = bound }
        // What is too much for the route is not read and discarded either.
        let bodyIsTooLong = !machine.isBodyComplete && state.value.body.announcesTooMuch
        let framing = state.value.session.machine.startResponse(
            exchange.state.value.responseStatus, bodyLength: bodyLength, headers: headers,
            maxDrainBytes: server.limits.http1.maxDrainBytes,
            closes: server.isDraining || bodyIsTooLong
                // Such as a time-out of the body that the handler has caught.
                || state.value.session.exchange.interruptedAt != nil
                || Int(machine.requestCount) >= server.limits.maxRequestsPerConnection)
        noteUnsent(headers, with: framing, for: exchange)
        if exchange.state.value.responseStatus.code < 200, !framing.isUpgrade {
            // An interim status ends no exchange: logs and spans get what is sent in its place.
            exchange.state.value.responseStatus = .internalServerError
            exchange.noteMistake(ResponseStateError.statusNotFinal)
        }
        return framing
    }

    /// A complete response is in the buffer: hands it over now, unless another request has come already.
    func completed() throws -> SendProgress {
        guard case .keepAlive = machine.persistence else { return try flush() }
        let mayGather =
            !state.value.input.isEmpty && machine.isBodyComplete
            && state.value.output.pendingCount < server.limits.maxSendBufferBytes
            && state.value.session.gatheredCount < server.limits.maxPipelinedResponses
        guard mayGather else { return try flush() }
        // What is armed for the first hands over the following ones as well.
        if state.value.session.gatheredCount == 0 { flushSoon() }
        state.value.session.gatheredCount += 1
        return .done
    }

    /// Hands what is gathered to the kernel.
    func flush() throws -> SendProgress {
        let pendingCount = state.value.output.pendingCount
        defer { noteSent(pendingCount - state.value.output.pendingCount) }
        state.value.session.gatheredCount = 0
        do {
            return try state.value.output.send(to: state.value.connection.stream)
                ? .done : .mustDrain
        } catch {
            throw noted(.broken(error))
        }
    }

    /// Hands gathered responses over at the loop's next turn, unless more responses complete them before.
    ///
    /// So responses are gathered while handlers return at once, and none waits for a slow handler after it.
    private func flushSoon() {
        let flush = state.value.lateFlush ?? Deadline { [unowned self] in flushLate() }
        state.value.lateFlush = flush
        state.value.session.flushPause = FlushPause()
        server.loop.arm(flush, at: server.loop.now)
    }

    private func flushLate() {
        // A failure comes again, and is reported, when the connection's task writes or reads.
        guard let lateFlush = state.value.lateFlush else { return }
        let countBefore = state.value.output.pendingCount
        guard (try? flush()) == .mustDrain else { return }
        // Only one may wait for the socket, and that is a handler that writes: so this tries now and then.
        let taken = countBefore - state.value.output.pendingCount
        let pause = state.value.session.flushPause.next(taken: taken)
        server.loop.arm(lateFlush, at: server.loop.now.advanced(byNanoseconds: pause))
    }

    /// How many bytes of a response that is written in pieces are in the send buffer, if all of it is there; nil if a part has
    /// left, or is held by the stream as a record.
    var unsentResponseCount: Int? {
        let exchange = state.value.session.exchange
        let (ahead, hasLeft) = exchange.responseStart.subtractingReportingOverflow(
            exchange.writePace.byteCount)
        guard !hasLeft, ahead >= state.value.connection.stream.refusedByteCount else { return nil }
        return state.value.output.pendingCount - Int(ahead)
    }

    /// Counts bytes that the kernel has taken.
    func noteSent(_ count: Int) {
        state.value.session.exchange.writePace.note(count)
        server.noteSent(count)
    }

    /// Hands over what is gathered before the peer is waited for: it may be waiting for that.
    func flushBeforeWaiting(_ exchange: Exchange) async throws {
        guard state.value.output.pendingCount > 0 else { return }
        if try flush() == .mustDrain { try await drain(for: exchange) }
    }

    /// Waits until the kernel takes more of what is being sent.
    func waitWritable() async throws {
        switch await waitForPeerToTake() {
        case .ready: return
        case .interrupted: throw interruption
        case .timedOut: throw noted(.timedOut(.write))
        }
    }

    /// Waits until the kernel takes more, as long as the peer takes enough to be waited for.
    func waitForPeerToTake() async -> WaitOutcome {
        let stream = state.value.connection.stream
        var queuedCount = stream.queuedByteCount
        while true {
            let allowance = state.value.session.exchange.writePace.allowance(
                silence: server.timeouts.write,
                minBytesPerSecond: server.limits.minWriteBytesPerSecond)
            let start = server.loop.now
            let outcome = await stream.waitWritable(until: start.advanced(byNanoseconds: allowance))
            if outcome == .interrupted { return outcome }
            state.value.session.exchange.writePace.noteWait(
                nanoseconds: server.loop.now.nanoseconds &- start.nanoseconds)
            if outcome == .ready { return outcome }
            // The kernel wants more room than a slow reader makes in that time; that it took something is enough.
            let leftCount = stream.queuedByteCount
            guard leftCount < queuedCount else {
                server.noteTimeout(.write)
                return .timedOut
            }
            queuedCount = leftCount
        }
    }
}

/// How long to wait for a full socket before gathered responses are tried again, while a handler keeps them waiting.
///
/// Each try in vain doubles the pause, so that a peer that takes nothing costs next to nothing.
struct FlushPause {
    /// 2 ms: a peer that reads is hardly kept waiting.
    static let shortest: UInt64 = 2_000_000
    /// 256 ms.
    static let longest: UInt64 = 256_000_000

    private var current = Self.shortest

    /// The next pause in nanoseconds, after a try of which so many bytes were taken, but not all.
    mutating func next(taken count: Int) -> UInt64 {
        if count > 0 { current = Self.shortest }
        defer { current = min(current * 2, Self.longest) }
        return current
    }
}

/// Holds a peer to a least rate of bytes: it may be silent for a while, and earns more time with every byte.
///
/// Only the time in which the peer is waited for counts, so a slow handler does not make its client look slow.
struct Pace {
    private var waitedNanoseconds: UInt64 = 0
    /// How many bytes came or were taken.
    private(set) var byteCount: UInt64 = 0

    /// Counts bytes that came or were taken.
    mutating func note(_ count: Int) {
        byteCount &+= UInt64(truncatingIfNeeded: count)
    }

    /// Counts time in which the peer was waited for.
    mutating func noteWait(nanoseconds: UInt64) {
        waitedNanoseconds &+= nanoseconds
    }

    /// How many nanoseconds the peer may be waited for now.
    ///
    /// - Parameters:
    ///   - silence: The longest single wait, which is also what a peer gets in advance, in nanoseconds.
    ///   - minBytesPerSecond: The least rate beyond that; 0 for none.
    func allowance(silence: UInt64, minBytesPerSecond: Int) -> UInt64 {
        guard minBytesPerSecond > 0 else { return silence }
        let nanosecondsAByte = 1_000_000_000 / UInt64(minBytesPerSecond)
        let (earned, overflows) = byteCount.multipliedReportingOverflow(by: nanosecondsAByte)
        let (total, isEndless) = silence.addingReportingOverflow(earned)
        if overflows || isEndless { return silence }
        return waitedNanoseconds < total ? min(silence, total - waitedNanoseconds) : 0
    }
}

/// Bytes that are serialised and not yet handed to the kernel.
struct SendBuffer {
    /// What was gathered since the buffer was last empty.
    var bytes: [UInt8] = []
    private var sentCount = 0

    /// More memory than this is not kept for the next response.
    private static let maxKeptBytes = 128 << 10

    /// How many bytes wait.
    var pendingCount: Int { bytes.count - sentCount }

    /// Forgets everything and keeps the memory of a usual response.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.maxKeptBytes)
        sentCount = 0
    }

    /// Forgets the last bytes of those that wait.
    mutating func removeLast(_ count: Int) {
        bytes.removeLast(count)
        if pendingCount == 0 { removeAll() }
    }

    /// Hands to the kernel what it takes at once; true if that was all.
    mutating func send(to stream: any ByteStream) throws(SystemError) -> Bool {
        let count = pendingCount
        guard count > 0 else { return true }
        let result = try stream.send(bytes.span.extracting(sentCount..<bytes.count))
        guard case .bytes(let taken) = result else { return false }
        guard taken == count else {
            sentCount += taken
            return false
        }
        removeAll()
        return true
    }
}

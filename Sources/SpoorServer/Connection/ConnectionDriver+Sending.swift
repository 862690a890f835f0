import HTTPTypes
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// Sending responses: when bytes are buffered and passed to the kernel, and when that waits for the peer.
extension ConnectionDriver {
    /// Decides the framing of a response that begins.
    func startResponse(
        _ exchange: Exchange, headers: Headers, bodyLength: Int?
    ) -> MessageFraming {
        if let bound = exchange.state.value.maxBodyBytes {
            workspace.value.body.maxBodyBytes = bound
        }
        // A body above the limit of its route is not read and discarded either.
        let bodyIsTooLong = !machine.isBodyComplete && workspace.value.body.announcesTooMuch
        let framing = machine.startResponse(
            exchange.state.value.responseStatus, bodyLength: bodyLength, headers: headers,
            maxDrainBytes: server.limits.http1.maxDrainBytes,
            closes: server.isDraining || bodyIsTooLong
                // Such as a timeout of the body that the handler has caught.
                || workspace.value.session.exchange.interruptedAt != nil
                || Int(machine.requestCount) >= server.limits.maxRequestsPerConnection)
        logUnsent(headers, with: framing, for: exchange)
        return framing
    }

    /// Handles a complete response in the buffer: sends it now, unless another request has arrived already.
    func completed() throws -> SendProgress {
        guard case .keepAlive = machine.persistence else { return try flush() }
        let mayGather =
            !workspace.value.input.isEmpty && machine.isBodyComplete
            && workspace.value.output.pendingCount < server.limits.maxSendBufferBytes
            && workspace.value.session.batchedCount < server.limits.maxPipelinedResponses
        guard mayGather else { return try flush() }
        // The timer that is set for the first response sends the following ones as well.
        if workspace.value.session.batchedCount == 0 { scheduleFlush() }
        workspace.value.session.batchedCount += 1
        return .done
    }

    /// Passes buffered bytes to the kernel.
    func flush() throws -> SendProgress {
        let pendingCount = workspace.value.output.pendingCount
        defer { countSent(pendingCount - workspace.value.output.pendingCount) }
        workspace.value.session.batchedCount = 0
        do {
            return try workspace.value.output.send(to: stream)
                ? .done : .mustDrain
        } catch {
            throw recorded(.broken(error))
        }
    }

    /// Sends buffered responses in the next iteration of the event loop, unless further responses complete them
    /// before.
    ///
    /// So responses are batched while handlers return immediately, and none waits for a slow handler after it.
    private func scheduleFlush() {
        workspace.value.session.flushBackoff = FlushBackoff()
        loop.arm(timerForWaiting(), at: loop.now)
    }

    /// Sends the responses that the running handler delays.
    func flushFromTimer() {
        // A failure occurs again, and is reported, when the connection's task writes or reads.
        guard isServing, let timer else { return }
        let countBefore = workspace.value.output.pendingCount
        guard (try? flush()) == .mustDrain else { return }
        // Only one task may wait for the socket, and that is a handler that writes: so this retries periodically.
        let taken = countBefore - workspace.value.output.pendingCount
        let pause = workspace.value.session.flushBackoff.next(taken: taken)
        loop.arm(timer, at: loop.now.advanced(byNanoseconds: pause))
    }

    /// The number of bytes of a streamed response in the send buffer, if all of it is there; nil if a part has been
    /// sent, or is held by the stream as a TLS record.
    var unsentResponseCount: Int? {
        let exchange = workspace.value.session.exchange
        let (ahead, hasLeft) = exchange.responseStart.subtractingReportingOverflow(
            exchange.writeRate.byteCount)
        guard !hasLeft, ahead >= stream.retryByteCount else { return nil }
        return workspace.value.output.pendingCount - Int(ahead)
    }

    /// Counts bytes that the kernel has accepted.
    func countSent(_ count: Int) {
        workspace.value.session.exchange.writeRate.count(count)
        server.countSent(count)
    }

    /// Sends buffered responses before a wait for the peer, which may be waiting for them.
    func flushBeforeWaiting(_ exchange: Exchange) async throws {
        guard workspace.value.output.pendingCount > 0 else { return }
        if try flush() == .mustDrain { try await drain(for: exchange) }
    }

    /// Waits until the kernel accepts more of what is being sent.
    func waitWritable() async throws {
        switch await waitForPeerToRead() {
        case .ready: turnBegan()
        case .interrupted: throw interruption
        case .timedOut: throw recorded(.timedOut(.write))
        case .busy: throw recorded(.broken(.concurrentWrite))
        }
    }

    /// Waits until the kernel accepts more, as long as the peer reads fast enough.
    func waitForPeerToRead() async -> WaitOutcome {
        // A write of another task to an upgraded connection may continue after the handler has returned.
        guard isServing else { return .interrupted }
        let limit = server.timeouts.write
        var inactivity = SendInactivity(
            limit: limit, queuedByteCount: stream.queuedByteCount, at: loop.now)
        while true {
            let allowance = workspace.value.session.exchange.writeRate.allowance(
                timeout: limit, minBytesPerSecond: server.limits.minWriteBytesPerSecond)
            let start = loop.now
            let end = min(
                start.advanced(byNanoseconds: allowance), inactivity.nextCheck(after: start))
            let outcome = await stream.waitWritable(until: end)
            if outcome == .interrupted || !isServing { return .interrupted }
            let now = loop.now
            workspace.value.session.exchange.writeRate.countWait(
                nanoseconds: now.nanoseconds &- start.nanoseconds)
            guard outcome == .timedOut else { return outcome }
            inactivity.record(queuedByteCount: stream.queuedByteCount, at: now)
            guard inactivity.hasTimedOut(at: now) || allowance == 0 else { continue }
            server.countTimeout(.write)
            return .timedOut
        }
    }
}

/// The interval between attempts to send buffered responses to a full socket, while a handler delays them.
///
/// Each failed attempt doubles the interval, so that a peer that reads nothing causes few attempts.
struct FlushBackoff {
    /// 2 ms: hardly a delay for a peer that reads.
    static let shortest: UInt64 = 2_000_000
    /// 256 ms.
    static let longest: UInt64 = 256_000_000

    private var current = Self.shortest

    /// Returns the next interval in nanoseconds, after an attempt in which `count` bytes were accepted, but not all.
    mutating func next(taken count: Int) -> UInt64 {
        if count > 0 { current = Self.shortest }
        defer { current = min(current * 2, Self.longest) }
        return current
    }
}

/// Enforces a minimum rate of bytes on a peer: it may pause for a while, and gains time with every byte.
///
/// Only time spent waiting for the peer counts, so that a slow handler does not affect its client.
struct MinimumRate {
    private var waitedNanoseconds: UInt64 = 0
    /// The number of bytes that were received or accepted.
    private(set) var byteCount: UInt64 = 0

    /// Counts bytes that were received or accepted.
    mutating func count(_ count: Int) {
        byteCount &+= UInt64(truncatingIfNeeded: count)
    }

    /// Counts time spent waiting for the peer.
    mutating func countWait(nanoseconds: UInt64) {
        waitedNanoseconds &+= nanoseconds
    }

    /// Returns how many nanoseconds a wait for the peer may take now.
    ///
    /// - Parameters:
    ///   - timeout: The timeout of a single wait in nanoseconds, which is also granted in advance.
    ///   - minBytesPerSecond: The minimum rate beyond that; 0 for none.
    func allowance(timeout: UInt64, minBytesPerSecond: Int) -> UInt64 {
        guard minBytesPerSecond > 0 else { return timeout }
        let nanosecondsAByte = 1_000_000_000 / UInt64(minBytesPerSecond)
        let (earned, overflows) = byteCount.multipliedReportingOverflow(by: nanosecondsAByte)
        let (total, isEndless) = timeout.addingReportingOverflow(earned)
        if overflows || isEndless { return timeout }
        return waitedNanoseconds < total ? min(timeout, total - waitedNanoseconds) : 0
    }
}

/// Serialized bytes that were not passed to the kernel yet.
struct SendBuffer {
    /// The bytes since the buffer was last empty.
    var bytes: [UInt8] = []
    private var sentCount = 0

    /// The maximum memory that is kept for the next response.
    private static let maxKeptBytes = 128 << 10

    /// The number of pending bytes.
    var pendingCount: Int { bytes.count - sentCount }

    /// Removes everything and keeps the memory of a typical response.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.maxKeptBytes)
        sentCount = 0
    }

    /// Removes the last pending bytes.
    mutating func removeLast(_ count: Int) {
        bytes.removeLast(count)
        if pendingCount == 0 { removeAll() }
    }

    /// Passes to the kernel what it accepts immediately; returns true if that was everything.
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

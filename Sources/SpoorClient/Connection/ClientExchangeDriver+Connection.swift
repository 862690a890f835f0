import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// The driver's dealings with connections: getting one, and moving bytes over it within the deadlines.
extension ClientExchangeDriver {
    func acquire(isFresh: Bool) async throws(ClientError) -> ClientConnection {
        guard !isCancelled else { throw .cancelled }
        let claim = claim.take()
        let lease = try await pool.lease(
            target.host, isFresh: isFresh, claim: claim, until: end, limit: totalLimit
        ) { endWaiting = $0 }
        let connection: ClientConnection
        switch lease {
        case .kept(let kept):
            pool.counts.add(\.connectionsReused)
            connection = kept
        case .opening(let id):
            connection = try await open(id)
        }
        self.connection = connection
        peer = connection.stream.peer
        isSent = false
        sendFailure = nil
        guard !isCancelled else { throw .cancelled }
        return connection
    }

    private func open(_ id: PoolPlan.ConnectionID) async throws(ClientError) -> ClientConnection {
        defer { endConnecting = nil }
        do throws(ClientError) {
            guard !isCancelled else { throw .cancelled }
            let stream = try await Dialer(
                pool: pool, limits: limits, totalLimit: totalLimit
            ).connect(to: target.host, until: end) { endAttempt in
                endConnecting = endAttempt
                if isCancelled { endAttempt() }
            }
            return ClientConnection(
                id, to: target.host, over: stream,
                retiresAt: pool.loop.now.advanced(by: limits.connectionAgeMax), limits: limits.http1
            )
        } catch {
            pool.remove(id)
            throw error
        }
    }

    func serializedHead(
        for connection: ClientConnection, length: Request.BodyLength
    ) throws(ClientError) -> ([UInt8], MessageFraming) {
        let framing = connection.state.startRequest(
            request.method, bodyLength: length, fields: request.fields)
        var output: [UInt8] = []
        output.reserveCapacity(256 + request.fields.bytes.count)
        do {
            try RequestSerializer.appendHead(
                request.method, target: target.path, authority: target.authority,
                fields: request.fields, framing: framing, to: &output)
        } catch {
            throw .requestInvalid("\(error)")
        }
        return (output, framing)
    }

    func send(_ first: [UInt8], _ second: [UInt8]) async throws(ClientError) {
        guard let stream = connection?.stream else { throw .cancelled }
        let total = first.count + second.count
        var sent = 0
        while sent < total {
            let result: SendResult
            do {
                let rest = second.span.extracting(droppingFirst: max(0, sent - first.count))
                result =
                    sent >= first.count
                    ? try stream.send(rest)
                    : second.isEmpty
                        ? try stream.send(first.span.extracting(droppingFirst: sent))
                        : try stream.send(first.span.extracting(droppingFirst: sent), rest)
            } catch {
                throw .connectionBroken(.send, error)
            }
            if case .bytes(let count) = result { sent += count }
            guard sent < total else { return }
            guard !isCancelled else { throw .cancelled }
            try check(await stream.waitWritable(until: nextInstant), .send)
        }
    }

    /// Reads once, waiting for it; false at the end of the stream.
    func fill(_ phase: ClientError.Phase) async throws(ClientError) -> Bool {
        guard let connection else { throw .cancelled }
        while true {
            guard !isCancelled else { throw .cancelled }
            try check(await connection.stream.waitReadable(until: nextInstant), phase)
            do {
                switch try connection.received.fill(from: connection.stream) {
                case .bytes:
                    isAnswered = true
                    return true
                case .endOfStream: return false
                case .wouldBlock: continue
                }
            } catch {
                throw sendFailure ?? .connectionBroken(phase, error)
            }
        }
    }

    private func check(_ outcome: WaitOutcome, _ phase: ClientError.Phase) throws(ClientError) {
        switch outcome {
        case .ready: return
        case .timedOut: throw .timedOut(phase, expiredLimit)
        case .interrupted: throw isCancelled ? .cancelled : .connectionClosed(phase)
        }
    }

    /// The limit behind a wait that has timed out.
    private var expiredLimit: ClientError.TimeLimit {
        MonotonicInstant.now() >= end ? totalLimit : .silence(limits.silenceTimeout)
    }

    private var nextInstant: MonotonicInstant {
        min(end, pool.loop.now.advanced(byNanoseconds: silenceNanoseconds))
    }
}

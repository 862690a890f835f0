import HTTPTypes
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// Receiving the response: its head, possibly before the whole request was sent, and bytes of its body.
extension ClientExchangeDriver {
    /// Receives the final head.
    func readHead() async throws(ClientError) -> ResponseHead {
        do throws(ClientError) {
            guard let connection = attempt.connection else { throw failure ?? .cancelled }
            while true {
                switch try parseHead(on: connection) {
                case .needMore:
                    guard try await fill(connection) else {
                        throw brokenSending ?? .connectionClosed(phase)
                    }
                case .complete(let count):
                    connection.received.consume(count)
                    if try takeHead() { return attempt.head }
                }
            }
        } catch {
            throw error.naming(target.host)
        }
    }

    private func parseHead(
        on connection: ClientConnection
    ) throws(ClientError) -> ResponseHeadParser.Progress {
        let (storage, unread) = (connection.received.storage, connection.received.unread)
        do {
            return try connection.parser.parse(
                storage.span.extracting(unread), into: &attempt.head)
        } catch {
            throw .protocolFault(
                error.explanation(
                    received: storage.span.extracting(unread), limits: limits.http1))
        }
    }

    /// Returns false if the head was an interim one.
    private func takeHead() throws(ClientError) -> Bool {
        let reception: ClientConnectionMachine.Reception
        do {
            reception = try attempt.takeHead()
        } catch {
            throw .protocolFault(error.explanation(received: Span(), limits: limits.http1))
        }
        switch reception {
        case .interim(let action):
            perform(action)
            return false
        case .handOver:
            throw .protocolFault(
                "the server switches to another protocol, which this client does not support")
        case .final(var decoder, let action):
            perform(action)
            decoder.maxBodyBytes = bodyLimit.bytes
            guard !decoder.announcesTooMuch else { throw .bodyTooLarge(bodyLimit) }
            if decoder.isComplete { handle(.responseEnded) } else { attempt.decoder = decoder }
            return true
        }
    }

    // MARK: Bytes

    /// Reads once into the connection's buffer, waiting for input; returns false at the end of the stream.
    private func fill(_ connection: ClientConnection) async throws(ClientError) -> Bool {
        try await fill(connection) { () throws(SystemError) in
            try connection.received.fill(from: connection.stream)
        }
    }

    /// Reads once by `read`, waiting for input; returns false at the end of the stream.
    func fill(
        _ connection: ClientConnection, by read: () throws(SystemError) -> ReceiveResult
    ) async throws(ClientError) -> Bool {
        var readDeadline = pool.loop.now.advanced(byNanoseconds: readTimeoutNanoseconds)
        while true {
            if let failure { throw failure }
            let outcome = await connection.stream.waitReadable(until: min(end, readDeadline))
            // A failure closes the connection: the result of a read after that is not the peer's.
            if let failure { throw failure }
            switch outcome {
            case .ready: break
            case .interrupted: throw .connectionClosed(phase)
            case .busy: throw .connectionBroken(phase, .concurrentRead)
            case .timedOut:
                readDeadline = try readDeadlineAfterExpiry()
                continue
            }
            do {
                switch try read() {
                case .bytes:
                    handle(.bytesReceived)
                    lastProgress = pool.loop.now
                    return true
                case .endOfStream: return false
                case .wouldBlock: continue
                }
            } catch {
                throw brokenSending ?? .connectionBroken(phase, error)
            }
        }
    }

    /// Returns the new end of the read timeout after it has expired once.
    ///
    /// The peer need not send anything while the request is being sent: the sending side checks whether the peer
    /// reads it.
    private func readDeadlineAfterExpiry() throws(ClientError) -> MonotonicInstant {
        let now = pool.loop.now
        guard now < end else { throw timedOut(phase) }
        if attempt.machine.isSending { return now.advanced(byNanoseconds: readTimeoutNanoseconds) }
        let readDeadline = lastProgress.advanced(byNanoseconds: readTimeoutNanoseconds)
        guard now < readDeadline else { throw timedOut(phase) }
        return readDeadline
    }

    /// The phase of the exchange.
    var phase: ClientError.Phase {
        guard attempt.machine.isAwaitingHead else {
            let received = attempt.decoder?.bytesReceived ?? 0
            return .responseBody(
                received: received,
                announced: attempt.decoder?.announcedBytesAhead.map { received + $0 })
        }
        return attempt.machine.isSending ? .send : .responseHead
    }

    /// The error of the sending side, if the connection failed there.
    var brokenSending: ClientError? {
        if case .connectionBroken? = attempt.stopReason { return attempt.stopReason }
        return nil
    }

    /// Returns the error of a wait that has timed out, with the timeout that has expired.
    func timedOut(_ phase: ClientError.Phase) -> ClientError {
        .timedOut(
            phase,
            pool.loop.now >= end ? requestTimeout : .readTimeout(limits.readTimeout))
    }
}

extension ClientExchangeDriver.Attempt {
    /// Consumes the parsed head.
    fileprivate mutating func takeHead() throws(ResponseFault) -> ClientConnectionMachine.Reception
    {
        try machine.receive(head)
    }
}

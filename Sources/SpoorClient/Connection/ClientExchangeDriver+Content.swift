import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// Receiving the content of a response, in batches: a reader on another thread switches threads once per batch.
///
/// Content without framing is read from the socket directly into the reader's array. There is never more than one
/// batch between socket and reader.
extension ClientExchangeDriver {
    /// The size of the first read; quadrupled each time a read is full, up to a batch.
    static let minReadBytes = 16 << 10
    /// The maximum number of bytes that are allocated before they arrive, whatever length the peer announces.
    private static let maxReservedBytes = 4 << 20

    /// The maximum number of batches that are read without a pause: 1 MiB; then the event loop serves others, so that a
    /// peer that sends as fast as its response is read cannot occupy the thread.
    static let maxBatches = 4

    /// Returns the next available bytes of the content; nil at the end.
    func nextPiece() async throws(ClientError) -> [UInt8]? {
        var piece: [UInt8] = []
        try await receiveContent(appendingTo: &piece)
        return piece.isEmpty ? nil : piece
    }

    /// Returns the rest of the content.
    ///
    /// - Throws: ``ClientError/bodyTooLarge(_:)`` if it exceeds the limit.
    func collect(within limit: ClientError.BodyLimit) async throws(ClientError) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(
            Self.reservation(announced: attempt.decoder?.announcedBytesAhead, maxBytes: limit.bytes)
        )
        while true {
            let count = body.count
            try await receiveContent(appendingTo: &body)
            guard body.count > count else { return body }
            guard body.count <= limit.bytes else {
                abandon()
                throw ClientError.bodyTooLarge(limit).naming(target.host)
            }
        }
    }

    /// Returns the capacity to reserve for a body before it arrives.
    static func reservation(announced: Int?, maxBytes: Int) -> Int {
        min(announced ?? 0, max(0, maxBytes), maxReservedBytes)
    }

    /// Appends content as soon as there is some, and further available bytes up to a batch; appends nothing at the
    /// end.
    private func receiveContent(appendingTo body: inout [UInt8]) async throws(ClientError) {
        do throws(ClientError) {
            if let failure = attempt.contentFailure { throw failure }
            try await appendContent(to: &body)
        } catch {
            attempt.contentFailure = nil
            abandon()
            throw error.naming(target.host)
        }
    }

    private func appendContent(to body: inout [UInt8]) async throws(ClientError) {
        let start = body.count
        while let connection = attempt.connection, attempt.decoder != nil {
            if try decodeReceived(on: connection, appendingTo: &body) {
                return endContent()
            }
            let count = body.count - start
            var isOpen = true
            if count == 0 {
                await takeTurn()
                isOpen = try await fill(connection) { () throws(SystemError) in
                    try read(from: connection, appendingTo: &body)
                }
            } else {
                // A fault after the decoded content is thrown when that content has been read.
                guard count < ClientConnection.maxReadBatchBytes, attempt.decoder?.fault == nil,
                    connection.stream.mayHaveMore
                else { return }
                do throws(SystemError) {
                    switch try read(from: connection, appendingTo: &body) {
                    case .bytes: lastProgress = pool.loop.now
                    case .wouldBlock: return
                    case .endOfStream: isOpen = false
                    }
                } catch {
                    // RFC 9112 §8: what arrived before is still content.
                    attempt.contentFailure =
                        brokenSending ?? .connectionBroken(phase, error)
                    return
                }
            }
            guard isOpen else {
                guard (try? attempt.decoder?.closedByPeer()) != nil else {
                    guard body.count == start else {
                        attempt.contentFailure = .connectionClosed(phase)
                        return
                    }
                    throw .connectionClosed(phase)
                }
                return endContent()
            }
        }
        if attempt.machine.isComplete { return }
        throw failure ?? .cancelled
    }

    /// Lets the event loop run its other jobs periodically.
    private func takeTurn() async {
        attempt.batchesLeft -= 1
        guard attempt.batchesLeft <= 0 else { return }
        attempt.batchesLeft = Self.maxBatches
        await pool.loop.yieldTurn()
    }

    private func endContent() {
        attempt.decoder = nil
        handle(.responseEnded)
    }

    /// Reads once: unframed content into its destination, everything else into the connection's buffer.
    private func read(
        from connection: ClientConnection, appendingTo body: inout [UInt8]
    ) throws(SystemError) -> ReceiveResult {
        guard let ahead = attempt.decoder?.plainBytesAhead, ahead > 0 else {
            return try connection.received.fill(from: connection.stream)
        }
        let room = min(ahead, attempt.readBytes)
        let result = try connection.stream.receive(appendingTo: &body, upTo: room)
        if case .bytes(let count) = result {
            attempt.decoder?.takePlain(count)
            if count == room {
                attempt.readBytes = min(attempt.readBytes * 4, ClientConnection.maxReadBatchBytes)
            }
        }
        return result
    }

    /// Decodes the bytes in the connection's buffer; returns true at the end of the content.
    private func decodeReceived(
        on connection: ClientConnection, appendingTo body: inout [UInt8]
    ) throws(ClientError) -> Bool {
        let (storage, unread) = (connection.received.storage, connection.received.unread)
        do {
            switch try attempt.decode(storage.span.extracting(unread), appendingTo: &body) {
            case .end(let count):
                connection.received.consume(count)
                return true
            case .needMore(let count):
                connection.received.consume(count)
                return false
            case .data, nil: return false
            }
        } catch .tooLarge {
            throw .bodyTooLarge(bodyLimit)
        } catch {
            // The readable bytes have been consumed.
            throw .protocolFault(
                ResponseFault.body(error).explanation(
                    received: storage.span.extracting(unread), limits: limits.http1))
        }
    }
}

extension ClientExchangeDriver.Attempt {
    /// Decodes content; returns nil at the end.
    fileprivate mutating func decode(
        _ input: Span<UInt8>, appendingTo body: inout [UInt8]
    ) throws(BodyFault) -> BodyDecoder.Progress? {
        try decoder?.decode(input, appendingTo: &body, trailers: &trailers)
    }
}

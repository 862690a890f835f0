import HTTPTypes
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// One exchange on its connection: gets the connection, sends the request, reads the response,
/// gives it back.
///
/// Everything runs on the pool's loop. Whatever goes wrong closes the connection, and nothing else
/// does but what RFC 9112 §9.3 says of keeping it.
final class ClientExchangeDriver: @unchecked Sendable {
    // Unchecked, because all of its state belongs to the loop's thread, on which every method is
    // called.

    let pool: LoopPool
    let limits: ClientLimits
    let target: RequestTarget
    let request: ClientRequest
    private let bodyBytesMax: Int
    let silenceNanoseconds: UInt64
    /// When the whole exchange must be over.
    let end: MonotonicInstant
    /// The limit that ends it then.
    let totalLimit: ClientError.TimeLimit

    var connection: ClientConnection?
    /// How often the request was sent again.
    private(set) var resendCount = 0
    /// The other end of the last connection.
    var peer: SocketAddress?
    /// The fields behind a chunked body.
    private(set) var trailers = Fields()
    /// The fields behind the body of the request.
    var requestTrailers: Fields?

    private var head = ResponseHead()
    private var decoder: BodyDecoder?
    private var encoder: BodyEncoder?
    var isSent = false
    var isAnswered = false
    var sendFailure: ClientError?
    var isCancelled = false
    /// What ends the making of a connection when it is called.
    var endConnecting: (() -> Void)?
    /// What brought the request to the pool's loop, until it has asked for a connection.
    var claim: IdleConnections.Claim?
    var endWaiting: (() -> Void)?

    init(
        _ request: ClientRequest, to target: RequestTarget? = nil, on pool: LoopPool,
        limits: ClientLimits, bodyBytesMax: Int
    ) throws(ClientError) {
        self.target = if let target { target } else { try RequestTarget(request.url) }
        self.request = request
        self.pool = pool
        self.limits = limits
        self.bodyBytesMax = bodyBytesMax
        silenceNanoseconds = limits.silenceTimeout.wholeNanoseconds
        totalLimit =
            request.timeout.map { .request($0) } ?? .total(limits.totalTimeout)
        end = .now().advanced(by: request.timeout ?? limits.totalTimeout)
    }

    // MARK: A request whose body is at hand

    /// Sends the request and reads the head of its response; once more if a kept connection has
    /// died.
    func sendWhole() async throws(ClientError) -> ResponseHead {
        do {
            return try await attempt(isFresh: false)
        } catch {
            guard canResend(after: error) else { throw error }
            abandon()
            resendCount += 1
            pool.counts.add(\.resends)
            return try await attempt(isFresh: true)
        }
    }

    private func attempt(isFresh: Bool) async throws(ClientError) -> ResponseHead {
        let body: [UInt8]
        let length: Request.BodyLength
        switch request.body {
        case .none: (body, length) = ([], .none)
        case .text(let text): (body, length) = (Array(text.utf8), .bytes(text.utf8.count))
        case .bytes(let bytes): (body, length) = (bytes, .bytes(bytes.count))
        }
        let connection = try await acquire(isFresh: isFresh)
        let (bytes, _) = try serializedHead(for: connection, length: length)
        do {
            try await send(bytes, body)
            isSent = true
        } catch {
            // RFC 9112 §9.5: the peer may have answered before it closed.
            guard case .connectionBroken = error else { throw error }
            sendFailure = error
        }
        return try await readHead()
    }

    /// RFC 9112 §9.3.1, RFC 9110 §9.2.2: a connection that was kept may be closed by its server at
    /// any time.
    private func canResend(after error: ClientError) -> Bool {
        guard connection?.isReused == true, !isAnswered, !isCancelled else { return false }
        switch error {
        case .connectionClosed: break
        case .connectionBroken(_, let cause) where cause.isPeerGone: break
        default: return false
        }
        switch request.method {
        case .get, .head, .put, .delete, .options, .trace: return true
        default: return limits.resendsAnyMethod || request.fields.contains(.idempotencyKey)
        }
    }

    // MARK: A request whose body is written

    /// Sends the head of a request whose body follows in pieces.
    func beginStreaming(length: Int?) async throws(ClientError) {
        let connection = try await acquire(isFresh: false)
        let (bytes, framing) = try serializedHead(
            for: connection, length: length.map { .bytes($0) } ?? .unknown)
        encoder = BodyEncoder(framing)
        try await send(bytes, [])
    }

    /// Sends a piece of the body, as fast as the peer takes it.
    func write(_ piece: [UInt8]) async throws(ClientError) {
        if let sendFailure { throw sendFailure }
        var output: [UInt8] = []
        do {
            try encoder?.append(piece.span, to: &output)
        } catch {
            throw .bodyLengthMismatch
        }
        do {
            try await send(output, [])
        } catch {
            if case .connectionBroken = error { sendFailure = error }
            throw error
        }
    }

    /// Whether the peer has stopped taking the request; it may have answered.
    var hasSendFailed: Bool { sendFailure != nil }

    /// Ends the body and reads the head of the response.
    func endStreaming() async throws(ClientError) -> ResponseHead {
        if sendFailure == nil {
            var output: [UInt8] = []
            do {
                try encoder?.finish(trailers: requestTrailers, to: &output)
            } catch let error as FieldError {
                throw .requestInvalid("\(error)")
            } catch {
                throw .bodyLengthMismatch
            }
            do {
                try await send(output, [])
                isSent = true
            } catch {
                guard case .connectionBroken = error else { throw error }
                sendFailure = error
            }
        }
        return try await readHead()
    }

    // MARK: The response

    private func readHead() async throws(ClientError) -> ResponseHead {
        guard let connection else { throw .cancelled }
        while true {
            switch try parseHead(on: connection) {
            case .needMore:
                guard try await fill(.responseHead) else {
                    throw sendFailure ?? .connectionClosed(.responseHead)
                }
            case .complete(let count):
                connection.received.consume(count)
                if try takeHead(on: connection) { return head }
            }
        }
    }

    private func parseHead(
        on connection: ClientConnection
    ) throws(ClientError) -> ResponseHeadParser.Progress {
        let (storage, unread) = (connection.received.storage, connection.received.unread)
        do {
            return try connection.parser.parse(storage.span.extracting(unread), into: &head)
        } catch {
            throw .protocolFault(error.description)
        }
    }

    /// False if it was an interim one.
    private func takeHead(on connection: ClientConnection) throws(ClientError) -> Bool {
        let action: ClientConnectionState.HeadAction
        do {
            action = try connection.state.receive(head)
        } catch {
            throw .protocolFault(error.description)
        }
        switch action {
        case .interim: return false
        case .handOver: throw .protocolFault("the peer speaks another protocol now")
        case .final(var decoder):
            decoder.bodyBytesMax = bodyBytesMax
            guard !decoder.announcesTooMuch else { throw .bodyTooLarge(bytesMax: bodyBytesMax) }
            if decoder.isComplete { finish() } else { self.decoder = decoder }
            return true
        }
    }

    /// The next bytes of the body, as many as are at hand; nil at the end.
    func nextPiece() async throws(ClientError) -> [UInt8]? {
        do {
            return try await decodePiece()
        } catch {
            abandon()
            throw error
        }
    }

    private func decodePiece() async throws(ClientError) -> [UInt8]? {
        while let connection, decoder != nil {
            var piece: [UInt8] = []
            switch try decode(from: connection, into: &piece) {
            case .end(let count):
                connection.received.consume(count)
                finish()
                return piece.isEmpty ? nil : piece
            case .needMore(let count):
                connection.received.consume(count)
                if !piece.isEmpty { return piece }
            case .data, nil: break
            }
            guard try await fill(.responseBody) else {
                guard (try? decoder?.closedByPeer()) != nil else {
                    throw .connectionClosed(.responseBody)
                }
                finish()
                return nil
            }
        }
        if isCancelled { throw .cancelled }
        return nil
    }

    private func decode(
        from connection: ClientConnection, into piece: inout [UInt8]
    ) throws(ClientError) -> BodyDecoder.Progress? {
        let (storage, unread) = (connection.received.storage, connection.received.unread)
        do {
            return try decoder?.decode(
                storage.span.extracting(unread), appendingTo: &piece, trailers: &trailers)
        } catch .tooLarge {
            throw .bodyTooLarge(bytesMax: bodyBytesMax)
        } catch {
            throw .protocolFault("body.\(error)")
        }
    }

    // MARK: Ending

    /// The response is complete: keeps the connection if both sides mean to.
    private func finish() {
        decoder = nil
        guard let connection else { return }
        self.connection = nil
        if isSent, connection.state.keepsAlive {
            pool.release(connection)
        } else {
            pool.discard(connection)
        }
    }

    /// Closes the connection, unless the exchange is complete.
    func abandon() {
        decoder = nil
        guard let connection else { return }
        self.connection = nil
        pool.discard(connection)
    }

    /// Ends the exchange whatever it waits for.
    ///
    /// That it is cancelled is remembered here and not by the stream, which may serve another exchange afterwards.
    func cancel() {
        isCancelled = true
        endWaiting?()
        endConnecting?()
        connection?.stream.endWaits()
    }
}

extension HTTPField.Name {
    /// `Idempotency-Key`: the server tells by it that a request has come twice.
    fileprivate static var idempotencyKey: HTTPField.Name {
        HTTPField.Name("Idempotency-Key") ?? .ifMatch
    }
}

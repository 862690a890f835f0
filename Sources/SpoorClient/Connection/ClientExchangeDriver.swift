import HTTPTypes
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// One exchange on its connection: gets the connection, sends the request and receives the response, both at the same time
/// where the request does not leave at once, and gives the connection back.
///
/// Everything runs on the pool's loop. The connection is kept if both messages are complete and RFC 9112 §9.3 allows it;
/// otherwise it is closed.
final class ClientExchangeDriver: @unchecked Sendable {
    // Unchecked, because all of its state belongs to the loop's thread, on which every method is
    // called.

    /// How far the request has got.
    enum Sending {
        /// There is more to be sent.
        case underWay
        /// The kernel has all of it.
        case complete
        /// What is left is not sent, for this reason; a response may come, or may have come, all the same.
        case ended(ClientError)
    }

    /// How far the response has got.
    enum Receiving {
        /// Its final head has not come.
        case head
        /// The head has come, and the body is being received.
        case body
        /// It has come whole.
        case complete
        /// The rest of it is not received.
        case abandoned
    }

    let pool: LoopPool
    let limits: ClientLimits
    let target: RequestTarget
    let request: ClientRequest
    let outgoing: OutgoingRequest
    let bodyLimit: ClientError.BodyLimit
    let silenceNanoseconds: UInt64
    /// When the whole exchange must be over.
    let end: MonotonicInstant
    /// The limit that ends it then.
    let totalLimit: ClientError.TimeLimit

    var connection: ClientConnection?
    var sending = Sending.underWay {
        didSet { if case .ended(let reason) = sending { body?.fail(failure ?? reason) } }
    }
    var receiving = Receiving.head
    /// What has ended the exchange in both directions from outside of their own waits; the first one counts.
    ///
    /// It is remembered here and not by the stream, which may serve another exchange afterwards.
    private(set) var failure: ClientError? {
        didSet { if let failure { body?.fail(failure) } }
    }
    /// When bytes were last sent or received.
    var lastProgress: MonotonicInstant
    /// The other end of the last connection.
    var peer: SocketAddress?
    /// How often the request was sent again.
    private(set) var resendCount = 0
    /// Whether a byte of the response has come.
    var isAnswered = false
    /// Whether the connection was kept from an earlier exchange, so that it may have died unnoticed.
    var isOnKeptConnection = false

    /// How many bytes of head and body the kernel has.
    var sentCount = 0
    /// The body that is written piece by piece; nil for the request's own.
    let body: RequestBodyQueue?
    /// Holds the body back while `100 Continue` is waited for.
    var gate: ContinueGate?

    var head = ResponseHead()
    var decoder: BodyDecoder?
    /// The trailer fields of a chunked body.
    var trailers = Fields()
    /// How many bytes of content the next read asks for.
    var readBytes = ClientExchangeDriver.readBytesMin
    /// What ended the content after the bytes that the reader already has.
    var contentFailure: ClientError?

    /// What ends the making of a connection when it is called.
    var endConnecting: (() -> Void)?
    /// What brought the request to the pool's loop, until it has asked for a connection.
    var claim: IdleConnections.Claim?
    var endWaiting: (() -> Void)?

    /// Checks a request and serialises it; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - target: What the request's URL was parsed to, if it was.
    ///   - streamedLength: The length of a body that is written piece by piece; nil for the request's own body.
    ///   - userAgent: The `User-Agent` of a request without one of its own; empty for none.
    /// - Throws: Why the request must not be sent.
    init(
        _ request: ClientRequest, to target: RequestTarget?, streamedLength: Request.BodyLength?,
        userAgent: Fields, on pool: LoopPool, limits: ClientLimits,
        bodyLimit: ClientError.BodyLimit
    ) throws(ClientError) {
        let target = if let target { target } else { try RequestTarget(request.url) }
        self.target = target
        outgoing = try OutgoingRequest(
            request, to: target, streamedLength: streamedLength, userAgent: userAgent)
        body = outgoing.isStreamed ? RequestBodyQueue(outgoing.directives.framing) : nil
        self.request = request
        self.pool = pool
        self.limits = limits
        self.bodyLimit = bodyLimit
        silenceNanoseconds = limits.silenceTimeout.wholeNanoseconds
        totalLimit = request.timeout.map { .request($0) } ?? .total(limits.totalTimeout)
        lastProgress = .now()
        end = lastProgress.advanced(by: request.timeout ?? limits.totalTimeout)
    }

    // MARK: Starting

    /// Sends the request as far as the peer takes it at once, and receives the head of its response; once more if a kept
    /// connection has died.
    ///
    /// - Returns: The head; nil if there is more to be sent, which ``sendRest()`` or ``sendWritten(_:)`` does while
    ///   ``readHead()`` receives.
    func start() async throws(ClientError) -> ResponseHead? {
        while true {
            do throws(ClientError) {
                try await beginSending()
                if outgoing.isStreamed { return nil }
                if case .underWay = sending { return nil }
                return try await readHead()
            } catch {
                guard prepareResend(after: error) else { throw error }
            }
        }
    }

    /// Makes ready for sending the request again on a fresh connection, if that is allowed after this error.
    ///
    /// RFC 9112 §9.3.1, RFC 9110 §9.2.2: a connection that was kept may be closed by its server at any time.
    func prepareResend(after error: any Error) -> Bool {
        guard isOnKeptConnection, resendCount == 0, !isAnswered, failure == nil,
            !outgoing.isStreamed
        else { return false }
        switch error as? ClientError {
        case .connectionClosed: break
        case .connectionBroken(_, let cause) where cause.isPeerGone: break
        default: return false
        }
        guard mayRepeat else { return false }
        abandon()
        sending = .underWay
        receiving = .head
        sentCount = 0
        resendCount += 1
        pool.counts.add(\.resends)
        return true
    }

    private var mayRepeat: Bool {
        switch request.method {
        case .get, .head, .put, .delete, .options, .trace: true
        default: limits.resendsAnyMethod || request.fields.contains(.idempotencyKey)
        }
    }

    // MARK: Ending

    /// The response is complete, and so is the request unless it is still being sent.
    func finishResponse() {
        decoder = nil
        receiving = .complete
        if case .underWay = sending { return }
        giveBack()
    }

    /// The caller is done with the response: what is left of the request is not sent any more (RFC 9112 §9.5).
    ///
    /// - Returns: Whether the request was sent whole.
    func finishExchange() -> Bool {
        if case .complete = receiving {
            if case .underWay = sending { endSending(because: .uploadStopped) }
            giveBack()
        } else {
            abandon()
        }
        if case .complete = sending { return true }
        return false
    }

    /// Gives up what is left of request and response, and closes the connection unless it was given back.
    func abandon() {
        if case .underWay = sending { endSending(because: failure ?? .uploadStopped) }
        decoder = nil
        if case .complete = receiving {} else { receiving = .abandoned }
        guard let connection else { return }
        self.connection = nil
        pool.discard(connection)
    }

    private func giveBack() {
        guard let connection else { return }
        self.connection = nil
        if case .complete = sending, connection.state.keepsAlive {
            pool.release(connection)
        } else {
            pool.discard(connection)
        }
    }

    /// Ends the exchange in both directions, whatever it waits for.
    func fail(_ error: ClientError) {
        if failure == nil { failure = error }
        endWaiting?()
        endConnecting?()
        gate?.open()
        connection?.stream.endWaits()
    }
}

extension HTTPField.Name {
    /// `Idempotency-Key`: the server tells by it that a request has come twice.
    fileprivate static var idempotencyKey: HTTPField.Name {
        HTTPField.Name("Idempotency-Key") ?? .ifMatch
    }
}

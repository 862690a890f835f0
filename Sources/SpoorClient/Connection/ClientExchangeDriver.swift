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
    // called. Exclusivity is not checked at run time for what is accessed many times a request, and safe all the same: no
    // access calls back into the driver, so none overlaps another.

    /// What belongs to one attempt to make the exchange, on one connection; another one begins with a new value.
    struct Attempt {
        /// How far the exchange is; a copy of the connection's until that is given back.
        var machine: ClientConnectionMachine
        /// The connection, until it is given back or closed.
        var connection: ClientConnection?
        /// Whether the connection was kept from an earlier exchange, so that it may have ended unnoticed.
        var isOnKeptConnection = false

        /// How many bytes the kernel has: of head and body, or of the piece of a streamed body that is being sent.
        var sentCount = 0
        /// Holds the body back while `100 Continue` is waited for.
        var gate: ContinueGate?
        /// Why the rest of the request is not sent.
        var stopReason: ClientError?

        var head = ResponseHead()
        var decoder: BodyDecoder?
        /// The trailer fields of a chunked body.
        var trailers = Headers()
        /// How many bytes of content the next read asks for.
        var readBytes = ClientExchangeDriver.minReadBytes
        /// What ended the content after the bytes that the reader already has.
        var contentFailure: ClientError?

        init(limits: HTTP1Limits) {
            machine = ClientConnectionMachine(limits: limits)
        }
    }

    let pool: LoopPool
    let limits: ClientLimits
    let target: RequestTarget
    let request: HTTPClientRequest
    let outgoing: OutgoingRequest
    let bodyLimit: ClientError.BodyLimit
    let silenceNanoseconds: UInt64
    /// When the whole exchange must be over.
    let end: MonotonicInstant
    /// The limit that ends it then.
    let totalLimit: ClientError.TimeLimit

    /// The body that is written piece by piece; nil for the request's own.
    let body: RequestBodyQueue?
    @safe @exclusivity(unchecked) var attempt: Attempt
    /// What has ended the exchange in both directions; the first one counts.
    ///
    /// It is remembered here and not by the stream, which may serve another exchange afterwards.
    private(set) var failure: ClientError? {
        didSet { if let failure { body?.fail(failure) } }
    }
    /// When bytes were last sent or received.
    @safe @exclusivity(unchecked) var lastProgress: MonotonicInstant
    /// The other end of the last connection.
    private(set) var peer: SocketAddress?
    /// How often the request was sent again.
    private(set) var resendCount = 0
    /// What ends the wait for a connection, or the opening of one, when it is called.
    private var interruptAcquisition: (() -> Void)?
    /// What brought the request to the pool's loop, until it has asked for a connection.
    var claim: IdleConnections.Claim?

    /// Checks a request and serialises it; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - target: What the request's URL was parsed to, if it was.
    ///   - streamedLength: The length of a body that is written piece by piece; nil for the request's own body.
    ///   - userAgent: The `User-Agent` of a request without one of its own; empty for none.
    /// - Throws: Why the request must not be sent.
    init(
        _ request: HTTPClientRequest, to target: RequestTarget?,
        streamedLength: Request.BodyLength?,
        userAgent: Headers, on pool: LoopPool, limits: ClientLimits,
        bodyLimit: ClientError.BodyLimit
    ) throws(ClientError) {
        let target = if let target { target } else { try RequestTarget(request.url) }
        self.target = target
        do throws(ClientError) {
            outgoing = try OutgoingRequest(
                request, to: target, streamedLength: streamedLength, userAgent: userAgent)
        } catch {
            throw error.naming(target.host)
        }
        body = outgoing.isStreamed ? RequestBodyQueue(outgoing.directives.framing) : nil
        self.request = request
        self.pool = pool
        self.limits = limits
        attempt = Attempt(limits: limits.http1)
        self.bodyLimit = bodyLimit
        silenceNanoseconds = limits.readTimeout.wholeNanoseconds
        totalLimit = request.timeout.map { .request($0) } ?? .total(limits.requestTimeout)
        lastProgress = .now()
        end = lastProgress.advanced(by: request.timeout ?? limits.requestTimeout)
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
                if outgoing.isStreamed || attempt.machine.isSending { return nil }
                return try await readHead()
            } catch {
                guard prepareResend(after: error) else { throw error.naming(target.host) }
            }
        }
    }

    /// Makes ready for sending the request again on a fresh connection, if that is allowed after this error.
    ///
    /// RFC 9112 §9.3.1, RFC 9110 §9.2.2: a connection that was kept may be closed by its server at any time.
    func prepareResend(after error: any Error) -> Bool {
        guard attempt.isOnKeptConnection, attempt.machine.isUnanswered, resendCount == 0,
            failure == nil, !outgoing.isStreamed
        else { return false }
        switch error as? ClientError {
        case .connectionClosed: break
        case .connectionBroken(_, let cause, _) where cause.isPeerGone: break
        default: return false
        }
        guard mayRepeat else { return false }
        abandon()
        attempt = Attempt(limits: limits.http1)
        resendCount += 1
        pool.counts.add(\.resends)
        return true
    }

    private var mayRepeat: Bool {
        switch request.method {
        case .get, .head, .put, .delete, .options, .trace: true
        default: limits.retriesNonIdempotentRequests || request.headers.contains(.idempotencyKey)
        }
    }

    // MARK: Events

    /// Takes an event of the connection, and does what follows from it.
    ///
    /// - Parameter reason: Why the rest of the request is not sent, if that follows.
    func handle(
        _ event: ClientConnectionMachine.Event, because reason: ClientError = .uploadStopped
    ) {
        let wasSending = attempt.machine.isSending
        let action = attempt.machine.handle(event)
        if action == .close, wasSending { stopSending(because: failure ?? reason) }
        perform(action)
    }

    /// Does what follows from an event.
    func perform(_ action: ClientConnectionMachine.Action) {
        switch action {
        case .proceed, .send: break
        case .sendBody: attempt.gate?.open()
        case .stopSending:
            stopSending(because: .uploadStopped)
            attempt.connection?.stream.endWaits()
        case .release:
            guard let connection = takeConnection() else { return }
            connection.machine = attempt.machine
            pool.release(connection)
        case .close, .closeInOrder:
            guard let connection = takeConnection() else { return }
            pool.discard(connection)
        }
    }

    private func takeConnection() -> ClientConnection? {
        defer { attempt.connection = nil }
        return attempt.connection
    }

    /// Notifies the sender of the request, or the writer of its body, that the rest is not sent.
    func stopSending(because reason: ClientError) {
        attempt.stopReason = reason
        body?.fail(failure ?? reason)
        attempt.gate?.open()
    }

    // MARK: Ending

    /// Whether the response is complete, and the rest of the request is still being sent.
    var isAnsweredBeforeSent: Bool { attempt.machine.isComplete && attempt.machine.isSending }

    /// The caller is done with the response: what is left of the request is not sent any more (RFC 9112 §9.5).
    ///
    /// - Returns: Whether the request was sent whole.
    func finishExchange() -> Bool {
        let isSent = attempt.machine.isSent
        attempt.decoder = nil
        handle(.readerFinished)
        return isSent
    }

    /// Gives up what is left of request and response, and closes the connection unless it was given back.
    func abandon() {
        attempt.decoder = nil
        handle(.failed)
    }

    /// Ends the exchange in both directions, whatever it waits for.
    func fail(_ error: ClientError) {
        if failure == nil { failure = error }
        interruptAcquisition?()
        handle(.failed)
    }
}

// MARK: - Getting a connection

extension ClientExchangeDriver {
    /// Gets a connection from the pool, kept or new.
    ///
    /// - Parameter isFresh: Only a new one, for a kept one has failed the request.
    func acquire(isFresh: Bool) async throws(ClientError) {
        if let failure { throw failure }
        let claim = claim.take()
        let asked = pool.loop.now
        let lease = try await pool.lease(
            target.host, isFresh: isFresh, claim: claim, until: end, limit: totalLimit
        ) { interruptAcquisition = $0 }
        let connection: ClientConnection
        switch lease {
        case .kept(let kept):
            pool.counts.add(\.connectionsReused)
            attempt.isOnKeptConnection = true
            connection = kept
        case .opening(let id):
            let leased = pool.loop.now
            let wait = pool.connectionWait(for: target.host)
            do throws(ClientError) {
                connection = try await open(id)
            } catch .timedOut(let phase, totalLimit, _) {
                let phase = Self.phase(
                    phase, asked: asked, leased: leased, timedOut: pool.loop.now, wait)
                throw .timedOut(phase, totalLimit)
            }
        }
        peer = connection.stream.peer
        if let failure {
            // Nothing was sent over it.
            pool.release(connection)
            throw failure
        }
        attempt.connection = connection
        attempt.machine = connection.machine
    }

    /// The phase that used up the time of an exchange, which expired while a connection was opened: the wait for the right to
    /// open it, if most of the time was spent there.
    static func phase(
        _ phase: ClientError.Phase, asked: MonotonicInstant, leased: MonotonicInstant,
        timedOut: MonotonicInstant, _ wait: ClientError.ConnectionWait
    ) -> ClientError.Phase {
        let waited = leased.nanoseconds &- asked.nanoseconds
        let opened = timedOut.nanoseconds &- leased.nanoseconds
        return waited > opened ? .connectionWait(wait) : phase
    }

    private func open(_ id: PoolPlan.ConnectionID) async throws(ClientError) -> ClientConnection {
        defer { interruptAcquisition = nil }
        do throws(ClientError) {
            if let failure { throw failure }
            let stream = try await Dialer(
                pool: pool, limits: limits, totalLimit: totalLimit
            ).connect(to: target.host, until: end) { endAttempt in
                interruptAcquisition = endAttempt
                if failure != nil { endAttempt() }
            }
            return ClientConnection(
                id, to: target.host, over: stream,
                retiresAt: pool.loop.now.advanced(by: limits.maxConnectionAge), limits: limits.http1
            )
        } catch {
            pool.remove(id)
            throw error
        }
    }
}

// MARK: - The request as it is sent

/// A request as it is sent: its head as bytes, and its body unless that is written piece by piece.
///
/// It is made before a connection is asked for, so that what must not be sent costs no connection.
struct OutgoingRequest {
    /// The head.
    let head: [UInt8]
    /// The body; empty if it is streamed.
    let body: [UInt8]
    /// How it is framed, and what its fields ask for.
    let directives: RequestDirectives
    /// Whether the body is written piece by piece.
    let isStreamed: Bool

    init(
        _ request: HTTPClientRequest, to target: RequestTarget, streamedLength: Request.BodyLength?,
        userAgent: Headers
    ) throws(ClientError) {
        let length: Request.BodyLength
        switch request.body {
        case .none: (body, length) = ([], .none)
        case .text(let text): (body, length) = (Array(text.utf8), .bytes(text.utf8.count))
        case .bytes(let bytes): (body, length) = (bytes, .bytes(bytes.count))
        }
        isStreamed = streamedLength != nil
        guard !isStreamed || length == .none else {
            throw .requestInvalid("it has a body of its own, and the closure would write another")
        }
        do throws(RequestSerializingError) {
            directives = try RequestDirectives(
                request.method, bodyLength: streamedLength ?? length, headers: request.headers)
            var output: [UInt8] = []
            try RequestSerializer.appendHead(
                request.method, target: target.path, authority: target.authority,
                headers: request.headers, directives, userAgent: userAgent, to: &output)
            head = output
        } catch {
            // Whatever else is wrong with a request that asks for another protocol: putting that right would not help.
            guard !Self.asksForUpgrade(request.headers, error) else {
                throw .requestInvalid(Self.upgradeRefusal)
            }
            throw .requestInvalid("\(error)")
        }
        guard !directives.upgrades else { throw .requestInvalid(Self.upgradeRefusal) }
    }

    private static let upgradeRefusal =
        "this client speaks HTTP/1.1 alone and cannot change to another protocol, such as h2c or websocket: "
        + "remove Upgrade, and upgrade from Connection"

    private static func asksForUpgrade(_ headers: Headers, _ error: RequestSerializingError) -> Bool
    {
        switch error {
        case .upgradeIncomplete: true
        case .connectionOption: headers.contains(.upgrade)
        default: false
        }
    }
}

extension HTTPField.Name {
    /// `Idempotency-Key`: the server tells by it that a request has come twice.
    fileprivate static var idempotencyKey: HTTPField.Name {
        HTTPField.Name("Idempotency-Key") ?? .ifMatch
    }
}

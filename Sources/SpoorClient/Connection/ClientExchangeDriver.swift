import HTTPTypes
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking

/// One exchange on its connection: acquires the connection, sends the request and receives the response, both at the
/// same time if the request is not sent immediately, and releases the connection.
///
/// Everything runs on the pool's event loop. The connection is kept if both messages are complete and RFC 9112 §9.3
/// allows it; otherwise it is closed.
final class ClientExchangeDriver: @unchecked Sendable {
    // Unchecked, because all state is confined to the event loop's thread, on which every method is called. Run-time
    // exclusivity checks are disabled for what is accessed many times per request, which is safe: no access calls
    // back into the driver, so none overlaps another.

    /// The state of one attempt to make the exchange, on one connection; another attempt starts with a new value.
    struct Attempt {
        /// The protocol state; a copy of the connection's until that is released.
        var machine: ClientConnectionMachine
        /// The connection, until it is released or closed.
        var connection: ClientConnection?
        /// Whether the connection was reused from an earlier exchange, so that the peer may have closed it.
        var isOnReusedConnection = false

        /// The number of bytes passed to the kernel: of head and body, or of the current piece of a streamed body.
        var sentCount = 0
        /// Delays the body while `100 Continue` is awaited.
        var gate: ContinueGate?
        /// Why the rest of the request is not sent.
        var stopReason: ClientError?

        var head = ResponseHead()
        var decoder: BodyDecoder?
        /// The trailers of a chunked body.
        var trailers = Headers()
        /// The number of content bytes that the next read requests.
        var readBytes = ClientExchangeDriver.minReadBytes
        /// The number of batches of content before the reader yields to the others of its event loop.
        var batchesLeft = ClientExchangeDriver.maxBatches
        /// The error that ended the content after the bytes that the reader has already received.
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
    let readTimeoutNanoseconds: UInt64
    /// The time at which the whole exchange times out.
    let end: MonotonicInstant
    /// The timeout that expires then.
    let requestTimeout: ClientError.Timeout

    /// The body that is written while the request is sent; nil for the body of the request value.
    let body: RequestBodyQueue?
    @safe @exclusivity(unchecked) var attempt: Attempt
    /// The error that has ended the exchange in both directions; the first one is kept.
    ///
    /// It is stored here and not on the stream, which may serve another exchange afterwards.
    private(set) var failure: ClientError? {
        didSet { if let failure { body?.fail(failure) } }
    }
    /// The time at which bytes were last sent or received.
    @safe @exclusivity(unchecked) var lastProgress: MonotonicInstant
    /// The remote address of the last connection.
    private(set) var peer: SocketAddress?
    /// The number of times the request was sent again.
    private(set) var resendCount = 0
    /// Ends the wait for a connection, or the opening of one.
    private var interruptAcquisition: (() -> Void)?
    /// The reservation of an idle connection of this event loop, until the request acquires a connection.
    var reservation: IdleConnections.Reservation?

    /// Validates a request and serializes it; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - target: The parsed URL of the request, if it was parsed already.
    ///   - streamedLength: The length of a streamed body; nil for the body of the request value.
    ///   - userAgent: The `User-Agent` of a request that does not set one; empty for none.
    /// - Throws: Why the request cannot be sent.
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
        readTimeoutNanoseconds = limits.readTimeout.wholeNanoseconds
        requestTimeout =
            request.timeout.map { .requestTimeoutOverride($0) }
            ?? .requestTimeout(limits.requestTimeout)
        lastProgress = .now()
        end = lastProgress.advanced(by: request.timeout ?? limits.requestTimeout)
    }

    // MARK: Starting

    /// Sends as much of the request as the peer accepts immediately, and receives the response head; tries once more
    /// if an idle connection has failed.
    ///
    /// - Returns: The head; nil if there is more to send, which ``sendRest()`` or ``sendWritten(_:)`` does while
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

    /// Prepares sending the request again on a new connection, if that is allowed after this error.
    ///
    /// RFC 9112 §9.3.1, RFC 9110 §9.2.2: a server may close an idle connection at any time.
    func prepareResend(after error: any Error) -> Bool {
        guard attempt.isOnReusedConnection, attempt.machine.isUnanswered, resendCount == 0,
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

    /// Handles an event of the connection.
    ///
    /// - Parameter reason: Why the rest of the request is not sent, if that is the consequence.
    func handle(
        _ event: ClientConnectionMachine.Event, because reason: ClientError = .uploadStopped
    ) {
        let wasSending = attempt.machine.isSending
        let action = attempt.machine.handle(event)
        if action == .close, wasSending { stopSending(because: failure ?? reason) }
        perform(action)
    }

    /// Performs the action of an event.
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
        case .close, .closeOrderly:
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
    var isResponseCompleteBeforeSent: Bool {
        attempt.machine.isComplete && attempt.machine.isSending
    }

    /// Ends the exchange for a caller that has finished with the response: the rest of the request is not sent (RFC
    /// 9112 §9.5).
    ///
    /// - Returns: Whether the whole request was sent.
    func finishExchange() -> Bool {
        let isSent = attempt.machine.isSent
        attempt.decoder = nil
        handle(.readerFinished)
        return isSent
    }

    /// Discards the rest of request and response, and closes the connection unless it was released.
    func abandon() {
        attempt.decoder = nil
        handle(.failed)
    }

    /// Ends the exchange in both directions, including its waits.
    func fail(_ error: ClientError) {
        if failure == nil { failure = error }
        interruptAcquisition?()
        handle(.failed)
    }
}

// MARK: - Getting a connection

extension ClientExchangeDriver {
    /// Acquires a connection from the pool, an idle or a new one.
    ///
    /// - Parameter needsNewConnection: Whether it must be a new one, because an idle one has failed.
    func acquire(needsNewConnection: Bool) async throws(ClientError) {
        if let failure { throw failure }
        try checkTime()
        let reservation = reservation.take()
        let requested = pool.loop.now
        let lease = try await pool.lease(
            target.host, needsNewConnection: needsNewConnection, reservation: reservation,
            until: end,
            timeout: requestTimeout
        ) { interruptAcquisition = $0 }
        let connection: ClientConnection
        switch lease {
        case .idle(let idle):
            pool.counts.add(\.connectionsReused)
            attempt.isOnReusedConnection = true
            connection = idle
        case .opening(let id):
            let leased = pool.loop.now
            let wait = pool.connectionWait(for: target.host)
            do throws(ClientError) {
                connection = try await open(id)
            } catch .timedOut(let phase, requestTimeout, _) {
                let phase = Self.phase(
                    phase, requested: requested, leased: leased, timedOut: pool.loop.now, wait)
                throw .timedOut(phase, requestTimeout)
            }
        }
        peer = connection.stream.peer
        do throws(ClientError) {
            if let failure { throw failure }
            try checkTime()
        } catch {
            // Nothing was sent over it.
            pool.release(connection)
            throw error
        }
        attempt.connection = connection
        attempt.machine = connection.machine
    }

    /// Throws if the timeout of the exchange has expired, so that nothing is sent whose response cannot be awaited.
    private func checkTime() throws(ClientError) {
        // The loop's time may be older than a timeout of zero.
        guard max(lastProgress, pool.loop.now) < end else {
            throw .timedOut(.send, requestTimeout)
        }
    }

    /// Returns the phase of a timeout that expired while a connection was opened: the wait for the right to open it,
    /// if most of the time was spent there.
    static func phase(
        _ phase: ClientError.Phase, requested: MonotonicInstant, leased: MonotonicInstant,
        timedOut: MonotonicInstant, _ wait: ClientError.ConnectionWait
    ) -> ClientError.Phase {
        let waited = leased.nanoseconds &- requested.nanoseconds
        let opened = timedOut.nanoseconds &- leased.nanoseconds
        return waited > opened ? .connectionWait(wait) : phase
    }

    private func open(_ id: PoolPlan.ConnectionID) async throws(ClientError) -> ClientConnection {
        defer { interruptAcquisition = nil }
        do throws(ClientError) {
            if let failure { throw failure }
            let stream = try await Dialer(
                pool: pool, limits: limits, requestTimeout: requestTimeout
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

/// The serialized form of a request: its head as bytes, and its body unless that is streamed.
///
/// It is created before a connection is acquired, so that an invalid request uses no connection.
struct OutgoingRequest {
    /// The head.
    let head: [UInt8]
    /// The body; empty if it is streamed.
    let body: [UInt8]
    /// The framing, and what the headers request.
    let directives: RequestDirectives
    /// Whether the body is written while the request is sent.
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
            throw .requestInvalid("it already has a body, and the closure would write another")
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
            // The upgrade takes precedence over other errors of such a request: correcting those would not help.
            guard !Self.requestsUpgrade(request.headers, error) else {
                throw .requestInvalid(Self.unsupportedUpgrade)
            }
            throw .requestInvalid("\(error)")
        }
        guard !directives.upgrades else { throw .requestInvalid(Self.unsupportedUpgrade) }
    }

    private static let unsupportedUpgrade =
        "this client supports only HTTP/1.1 and cannot switch to another protocol, such as h2c or websocket: "
        + "remove Upgrade, and upgrade from Connection"

    private static func requestsUpgrade(_ headers: Headers, _ error: RequestSerializingError)
        -> Bool
    {
        switch error {
        case .upgradeIncomplete: true
        case .connectionOption: headers.contains(.upgrade)
        default: false
        }
    }
}

extension HTTPField.Name {
    /// `Idempotency-Key`: lets the server recognize a repeated request.
    fileprivate static var idempotencyKey: HTTPField.Name {
        HTTPField.Name("Idempotency-Key") ?? .ifMatch
    }
}

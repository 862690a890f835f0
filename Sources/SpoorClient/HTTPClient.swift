import HTTPTypes
public import SpoorHTTP
import SpoorHTTP1
public import SpoorMiddleware
public import SpoorNetworking
public import SpoorTLS
import Synchronization

/// An HTTP/1.1 client with a connection pool and a middleware chain.
///
/// ```swift
/// let client = HTTPClient(middleware: [ClientTracing(tracer)])
/// let response = try await client.execute(HTTPClientRequest(.get, "http://127.0.0.1:8080/hello"))
/// ```
///
/// A request of a task on an event loop, such as a server's handler, is sent on that loop, without a thread switch.
/// For any other task the request is sent on one of the client's own event loops: one with an idle connection to the
/// origin, otherwise the next one (round-robin). TLS sessions and addresses are cached for all loops.
public final class HTTPClient: Sendable {
    private let loops: EventLoopGroup
    private let middleware: [any ClientMiddleware]
    private let limits: ClientLimits
    /// The `User-Agent` of requests that do not set one; empty for none.
    private let userAgent: Headers
    let shared: SharedClientState
    private let state = Mutex(State())

    private struct State {
        var pools: [ObjectIdentifier: LoopPool] = [:]
        var isShutDown = false
    }

    /// Creates a client; it connects when the first request is sent.
    ///
    /// - Parameters:
    ///   - middleware: The middlewares around every request, the outermost first.
    ///   - limits: The limits and timeouts.
    ///   - tls: The trust roots for `https` and the client's identity; files are read at the first such request.
    ///   - userAgent: The `User-Agent` of requests that do not set one (RFC 9110 §10.1.5), product tokens such as
    ///     `orders/1.2`; nil for none.
    ///   - loops: The event loops for requests of tasks that run on none.
    public convenience init(
        middleware: [any ClientMiddleware] = [],
        limits: ClientLimits = ClientLimits(),
        tls: TLSClientConfiguration = TLSClientConfiguration(),
        userAgent: String? = "Spoor",
        loops: EventLoopGroup = .shared
    ) {
        self.init(
            middleware: middleware, limits: limits, tls: tls, userAgent: userAgent, loops: loops,
            route: nil)
    }

    /// Creates a client with parameters for tests and other modules of this package.
    ///
    /// - Parameters:
    ///   - route: The destination of all connections, regardless of the host of the URL; nil for none.
    ///   - resolver: Resolves host names.
    package init(
        middleware: [any ClientMiddleware], limits: ClientLimits,
        tls: TLSClientConfiguration = TLSClientConfiguration(), userAgent: String? = "Spoor",
        loops: EventLoopGroup, route: FixedRoute?, resolver: HostResolver = .shared
    ) {
        self.userAgent = userAgent.map { [.userAgent: $0] } ?? Headers()
        self.middleware = middleware
        self.limits = limits
        self.loops = loops
        shared = SharedClientState(
            limits: limits, tls: ClientTLS(tls), route: route, resolver: resolver)
    }

    /// The counters of the client.
    public var counters: ClientCounters { shared.counts.snapshot }

    /// Sends a request and collects its response, up to ``ClientLimits/maxCollectedBodyBytes`` bytes of
    /// body.
    ///
    /// - Throws: ``ClientError``, or what a middleware throws.
    public func execute(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        let assignment = assignLoop(for: request)
        let limit = ClientError.BodyLimit.maxCollectedBodyBytes(limits.maxCollectedBodyBytes)
        return try await assignment.loop.run {
            try await self.perform(request, on: assignment, bodyLimit: limit) { response in
                HTTPClientResponse(
                    status: response.status, headers: response.headers,
                    body: try await response.collect(within: limit))
            }
        }
    }

    /// Sends a request and streams its response.
    ///
    /// For middlewares the exchange ends when `body` returns.
    ///
    /// - Parameters:
    ///   - request: The request, with its whole body.
    ///   - body: Reads the response; runs in the caller's isolation.
    /// - Throws: ``ClientError``, or what a middleware or `body` throws.
    public func withResponse<Result>(
        to request: HTTPClientRequest,
        _ body: @escaping (StreamedResponse) async throws -> Result
    ) async throws -> Result {
        try await perform(
            request, on: assignLoop(for: request),
            bodyLimit: .maxBodyBytes(limits.http1.maxBodyBytes),
            body)
    }

    /// Sends a request with a streamed body, and streams its response at the same time.
    ///
    /// Both closures run concurrently: `write` in a child task, `body`, as soon as the response head has arrived, in
    /// the caller's. Such a request is never sent again. How it ends:
    ///
    /// - When `body` returns or throws, the exchange ends. If the whole request has not been sent by then, `write` is
    ///   cancelled, its calls throw ``ClientError/uploadStopped``, and the connection is closed. To have the whole
    ///   body sent, `body` must read the response to its end.
    /// - When a response with a status of 300 or above arrives before the whole request was sent, the server does not
    ///   want the rest (RFC 9112 §9.5): calls of `write` throw ``ClientError/uploadStopped``, `body` receives the
    ///   response, and errors of `write` after that are ignored. After 1xx and 2xx the sending continues.
    /// - When `write` throws another error, the exchange fails: `body`, if it runs, receives
    ///   ``ClientError/requestBodyFailed``, and the caller receives the error of `write`.
    /// - When the calling task is cancelled, both closures receive ``ClientError/cancelled``.
    ///
    /// - Parameters:
    ///   - request: The request, without a body.
    ///   - bodyLength: The number of bytes that will be written, zero or more; the body is chunked if nil, which only
    ///     HTTP/1.1 servers support.
    ///   - write: Writes the body, as fast as the peer accepts it (back-pressure).
    ///   - body: Reads the response; runs in the caller's isolation.
    /// - Throws: ``ClientError``, or what a middleware or one of the closures throws.
    public func withResponse<Result>(
        to request: HTTPClientRequest, bodyLength: Int? = nil,
        writing write: @escaping @Sendable (RequestBodyWriter) async throws -> Void,
        _ body: @escaping (StreamedResponse) async throws -> Result
    ) async throws -> Result {
        try await perform(
            request, on: assignLoop(for: request),
            bodyLimit: .maxBodyBytes(limits.http1.maxBodyBytes),
            upload: Upload(length: bodyLength.map { .bytes($0) } ?? .unknown, write: write), body)
    }

    /// Closes the idle connections and rejects new requests; requests in flight are completed.
    public func shutdown() async {
        let pools = state.withLock { state in
            state.isShutDown = true
            return Array(state.pools.values)
        }
        for pool in pools {
            await pool.loop.run { pool.shutDown() }
        }
    }
}

// MARK: - One request

extension HTTPClient {
    private struct Upload: Sendable {
        let length: Request.BodyLength
        let write: @Sendable (RequestBodyWriter) async throws -> Void
    }

    /// The event loop of a request, with its parsed URL and its reserved connection, if any.
    private struct LoopAssignment {
        let loop: EventLoop
        /// The parsed URL of the request; nil if it was not needed.
        var target: RequestTarget?
        /// The reservation of an idle connection of this loop.
        var reservation: IdleConnections.Reservation?
    }

    private func assignLoop(for request: HTTPClientRequest) -> LoopAssignment {
        if let loop = EventLoop.ofCurrentTask { return LoopAssignment(loop: loop) }
        // With one loop there is no choice. An invalid URL is reported after the middlewares have run.
        guard loops.loops.count > 1, let target = try? RequestTarget(request.url) else {
            return LoopAssignment(loop: loops.next())
        }
        let reservation = shared.idleConnections.reserve(target.host)
        return LoopAssignment(
            loop: reservation?.loop ?? loops.next(), target: target, reservation: reservation)
    }

    private func perform<Result>(
        _ request: HTTPClientRequest, on assignment: LoopAssignment,
        bodyLimit: ClientError.BodyLimit,
        upload: Upload? = nil,
        _ body: @escaping (StreamedResponse) async throws -> Result
    ) async throws -> Result {
        guard !Task.isCancelled else { throw ClientError.cancelled }
        let pool = try pool(of: assignment.loop)
        shared.counts.add(\.requests)
        let exchange = ClientExchange(request: request)
        var result: Result?
        let chain = ClientNext(middleware[...]) { exchange in
            let isUnchanged = exchange.request.url == request.url
            let driver = try ClientExchangeDriver(
                exchange.request, to: isUnchanged ? assignment.target : nil,
                streamedLength: upload?.length, userAgent: self.userAgent, on: pool,
                limits: self.limits, bodyLimit: bodyLimit)
            driver.reservation = assignment.reservation
            result = try await withTaskCancellationHandler {
                try await self.drive(driver, exchange, upload, body)
            } onCancel: {
                assignment.loop.execute { driver.fail(.cancelled) }
            }
        }
        try await chain(exchange)
        guard let result else { throw ClientError.noResponse }
        return result
    }

    private func drive<Result>(
        _ driver: ClientExchangeDriver, _ exchange: ClientExchange, _ upload: Upload?,
        _ body: (StreamedResponse) async throws -> Result
    ) async throws -> Result {
        let loop = driver.pool.loop
        do {
            while true {
                let head = try await loop.run { () async throws(ClientError) -> ResponseHead? in
                    try await driver.start()
                }
                if let head {
                    let result = try await read(head, driver, exchange, body)
                    await loop.run { _ = driver.finishExchange() }
                    return result
                }
                do {
                    return try await readWhileSending(driver, exchange, upload, body)
                } catch {
                    guard await loop.run({ driver.prepareResend(after: error) }) else {
                        throw error
                    }
                }
            }
        } catch {
            await record(driver, on: exchange)
            await loop.run { driver.abandon() }
            throw error
        }
    }

    /// Passes the response to the caller.
    private func read<Result>(
        _ head: ResponseHead, _ driver: ClientExchangeDriver, _ exchange: ClientExchange,
        _ body: (StreamedResponse) async throws -> Result
    ) async throws -> Result {
        exchange.status = head.status
        exchange.responseHeaders = head.headers
        exchange.responseVersion = head.version
        await record(driver, on: exchange)
        return try await body(
            StreamedResponse(exchange, status: head.status, driver: driver))
    }

    /// Sends the rest of the request in a child task, while receiving the response and passing it to the caller.
    private func readWhileSending<Result>(
        _ driver: ClientExchangeDriver, _ exchange: ClientExchange, _ upload: Upload?,
        _ body: (StreamedResponse) async throws -> Result
    ) async throws -> Result {
        let loop = driver.pool.loop
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Self.send(driver, upload) }
            let result: Result
            do {
                let head = try await loop.run { () async throws(ClientError) -> ResponseHead in
                    try await driver.readHead()
                }
                result = try await read(head, driver, exchange, body)
            } catch {
                await loop.run { driver.abandon() }
                group.cancelAll()
                // If the writing failed, its error is the cause.
                try await group.waitForAll()
                throw error
            }
            if upload == nil, await loop.run({ driver.isResponseCompleteBeforeSent }) {
                // The peer has answered early and reads the rest: a body of the request value is sent completely.
                try await group.waitForAll()
            }
            if await !loop.run({ driver.finishExchange() }) { group.cancelAll() }
            try await group.waitForAll()
            return result
        }
    }

    /// Sends the rest of the request.
    ///
    /// - Throws: The error of the closure that writes the body, if that has ended the exchange.
    private static func send(_ driver: ClientExchangeDriver, _ upload: Upload?) async throws {
        let loop = driver.pool.loop
        guard let upload, let body = driver.body else {
            return await loop.run { await driver.sendRest() }
        }
        async let sending: Void = loop.run { await driver.sendWritten(body) }
        do {
            try await upload.write(RequestBodyWriter(body, to: driver.target.host))
            do throws(ClientError) { try body.end() } catch {
                throw error.naming(driver.target.host)
            }
        } catch {
            let counts = await loop.run { driver.writerFailed(error) }
            await sending
            if counts { throw error }
        }
        await sending
    }

    /// Records the peer and the number of resends on the exchange, also of a failed request.
    private func record(_ driver: ClientExchangeDriver, on exchange: ClientExchange) async {
        (exchange.peer, exchange.resendCount) = await driver.pool.loop.run {
            (driver.peer.map { .init($0) }, driver.resendCount)
        }
    }

    private func pool(of loop: EventLoop) throws(ClientError) -> LoopPool {
        let pool: LoopPool? = state.withLock { state in
            guard !state.isShutDown else { return nil }
            if let known = state.pools[ObjectIdentifier(loop)] { return known }
            // Event loops that have ended have closed their connections.
            state.pools = state.pools.filter { !$0.value.loop.isEnded }
            let isOwn = loops.loops.contains { $0 === loop }
            let made = LoopPool(on: loop, sharing: shared, isListed: isOwn)
            state.pools[ObjectIdentifier(loop)] = made
            return made
        }
        guard let pool else { throw .shutDown }
        return pool
    }
}

extension ConnectionInfo.Endpoint {
    /// The address in the form that client middlewares see.
    fileprivate init(_ address: SocketAddress) {
        self = address.isInProcess ? .none : .init(host: address.host, port: address.port)
    }
}

extension HTTPClient {
    /// Returns why no request can be sent to a URL, nil if one can: for configurations, which are validated before
    /// the first request.
    package static func validationError(ofURL text: String) -> ClientError? {
        do throws(ClientError) {
            _ = try RequestTarget(text)
            return nil
        } catch {
            return error
        }
    }
}

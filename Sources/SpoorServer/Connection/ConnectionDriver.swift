import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking
import SpoorTLS
import SpoorText

/// Drives an accepted connection from its handshake to its close: passes events to the state machine of the connection,
/// executes the actions that the machine returns, and owns the stream, the task and the timers.
///
/// An idle keep-alive connection has neither buffers nor a task, which alone would need three kilobytes. It starts a
/// task when it becomes readable, and keeps it for 100 ms after a response, so that a busy connection reuses its
/// task. While it serves requests, it uses an ``ExchangeWorkspace`` of its event loop.
final class ConnectionDriver: @unchecked Sendable {
    // Unchecked, because all of it runs on its event loop, including its task. Run-time exclusivity checks are
    // disabled for properties that are accessed several times per request. That is safe, because no access calls back
    // into the connection.

    let stream: any ByteStream
    let server: LoopServer
    let loop: EventLoop
    private(set) var info: ConnectionInfo
    /// The protocol state of the connection.
    @safe @exclusivity(unchecked) var machine = ServerConnectionMachine()
    /// The workspace of the connection while it serves requests.
    @safe @exclusivity(unchecked) var workspace = Borrowed<ExchangeWorkspace>()
    @safe @exclusivity(unchecked) var execution: Execution
    /// The start of the wait for a request, or for the rest of a head; nil while the connection is not waiting.
    @safe @exclusivity(unchecked) var waitingSince: MonotonicInstant?
    /// The end of the wait.
    @safe @exclusivity(unchecked) var idleUntil: MonotonicInstant
    /// The timer of the connection; created when first needed.
    ///
    /// Without a task, it ends the wait for a request. While requests are served, it sends buffered responses if the
    /// next handler takes long.
    @safe @exclusivity(unchecked) var timer: Deadline?
    /// The handler's timeout; created when first needed, and kept as long as the task.
    var handlerDeadline: Deadline?

    /// The execution state of the connection.
    enum Execution {
        /// A task that has not started, and begins with the handshake.
        case startingHandshake(TLSStream)
        /// A task that has not started, for bytes that have arrived.
        case starting
        /// A running task.
        case running(ConnectionTask)
        /// No task: the stream's observer and the timer wake the connection.
        case idle
        /// No task any more: the stream is closed.
        case ended
    }

    /// What to do after the task has served its requests.
    private enum Outcome {
        case becomeIdle, expire, end
    }

    /// The time for which the task waits for the next request, in nanoseconds: 100 ms.
    ///
    /// Starting another task costs a few microseconds, which is negligible for a connection that is idle for longer,
    /// and too much for a busy one.
    private static let taskIdleNanoseconds: UInt64 = 100_000_000
    /// The maximum number of consecutive reads (64 KiB in total) or writes (256 KiB), which take some milliseconds at
    /// most; then the event loop serves other connections, so that one peer cannot occupy its thread.
    static let maxTurns = 4

    /// Creates the driver of a connection that was accepted.
    ///
    /// - Parameter handshake: The stream, if a TLS handshake comes first.
    init(_ stream: any ByteStream, on server: LoopServer, handshake: TLSStream?) {
        self.stream = stream
        self.server = server
        loop = server.loop
        info = ConnectionInfo(of: stream)
        execution = handshake.map { .startingHandshake($0) } ?? .idle
        waitingSince = loop.now
        // A connection that sends nothing at all gets the timeout of a head.
        idleUntil = server.idleDeadline(server.timeouts.head)
    }

    // MARK: The machine

    /// Passes an event to the machine; returns the resulting action.
    @inline(__always)
    func handle(_ event: ServerConnectionMachine.Event) -> ServerConnectionMachine.Action {
        machine.handle(event)
    }

    /// Passes an event of the response to the machine, and the new phase to the exchange.
    @inline(__always)
    func handle(responding event: ServerConnectionMachine.Event, _ exchange: Exchange) {
        _ = machine.handle(event)
        exchange.state.value.phase = machine.response
    }

    // MARK: Running

    /// Starts the handshake, or waits for the first request.
    func begin() {
        if case .startingHandshake = execution { return server.start(self) }
        observePeer()
        becomeIdle()
    }

    /// Serves available requests, and becomes idle when none arrives for a moment.
    func run() async {
        let handshake: TLSStream?
        switch execution {
        case .startingHandshake(let stream): handshake = stream
        case .starting: handshake = nil
        case .running, .idle, .ended: return
        }
        execution = .running(.current)
        switch await serve(after: handshake) {
        case .becomeIdle: becomeIdle()
        case .expire: expire()
        case .end: end()
        }
        // A task that has ended must not be cancelled: the runtime gives no guarantees for that.
        if case .running = execution {
            preconditionFailure("the task of an active connection has ended")
        }
    }

    private func serve(after handshake: TLSStream?) async -> Outcome {
        if let handshake, await !performHandshake(handshake) { return .end }
        while !machine.isEnding {
            let taskEnd = deadline(Self.taskIdleNanoseconds)
            switch await stream.waitReadable(until: taskEnd < idleUntil ? taskEnd : idleUntil) {
            case .ready:
                let countBefore = machine.requestCount
                let since = waitingSince
                waitingSince = nil
                await serveRequests(with: acquireWorkspace())
                releaseWorkspace()
                if machine.requestCount == countBefore {
                    // The input was not even the beginning of a request (a TLS record without data): the wait
                    // continues.
                    waitingSince = since
                } else {
                    beginWaiting(server.timeouts.idle)
                }
            case .timedOut where stream.mayHaveMore: continue
            case .timedOut where loop.now < idleUntil: return .becomeIdle
            case .timedOut: return .expire
            case .interrupted, .busy: return .end
            }
        }
        return .end
    }

    /// Performs the TLS handshake, and waits for the first request; returns false if the connection ends.
    @inline(never)
    private func performHandshake(_ handshake: TLSStream) async -> Bool {
        guard let tls = await server.performHandshake(handshake, of: info) else {
            _ = handle(.failed)
            return false
        }
        info = ConnectionInfo(peer: info.peer, local: info.local, tls: tls)
        beginWaiting(server.timeouts.head)
        observePeer()
        return true
    }

    // MARK: Serving

    /// Acquires a workspace from the event loop; returns its exchange.
    @inline(__always)
    private func acquireWorkspace() -> Exchange {
        workspace = Borrowed(server.acquireWorkspace())
        workspace.value.begin(task: taskAddress, limits: server.limits.http1)
        let exchange = workspace.value.exchange
        exchange.attach(to: self)
        exchange.connection = info
        return exchange
    }

    @inline(__always)
    private func releaseWorkspace() {
        guard let unused = workspace.take() else { return }
        unused.value.exchange.detach()
        server.releaseWorkspace(unused)
    }

    /// Whether the connection has a workspace.
    var isServing: Bool { workspace.hasValue }

    /// The method and the route of the request in progress, for logs; nil without one.
    var handledRequest: String? {
        guard isServing else { return nil }
        let exchange = workspace.value.exchange
        return "\(exchange.request.method.rawValue) \(exchange.route ?? "(no route)")"
    }

    /// Serves the available requests; then the machine is idle if the connection is to be kept.
    private func serveRequests(with exchange: Exchange) async {
        let chain = server.chain
        do {
            while try await receiveHead(exchange), begin(exchange) {
                try await chain.run(exchange)
                let action = handle(.handlerReturned)
                if workspace.value.rejectedBody != nil { logRejectedBody(of: exchange) }
                if case .readRequest = action { continue }
                try await finish(exchange, action)
            }
        } catch {
            exchangeFailed(exchange, error)
        }
        if let timer { loop.disarm(timer) }
        // A request that ends the connection does not discard the complete responses before it.
        if workspace.value.output.pendingCount > 0 { _ = try? flush() }
        if case .closed(.broken) = machine.state { discardUnsentBytesAfterTimeout() }
    }

    /// After a write timeout, makes closing the connection discard the unsent bytes and reset it (RST).
    @inline(never)
    private func discardUnsentBytesAfterTimeout() {
        guard case .timedOut(.write) = workspace.value.session.exchange.faultCause else { return }
        stream.discardUnsentBytesOnClose()
    }

    /// Prepares for the body and the response of the request whose head was received; returns false if the connection
    /// has ended.
    @inline(__always)
    private func begin(_ exchange: Exchange) -> Bool {
        let traits = ServerConnectionMachine.RequestTraits(
            version: exchange.request.version, method: exchange.request.knownMethod,
            bodyLength: exchange.request.bodyLength,
            options: workspace.value.session.parser.options,
            expectsContinue: workspace.value.session.parser.expectsContinue)
        guard case .callHandler = machine.receive(traits) else { return false }
        workspace.value.session.exchange = ExchangeWorkspace.ExchangeProgress()
        server.countRequest()
        exchange.activity.begin(
            task: workspace.value.session.taskAddress, method: exchange.request.knownMethod)
        if exchange.request.bodyLength != .none {
            workspace.value.body = BodyDecoder(
                exchange.request.bodyLength, limits: server.limits.http1)
        }
        // Handles what arrived while there was no task to cancel.
        if stream.hasHungUp { interrupt(.peerDisconnected) }
        return true
    }

    /// Handles an error that ends the connection.
    @inline(never)
    private func exchangeFailed(_ exchange: Exchange, _ error: any Error) {
        logRejectedBody(of: exchange)
        _ = handle(.failed)
        endUpgrade()
        server.logger.debug(
            "connection aborted", metadata: ["peer": "\(info.peer)", "error": "\(error)"])
    }

    // MARK: Turns

    /// Begins a new turn after a wait for the peer, during which the event loop has served other connections.
    func turnBegan() {
        workspace.value.session.turnsLeft = Self.maxTurns
    }

    /// Counts a read or a write; returns whether the event loop must serve other connections first.
    func isTurnOver() -> Bool {
        workspace.value.session.turnsLeft -= 1
        return workspace.value.session.turnsLeft <= 0
    }

    /// Lets the event loop run its other jobs and check its descriptors and timers.
    func yieldTurn() async {
        turnBegan()
        await loop.yieldTurn()
    }
}

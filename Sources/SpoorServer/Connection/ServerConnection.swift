import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorTLS

/// An accepted connection from its handshake to its close: its stream, its task, and its idle time-out.
///
/// It decides when there is something to serve; requests and responses are handled by the ``ConnectionDriver`` that
/// it borrows for that, and to which it passes the connection's state machine.
///
/// An idle keep-alive connection holds no driver and no task, which alone would need three kilobytes. It starts a
/// task when it becomes readable, and keeps it for 100 ms after a response, so that a busy connection reuses its
/// task.
final class ServerConnection: @unchecked Sendable {
    // Unchecked, because all of it runs on its event loop, including its task. Run-time exclusivity checks are
    // disabled for what is accessed several times per request, which is safe: no access calls back into the
    // connection.

    let stream: any ByteStream
    private(set) var info: ConnectionInfo
    let server: LoopServer
    /// The state machine, while no driver has it.
    @safe @exclusivity(unchecked) private var idleMachine = ServerConnectionMachine()
    /// The driver that serves the connection while it is not idle.
    private var driver: ConnectionDriver?
    @safe @exclusivity(unchecked) private var execution: Execution
    /// The start of the wait for a request, or for the rest of a head; nil while the connection is not waiting.
    private var waitingSince: MonotonicInstant?
    /// The end of the wait.
    private var idleUntil: MonotonicInstant
    /// The timer of a wait without a task; created when first needed.
    private var idleTimer: Deadline?

    /// The execution state of the connection.
    private enum Execution {
        /// A task that has not started; it begins with the handshake, if there is one.
        case starting(handshake: TLSStream?)
        /// A running task.
        case running(ConnectionTask)
        /// No task: the stream's observer and the timer wake the connection.
        case idle
        /// No task any more: the stream is closed.
        case ended
    }

    /// What to do when the task has nothing more to do.
    private enum Outcome {
        case becomeIdle, expire, end
    }

    /// The time for which the task waits for the next request, in nanoseconds: 100 ms.
    ///
    /// Starting another task costs a few microseconds, which is negligible for a connection that is idle for longer,
    /// and too much for a busy one.
    private static let taskIdleNanoseconds: UInt64 = 100_000_000

    /// Creates a connection that was accepted.
    ///
    /// - Parameter handshake: The stream, if a TLS handshake comes first.
    init(_ stream: any ByteStream, on server: LoopServer, handshake: TLSStream?) {
        self.stream = stream
        self.server = server
        info = ConnectionInfo(of: stream)
        execution = handshake.map { .starting(handshake: $0) } ?? .idle
        waitingSince = server.loop.now
        // A connection that sends nothing at all gets the time-out of a head.
        idleUntil = server.idleDeadline(server.timeouts.head)
    }

    /// Starts the handshake, or waits for the first request.
    func begin() {
        if case .starting = execution { return server.start(self) }
        observePeer()
        becomeIdle()
    }

    // MARK: The machine

    /// The protocol state of the connection.
    private var machine: ServerConnectionMachine { driver?.machine ?? idleMachine }

    /// Passes an event to the machine; returns the resulting action.
    private func handle(
        _ event: ServerConnectionMachine.Event
    ) -> ServerConnectionMachine.Action {
        driver?.handle(event) ?? idleMachine.handle(event)
    }

    /// Whether an exchange has begun and its handler has not returned.
    var isHandling: Bool { machine.isHandling }

    /// Whether the server has aborted the connection.
    var isAborted: Bool {
        machine.interruptions.contains(.aborted) || machine.state == .closed(.aborted)
    }

    // MARK: Running

    /// Serves available requests, and becomes idle when none arrives for a moment.
    func run() async {
        guard case .starting(let handshake) = execution else { return }
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
        if let handshake {
            guard let tls = await server.performHandshake(handshake, of: info) else {
                _ = handle(.failed)
                return .end
            }
            info = ConnectionInfo(peer: info.peer, local: info.local, tls: tls)
            beginWaiting(server.timeouts.head)
            observePeer()
        }
        while !machine.isEnding {
            let taskEnd = deadline(Self.taskIdleNanoseconds)
            switch await stream.waitReadable(until: taskEnd < idleUntil ? taskEnd : idleUntil) {
            case .ready: await serveRequests()
            case .timedOut where stream.mayHaveMore: continue
            case .timedOut where server.loop.now < idleUntil: return .becomeIdle
            case .timedOut: return .expire
            case .interrupted: return .end
            }
        }
        return .end
    }

    /// Serves the available requests.
    private func serveRequests() async {
        let countBefore = idleMachine.requestCount
        let since = waitingSince
        waitingSince = nil
        let (driver, exchange) = server.lend(to: self, idleMachine)
        self.driver = driver
        idleMachine = await driver.serve(exchange)
        self.driver = nil
        server.takeBack(driver, exchange)
        if idleMachine.requestCount == countBefore {
            // The input was not even the beginning of a request (a TLS record without data): the wait continues.
            waitingSince = since
        } else {
            beginWaiting(server.timeouts.idle)
        }
    }

    // MARK: Waiting for requests

    /// Starts a wait for a request, of `nanoseconds`.
    private func beginWaiting(_ nanoseconds: UInt64) {
        waitingSince = server.loop.now
        idleUntil = server.idleDeadline(nanoseconds)
    }

    /// Waits for the rest of a head that has begun; a shutdown ends this wait too, because no exchange has begun.
    func waitForRestOfHead(until deadline: MonotonicInstant) async -> WaitOutcome {
        waitingSince = server.loop.now
        defer { waitingSince = nil }
        return await stream.waitReadable(
            until: min(deadline, server.idleDeadline(server.timeouts.head)))
    }

    /// Waits for a request without a task.
    private func becomeIdle() {
        execution = .idle
        let timer = idleTimer ?? Deadline { [unowned self] in expire() }
        idleTimer = timer
        server.loop.arm(timer, at: idleUntil)
        // Handles what has arrived while the stream was not observed.
        if stream.mayHaveMore { wake() }
    }

    private func wake() {
        guard case .idle = execution else { return }
        execution = .starting(handshake: nil)
        if let idleTimer { server.loop.disarm(idleTimer) }
        server.start(self)
    }

    /// Observes input that no task waits for.
    private func observePeer() {
        stream.observeReadiness { [unowned self] in
            if case .idle = execution { wake() } else { driver?.peerBecameReady() }
        }
    }

    /// Handles the end of a wait.
    private func expire() {
        if case .ended = execution { return }
        if server.isDraining {
            // The short wait during a shutdown is not the peer's fault.
            _ = handle(.shutdown)
        } else {
            server.noteTimeout(idleMachine.requestCount > 0 ? .idle : .head)
            _ = handle(.timedOut)
        }
        end()
    }

    /// Closes the connection; has no effect the second time.
    private func end() {
        if case .ended = execution { return }
        execution = .ended
        if let idleTimer { server.loop.remove(idleTimer) }
        stream.observeReadiness(nil)
        if machine.state == .closed(.broken) { stream.close() } else { stream.closeOrderly() }
        server.ended(self)
    }

    // MARK: Graceful shutdown

    /// Handles the start of the server's drain: streams without an end are ended.
    func drainBegan() {
        driver?.drainBegan()
    }

    /// Ends the connection if it has waited for a request since before `instant`, and none has arrived.
    func endIfIdle(since instant: MonotonicInstant) {
        guard let waitingSince, waitingSince <= instant, !stream.mayHaveMore else { return }
        // A wait that has just timed out can no longer be interrupted: its task must not become idle instead.
        idleUntil = server.loop.now
        if machine.state == .idle { _ = handle(.shutdown) }
        if case .idle = execution { end() } else { stream.interrupt() }
    }

    /// Ends the connection immediately.
    func abort() {
        _ = handle(.aborted)
        driver?.recordInterruption()
        if case .idle = execution { return end() }
        stream.interrupt()
        cancelTask()
    }

    // MARK: Functions for the driver

    // The functions of the connection that its driver may use, besides stream and info.

    /// The address of the task; 0 while there is none.
    var taskAddress: UInt {
        if case .running(let task) = execution { task.address } else { 0 }
    }

    /// Cancels the task, if there is one.
    func cancelTask() {
        if case .running(let task) = execution { task.cancel() }
    }

    /// Ends the present waits for the peer, and allows later ones.
    func wakeWaiting() {
        guard !isAborted else { return }
        stream.endWaits()
    }

    /// Allows waits for the peer after an interruption, unless the connection was aborted.
    func resumeWaiting() {
        if !isAborted { stream.clearInterruption() }
    }

    /// Returns the instant `nanoseconds` from now.
    func deadline(_ nanoseconds: UInt64) -> MonotonicInstant {
        server.loop.now.advanced(byNanoseconds: nanoseconds)
    }

    /// Reads once into a buffer.
    func fill(_ buffer: inout ReceiveBuffer) throws(ConnectionFault) -> ReceiveResult {
        do {
            let result = try buffer.fill(from: stream)
            if case .bytes(let count) = result { server.noteReceived(count) }
            return result
        } catch {
            throw .broken(error)
        }
    }
}

extension ConnectionInfo {
    /// Creates the information about both ends of a stream, before any handshake.
    convenience init(of stream: any ByteStream) {
        self.init(peer: .init(stream.peer), local: (try? stream.local).map { .init($0) } ?? .none)
    }
}

extension ConnectionInfo.Endpoint {
    /// Creates an endpoint from an address, in the form that handlers see.
    init(_ address: SocketAddress) {
        self = address.isInProcess ? .none : .init(host: address.host, port: address.port)
    }
}

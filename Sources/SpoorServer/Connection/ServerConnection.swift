import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorTLS

/// The life of an accepted connection from the handshake to the close: its stream, its task, and how long it waits for a
/// request.
///
/// It decides when there is something to serve; requests and responses are the business of the ``ConnectionDriver`` that it
/// borrows for that, and to which it hands the connection's machine.
///
/// While it is idle it has neither a driver nor a task, which alone would hold three kilobytes. A task is started when the
/// connection becomes readable, and stays for 100 ms after a response, so that a busy connection keeps its own.
final class ServerConnection: @unchecked Sendable {
    // Unchecked, because all of it happens on its loop, where its task runs too. Exclusivity is not checked at run time for what
    // is accessed several times a request, and safe all the same: no access calls back into the connection.

    let stream: any ByteStream
    private(set) var info: ConnectionInfo
    let server: LoopServer
    /// Where the connection is, while no driver has it.
    @safe @exclusivity(unchecked) private var resting = ServerConnectionMachine()
    /// What serves the connection while it has something to do.
    private var driver: ConnectionDriver?
    @safe @exclusivity(unchecked) private var execution: Execution
    /// Since when it waits for a request, or for the rest of a head; nil while it does something else.
    private var waitingSince: MonotonicInstant?
    /// When it has waited for long enough.
    private var idleUntil: MonotonicInstant
    /// Ends the wait without a task; made when first needed.
    private var idleTimer: Deadline?

    /// Who executes what the connection does.
    private enum Execution {
        /// A task that has not started; it begins with the handshake, if there is one.
        case starting(handshake: TLSStream?)
        /// This task.
        case running(ConnectionTask)
        /// Nobody: the stream's observer and the timer wake the connection.
        case resting
        /// Nobody any more: the stream is closed.
        case ended
    }

    /// What follows when the task has nothing more to do.
    private enum Outcome {
        case rest, expire, end
    }

    /// How long the task stays for the next request, in nanoseconds: 100 ms.
    ///
    /// To start another costs a few microseconds, which is nothing to a connection that is silent for so long, and too much for
    /// one that is not.
    private static let stay: UInt64 = 100_000_000

    /// A connection that was accepted.
    ///
    /// - Parameter handshake: The stream, if it has a handshake before it.
    init(_ stream: any ByteStream, on server: LoopServer, handshake: TLSStream?) {
        self.stream = stream
        self.server = server
        info = ConnectionInfo(of: stream)
        execution = handshake.map { .starting(handshake: $0) } ?? .resting
        waitingSince = server.loop.now
        // A connection that says nothing at all gets as long as a head may take.
        idleUntil = server.idleDeadline(server.timeouts.head)
    }

    /// Starts the handshake, or waits for the first request.
    func begin() {
        if case .starting = execution { return server.start(self) }
        watchPeer()
        rest()
    }

    // MARK: The machine

    /// Where the connection is.
    private var machine: ServerConnectionMachine { driver?.machine ?? resting }

    /// Tells the machine what has happened; gives what is to be done.
    private func handle(
        _ event: ServerConnectionMachine.Event
    ) -> ServerConnectionMachine.Action {
        driver?.handle(event) ?? resting.handle(event)
    }

    /// Whether an exchange has begun and its handler has not returned.
    var isHandling: Bool { machine.isHandling }

    /// Whether the server has closed the connection, whatever it did.
    var isCutOff: Bool {
        machine.interruptions.contains(.aborted) || machine.state == .closed(.aborted)
    }

    // MARK: Running

    /// Serves what is there, and rests when nothing comes for a moment.
    func run() async {
        guard case .starting(let handshake) = execution else { return }
        execution = .running(.current)
        switch await serve(after: handshake) {
        case .rest: rest()
        case .expire: expire()
        case .end: end()
        }
        // Nobody is to cancel a task that has ended: the runtime promises nothing for that.
        if case .running = execution { preconditionFailure("a task has ended that is to be kept") }
    }

    private func serve(after handshake: TLSStream?) async -> Outcome {
        if let handshake {
            guard let tls = await server.shakeHands(handshake, of: info) else {
                _ = handle(.failed)
                return .end
            }
            info = ConnectionInfo(peer: info.peer, local: info.local, tls: tls)
            beginWaiting(server.timeouts.head)
            watchPeer()
        }
        while !machine.isEnding {
            let stay = deadline(Self.stay)
            switch await stream.waitReadable(until: stay < idleUntil ? stay : idleUntil) {
            case .ready: await serveRequests()
            case .timedOut where stream.mayHaveMore: continue
            case .timedOut where server.loop.now < idleUntil: return .rest
            case .timedOut: return .expire
            case .interrupted: return .end
            }
        }
        return .end
    }

    /// Serves the requests that are there.
    private func serveRequests() async {
        let countBefore = resting.requestCount
        let since = waitingSince
        waitingSince = nil
        let (driver, exchange) = server.lend(to: self, resting)
        self.driver = driver
        resting = await driver.serve(exchange)
        self.driver = nil
        server.takeBack(driver, exchange)
        if resting.requestCount == countBefore {
            // What came was no request, nor the beginning of one (a record of TLS without data): the wait goes on.
            waitingSince = since
        } else {
            beginWaiting(server.timeouts.idle)
        }
    }

    // MARK: Waiting for requests

    /// Waits for a request from now on, so many nanoseconds long.
    private func beginWaiting(_ nanoseconds: UInt64) {
        waitingSince = server.loop.now
        idleUntil = server.idleDeadline(nanoseconds)
    }

    /// Waits for more of a head that has begun; a shutdown ends that too, for no exchange has.
    func waitForRestOfHead(until deadline: MonotonicInstant) async -> WaitOutcome {
        waitingSince = server.loop.now
        defer { waitingSince = nil }
        return await stream.waitReadable(
            until: min(deadline, server.idleDeadline(server.timeouts.head)))
    }

    /// Waits for a request without a task.
    private func rest() {
        execution = .resting
        let timer = idleTimer ?? Deadline { [unowned self] in expire() }
        idleTimer = timer
        server.loop.arm(timer, at: idleUntil)
        // What has come while nobody looked.
        if stream.mayHaveMore { wake() }
    }

    private func wake() {
        guard case .resting = execution else { return }
        execution = .starting(handshake: nil)
        if let idleTimer { server.loop.disarm(idleTimer) }
        server.start(self)
    }

    /// Notices what comes while nobody waits for it.
    private func watchPeer() {
        stream.observeReadiness { [unowned self] in
            if case .resting = execution { wake() } else { driver?.peerBecameReady() }
        }
    }

    /// Nothing has come for too long.
    private func expire() {
        if case .ended = execution { return }
        if server.isDraining {
            // The peer is not to blame for the short time that a shutdown gives it.
            _ = handle(.shutdown)
        } else {
            server.noteTimeout(resting.requestCount > 0 ? .idle : .head)
            _ = handle(.timedOut)
        }
        end()
    }

    /// Closes the connection; a second time does nothing.
    private func end() {
        if case .ended = execution { return }
        execution = .ended
        if let idleTimer { server.loop.remove(idleTimer) }
        stream.observeReadiness(nil)
        if machine.state == .closed(.broken) { stream.close() } else { stream.closeOrderly() }
        server.ended(self)
    }

    // MARK: The server's shutdown

    /// The server begins to drain: streams without an end of their own are ended.
    func drainBegan() {
        driver?.drainBegan()
    }

    /// Ends the connection if it has waited for a request since before that instant, and none has come.
    func endIfIdle(since instant: MonotonicInstant) {
        guard let waitingSince, waitingSince <= instant, !stream.mayHaveMore else { return }
        // A wait that has just timed out is no longer there to be interrupted: its task must not rest instead.
        idleUntil = server.loop.now
        if machine.state == .idle { _ = handle(.shutdown) }
        if case .resting = execution { end() } else { stream.interrupt() }
    }

    /// Ends the connection whatever it does.
    func aborted() {
        _ = handle(.aborted)
        driver?.noteInterruption()
        if case .resting = execution { return end() }
        stream.interrupt()
        cancelTask()
    }

    // MARK: For the driver

    // All that a driver may ask of the connection that has borrowed it, besides stream and info.

    /// Where the task is in memory; 0 while there is none.
    var taskAddress: UInt {
        if case .running(let task) = execution { task.address } else { 0 }
    }

    /// Cancels the task, if there is one.
    func cancelTask() {
        if case .running(let task) = execution { task.cancel() }
    }

    /// Ends the present waits for the peer, and lets later ones wait again.
    func wakeWaiting() {
        guard !isCutOff else { return }
        stream.endWaits()
    }

    /// Lets waits for the peer wait again after they were interrupted, unless the connection is cut off.
    func resumeWaiting() {
        if !isCutOff { stream.clearInterruption() }
    }

    /// The instant so many nanoseconds from now.
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
    /// Both ends of a stream, before any handshake.
    convenience init(of stream: any ByteStream) {
        self.init(peer: .init(stream.peer), local: (try? stream.local).map { .init($0) } ?? .none)
    }
}

extension ConnectionInfo.Endpoint {
    /// The address as a request's handler sees it.
    init(_ address: SocketAddress) {
        self = address.isInProcess ? .none : .init(host: address.host, port: address.port)
    }
}

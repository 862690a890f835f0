import SpoorHTTP
import SpoorNetworking
import SpoorTLS

/// The life of one connection: rest until a request comes without holding anything, serve what is there, rest again.
///
/// While it rests it has no task either: that alone would hold three kilobytes. A task is started when the connection becomes
/// readable, and stays for a moment after an answer, so that a busy connection keeps its own.
final class ServerConnection: @unchecked Sendable {
    // Unchecked, because all of it happens on its loop, where its task runs too.

    let stream: any ByteStream
    var info: ConnectionInfo
    let server: LoopServer
    /// Whether the connection waits for a request: a drain ends it then.
    private var isIdle = true
    /// Whether an exchange broke off, so that the peer must not take what it got for whole.
    var isBroken = false
    /// Whether a body was refused, which ends the connection.
    var hasRefusedBody = false
    /// Whether the server has ended the connection, whatever it did.
    private(set) var isCutOff = false
    /// How many requests have begun; a counter of half a word beside the flags, for an idle connection is small.
    private var requestCount: UInt32 = 0
    /// The stream, before its handshake.
    private var shaking: TLSStream?
    /// The task, while there is one.
    private var task: ConnectionTask?
    /// Whether it waits without a task.
    private var isResting = false
    /// Whether it looks out for what nobody waits for.
    private var isWatching = false
    private var hasServed = false
    private var hasEnded = false
    /// Since when it waits for a request, or for the rest of a head.
    private var idleSince: MonotonicInstant
    /// When it has waited for long enough.
    private var idleUntil: MonotonicInstant
    /// Ends the rest; made when first needed.
    private var alarm: Deadline?
    /// Sends answers that were gathered, should the next handler keep them waiting; made when first needed.
    private var lateFlush: Deadline?
    private var lateFlushPause = FlushPause()
    private var driver: ExchangeDriver?

    /// How long the task stays for the next request, in nanoseconds: 100 ms.
    ///
    /// To start another costs a few microseconds, which is nothing to a connection that is silent for so long, and too much for
    /// one that is not.
    private static let stay: UInt64 = 100_000_000

    init(_ stream: any ByteStream, on server: LoopServer) {
        self.stream = stream
        self.server = server
        info = ConnectionInfo(of: stream)
        idleSince = server.loop.now
        // A connection that says nothing at all gets as long as a head may take.
        idleUntil = server.idleDeadline(server.timeouts.head)
    }

    /// Serves what is there, and rests when nothing comes for a moment.
    func run() async {
        task = .current
        defer { task = nil }
        if let stream = shaking {
            shaking = nil
            guard await shakeHands(stream) else { return end() }
            beginWaiting(server.timeouts.head)
        }
        watchPeer()
        while true {
            let stay = deadline(Self.stay)
            switch await stream.waitReadable(until: stay < idleUntil ? stay : idleUntil) {
            case .ready:
                guard await serve() else { return end() }
            case .timedOut where stream.mayHaveMore:
                continue
            case .timedOut where server.loop.now < idleUntil:
                return rest()
            case .timedOut:
                return expire()
            case .interrupted:
                return end()
            }
        }
    }

    /// Serves the requests that are there; false when the connection ends.
    private func serve() async -> Bool {
        isIdle = false
        let countBefore = requestCount
        let (driver, exchange) = server.lend(to: self)
        self.driver = driver
        let goesOn = await driver.serve(exchange)
        self.driver = nil
        if let lateFlush { server.loop.disarm(lateFlush) }
        server.takeBack(driver, exchange)
        guard requestCount != countBefore else {
            // What came was no request, nor the beginning of one (a record of TLS without data): the wait goes on.
            isIdle = true
            return goesOn
        }
        hasServed = true
        beginWaiting(server.timeouts.idle)
        return goesOn
    }

    /// Waits for a request from now on, so many nanoseconds long.
    func beginWaiting(_ nanoseconds: UInt64) {
        isIdle = true
        idleSince = server.loop.now
        idleUntil = server.idleDeadline(nanoseconds)
    }

    // MARK: Resting

    /// Begins with a handshake.
    func shakeHandsFirst(_ stream: TLSStream) {
        shaking = stream
        server.start(self)
    }

    /// Waits for a request without a task.
    func rest() {
        isResting = true
        watchPeer()
        let alarm = alarm ?? Deadline { [unowned self] in expire() }
        self.alarm = alarm
        server.loop.arm(alarm, at: idleUntil)
        // What has come before somebody looked out for it.
        if stream.mayHaveMore { wake() }
    }

    private func wake() {
        guard isResting else { return }
        isResting = false
        isIdle = false
        if let alarm { server.loop.disarm(alarm) }
        server.start(self)
    }

    /// Looks out for what comes while nobody waits for it.
    private func watchPeer() {
        guard !isWatching else { return }
        isWatching = true
        stream.observeReadiness { [unowned self] in
            if isResting { wake() } else { driver?.peerBecameReady() }
        }
    }

    /// Where the task is in memory; 0 while there is none.
    var taskAddress: UInt { task?.address ?? 0 }

    /// Cancels the task, if there is one.
    func cancelTask() {
        task?.cancel()
    }

    /// Nothing has come for too long.
    private func expire() {
        guard !hasEnded else { return }
        // A drain's grace is the server's haste and not the peer's fault.
        if !server.isDraining { server.noteTimeout(hasServed ? .idle : .head) }
        end()
    }

    /// Closes the connection; a second time does nothing.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        isResting = false
        if let lateFlush { server.loop.remove(lateFlush) }
        if let alarm { server.loop.remove(alarm) }
        stream.observeReadiness(nil)
        if isBroken { stream.close() } else { stream.closeOrderly() }
        server.ended(self)
    }

    /// Waits for more of a head that has begun; a drain ends that too, for no exchange has.
    func waitForRestOfHead(until deadline: MonotonicInstant) async -> WaitOutcome {
        isIdle = true
        idleSince = server.loop.now
        defer { isIdle = false }
        return await stream.waitReadable(
            until: min(deadline, server.idleDeadline(server.timeouts.head)))
    }

    /// Ends the connection if it has waited for a request since before that instant, and none has come.
    func endIfIdle(since instant: MonotonicInstant) {
        guard isIdle, idleSince <= instant, !stream.mayHaveMore else { return }
        // A wait that has just timed out is no longer there to be interrupted: its task must not rest instead.
        idleUntil = server.loop.now
        if isResting { end() } else { stream.interrupt() }
    }

    /// Whether an exchange has begun and its handler has not returned.
    var isHandling: Bool { driver?.state.value.isHandling ?? false }

    /// The server drains: streams without an end of their own are ended.
    func drainBegan() {
        driver?.drainBegan()
    }

    /// Ends the connection whatever it does.
    func cutOff() {
        isCutOff = true
        driver?.noteInterruption()
        if isResting { return end() }
        stream.interrupt()
        cancelTask()
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

    /// Counts a request that begins.
    func noteRequest() {
        requestCount = requestCount == .max ? .max : requestCount + 1
    }

    /// Whether the connection has had its share of requests.
    var hasServedEnough: Bool { Int(requestCount) >= server.limits.requestsPerConnectionMax }

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

    /// Hands gathered answers over at the loop's next turn, unless more answers complete them before.
    ///
    /// So answers are gathered while handlers answer at once, and none waits for a slow handler behind it.
    func flushSoon() {
        let flush = lateFlush ?? Deadline { [unowned self] in flushLate() }
        lateFlush = flush
        lateFlushPause = FlushPause()
        server.loop.arm(flush, at: server.loop.now)
    }

    private func flushLate() {
        // What goes wrong here goes wrong again, and is told, when the connection's task writes or reads.
        guard let lateFlush, let driver else { return }
        let countBefore = driver.state.value.output.pendingCount
        guard (try? driver.flush()) == .mustDrain else { return }
        // Only one may wait for the socket, and a handler that writes is to be the one: so this looks now and then.
        let taken = countBefore - driver.state.value.output.pendingCount
        server.loop.arm(lateFlush, at: deadline(lateFlushPause.next(taken: taken)))
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
        let host = address.host
        guard let port = address.port else {
            self = address.isInProcess ? .none : .unix(host)
            return
        }
        self = host.contains(":") ? .ipv6(host, port: Int(port)) : .ipv4(host, port: Int(port))
    }
}

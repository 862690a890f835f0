import SpoorHTTP
import SpoorNetworking

/// The life of one connection: wait for a request without holding anything, serve what is there, wait again.
final class ServerConnection {
    let stream: any ByteStream
    var info: ConnectionInfo
    let server: LoopServer
    /// Whether the connection waits for a request: a drain ends it then.
    private var isIdle = true
    /// Whether an exchange broke off, so that the peer must not take what it got for whole.
    var isBroken = false
    /// Whether the server has ended the connection, whatever it did.
    private(set) var isCutOff = false
    /// How many requests have begun; a counter of half a word beside the flags, for an idle connection is small.
    private var requestCount: UInt32 = 0
    /// Sends answers that were gathered, should the next handler keep them waiting; made when first needed.
    private var lateFlush: Deadline?
    private var driver: ExchangeDriver?

    init(_ stream: any ByteStream, on server: LoopServer) {
        self.stream = stream
        self.server = server
        info = ConnectionInfo(
            peer: .init(stream.peer), local: (try? stream.local).map { .init($0) } ?? .none)
    }

    /// Serves until either side ends the connection.
    func run() async {
        // A connection that says nothing at all gets as long as a head may take.
        var timeout = server.timeouts.head
        while await stream.waitReadable(until: deadline(timeout)) == .ready {
            isIdle = false
            let (driver, exchange) = server.lend(to: self)
            self.driver = driver
            driver.watchPeer()
            let goesOn = await driver.serve(exchange)
            driver.unwatchPeer()
            self.driver = nil
            if let lateFlush { server.loop.disarm(lateFlush) }
            server.takeBack(driver, exchange)
            guard goesOn, !server.isDraining else { break }
            isIdle = true
            timeout = server.timeouts.idle
        }
        if let lateFlush { server.loop.remove(lateFlush) }
        if isBroken { stream.close() } else { stream.closeOrderly() }
        server.ended(self)
    }

    /// Waits for more of a head that has begun; a drain ends that too, for no exchange has.
    func waitForRestOfHead(until deadline: MonotonicInstant) async -> WaitOutcome {
        isIdle = true
        defer { isIdle = false }
        return await stream.waitReadable(until: deadline)
    }

    /// Ends the connection if it waits for a request.
    func endIfIdle() {
        if isIdle { stream.interrupt() }
    }

    /// Ends the connection whatever it does.
    func cutOff() {
        isCutOff = true
        stream.interrupt()
    }

    /// Ends the present waits for the peer, and lets later ones wait again.
    func wakeWaiting() {
        guard !isCutOff else { return }
        stream.interrupt()
        stream.clearInterruption()
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
            return try buffer.fill(from: stream)
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
        server.loop.arm(flush, at: server.loop.now)
    }

    private func flushLate() {
        // What goes wrong here goes wrong again, and is told, when the connection's task writes or reads.
        _ = try? driver?.flush()
    }
}

extension ConnectionInfo.Endpoint {
    /// The address as a request's handler sees it.
    init(_ address: SocketAddress) {
        let host = address.host
        guard let port = address.port else {
            self = .unix(host)
            return
        }
        self = host.contains(":") ? .ipv6(host, port: Int(port)) : .ipv4(host, port: Int(port))
    }
}

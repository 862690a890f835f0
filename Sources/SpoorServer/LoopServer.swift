import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking
import SpoorTLS
import SpoorText

/// The part of a server on one event loop: accepts connections, keeps track of them, and provides their workspaces.
///
/// All of it is confined to the loop's thread.
final class LoopServer: @unchecked Sendable {
    // Unchecked, because it is created and used by tasks that run on the loop only; streams check that.

    let loop: EventLoop
    let chain: MiddlewareChain
    let limits: ServerLimits
    let logger: Logger
    let rejectionHandler: RejectionHandler?
    private let acceptor: Acceptor
    let progress: ShutdownProgress
    /// The exchanges, as the watchdog sees them.
    let activities = ExchangeActivityList()
    /// The TLS servers whose reloads are counted here.
    private let tlsServers: [TLSServer]
    private let metrics: ServerMetrics
    /// Set only on one loop of a server.
    private let poolMetrics: BlockingPoolMetrics?

    /// The state that every request accesses, in a place without run-time exclusivity checks.
    private struct State {
        var workspaces = WorkspacePool()
        var datedAt: UInt64 = 0
        var date = DateHeader(unixSeconds: WallClock.secondsSinceEpoch())
        var hasBegunDraining = false
        var counters = ServerCounters()
    }

    private let state = TaskConfined(State())
    private var connections: [ObjectIdentifier: ConnectionDriver] = [:]
    /// The connections that have something to do and no task yet.
    private var starting: [ConnectionDriver] = []
    private var starter: CheckedContinuation<Void, Never>?
    private var isAccepting = true
    private var deadlines: [Deadline] = []
    private var publication: Deadline?

    /// The `Date` header of responses.
    var date: DateHeader {
        refreshDate()
        return state.value.date
    }
    /// Whether connections are to end with their current exchange.
    var isDraining: Bool { progress.isDraining }

    /// The timeouts in nanoseconds, ready to be added to an instant.
    struct Timeouts {
        let head, idle, body, write, linger, handshake, idleConnectionGracePeriod: UInt64
    }

    let timeouts: Timeouts

    init(
        loop: EventLoop, listeners: [BoundListener], chain: MiddlewareChain, limits: ServerLimits,
        maxConnections: Int, peers: PeerTable?, progress: ShutdownProgress, tlsServers: [TLSServer],
        metrics: ServerMetrics, poolMetrics: BlockingPoolMetrics?,
        logger: Logger, rejectionHandler: RejectionHandler?
    ) {
        self.loop = loop
        self.chain = chain
        self.limits = limits
        acceptor = Acceptor(
            listeners, on: loop, maxConnections: maxConnections, peers: peers)
        self.progress = progress
        self.tlsServers = tlsServers
        self.metrics = metrics
        self.poolMetrics = poolMetrics
        self.logger = logger
        self.rejectionHandler = rejectionHandler
        timeouts = Timeouts(
            head: limits.headTimeout.wholeNanoseconds, idle: limits.idleTimeout.wholeNanoseconds,
            body: limits.bodyTimeout.wholeNanoseconds, write: limits.writeTimeout.wholeNanoseconds,
            linger: limits.lingerTimeout.wholeNanoseconds,
            handshake: limits.handshakeTimeout.wholeNanoseconds,
            idleConnectionGracePeriod: limits.idleConnectionGracePeriod.wholeNanoseconds)
    }

    deinit {
        state.value.workspaces.deallocate()
        state.deallocate()
    }

    /// The addresses that the server listens on, on this loop.
    var addresses: [SocketAddress] { acceptor.addresses }

    /// Accepts and serves until drained or aborted.
    func run() async {
        publishEverySecond()
        await withDiscardingTaskGroup { group in
            group.addTask(executorPreference: self.loop) { await self.accept() }
            while let connections = await self.nextToStart() {
                for connection in connections {
                    group.addTask(executorPreference: self.loop) { await connection.run() }
                }
            }
        }
        for deadline in deadlines { loop.remove(deadline) }
        if let publication { loop.remove(publication) }
        acceptor.end()
        publish()
    }

    // MARK: Accepting

    private func accept() async {
        await acceptor.run(for: self)
        isAccepting = false
        wakeStarter()
    }

    /// Opens an accepted connection; returns false if OpenSSL has no memory for it.
    func open(_ stream: any ByteStream, securedBy tls: TLSServer?) -> Bool {
        var handshake: TLSStream?
        if let tls {
            handshake = secure(stream, by: tls)
            guard handshake != nil else { return false }
        }
        let connection = ConnectionDriver(handshake ?? stream, on: self, handshake: handshake)
        connections[ObjectIdentifier(connection)] = connection
        connection.begin()
        return true
    }

    // MARK: Starting tasks

    /// Starts a task for a connection that has something to do, in the group that `run` keeps open, so that it is a
    /// child task and inherits everything that child tasks inherit.
    func start(_ connection: ConnectionDriver) {
        starting.append(connection)
        wakeStarter()
    }

    private func wakeStarter() {
        starter?.resume()
        starter = nil
    }

    /// Returns the connections to start; nil when there will be no more.
    private func nextToStart() async -> [ConnectionDriver]? {
        while starting.isEmpty {
            if !isAccepting, connections.isEmpty { return nil }
            await withCheckedContinuation { starter = $0 }
        }
        defer { starting.removeAll(keepingCapacity: true) }
        return starting
    }

    // MARK: Ending

    /// Accepts connections whose handshakes have begun, then stops accepting; event streams and upgraded connections end, idle
    /// connections stay open for the grace period, and all responses contain `Connection: close`.
    func drain() {
        guard !state.value.hasBegunDraining else { return }
        state.value.hasBegunDraining = true
        let began = loop.now
        for connection in connections.values { connection.drainBegan() }
        acceptor.stop()
        after(limits.idleConnectionGracePeriod) { server in
            for connection in server.connections.values { connection.endIfIdle(since: began) }
        }
    }

    /// Ends all connections immediately, and returns the number of aborted exchanges.
    func abort() -> Int {
        drain()
        acceptor.close()
        // Counted before the first is cancelled: a handler may return immediately.
        let exchangeCount = connections.values.count(where: \.machine.isHandling)
        state.value.counters.aborted += exchangeCount
        for connection in connections.values { connection.abort() }
        after(Self.cancellationPatience) { $0.logRunningHandlers() }
        return exchangeCount
    }

    /// The time after which handlers that were cancelled and have not returned are logged.
    private static let cancellationPatience = Duration.seconds(2)

    /// Logs the routes of handlers that ignore their cancellation: the server cannot stop before they return.
    private func logRunningHandlers() {
        let requests = connections.values.compactMap(\.handledRequest)
        guard !requests.isEmpty else { return }
        logger.warning(
            "cancelled handlers still running, server stops after they have returned",
            metadata: [
                "handlers": "\(requests.count)",
                "requests": "\(Set(requests).sorted().prefix(10).joined(separator: ", "))",
            ])
    }

    private func after(_ duration: Duration, _ step: @escaping (LoopServer) -> Void) {
        let deadline = Deadline { [weak self] in if let self { step(self) } }
        deadlines.append(deadline)
        loop.arm(deadline, at: loop.now.advanced(by: duration))
    }

    // MARK: Counting

    /// The counters that the loop increments itself.
    var count: ServerCounters {
        _read { yield state.value.counters }
        _modify { yield &state.value.counters }
    }

    /// All counters of the loop; on the loop, or after its end.
    var counters: ServerCounters {
        var all = count
        all.open = connections.count
        all.loopStalls = loop.stallCount
        all.acceptShortages = acceptor.shortageCount
        for counts in tlsServers.map(\.reloadCounts) {
            if counts.reloaded > 0 {
                all.certificateReloads["reloaded", default: 0] += counts.reloaded
            }
            if counts.failed > 0 { all.certificateReloads["failed", default: 0] += counts.failed }
        }
        return all
    }

    private func publishEverySecond() {
        let publication = publication ?? Deadline { [weak self] in self?.publishEverySecond() }
        self.publication = publication
        publish()
        loop.arm(publication, at: loop.now.advanced(by: .seconds(1)))
    }

    private func publish() {
        metrics.publish(counters)
        metrics.record(lagNanoseconds: loop.takeLongestTurn())
        poolMetrics?.publish(BlockingPoolRegistry.process.counters)
    }

    // MARK: For the connections

    /// Removes a connection that has closed.
    func ended(_ connection: ConnectionDriver) {
        connections[ObjectIdentifier(connection)] = nil
        acceptor.connectionEnded(connection.stream)
        if connections.isEmpty { wakeStarter() }
    }

    /// Returns the deadline of a wait that begins now; waits are shorter while the server drains.
    func idleDeadline(_ nanoseconds: UInt64) -> MonotonicInstant {
        loop.now.advanced(
            byNanoseconds: isDraining
                ? min(nanoseconds, timeouts.idleConnectionGracePeriod) : nanoseconds)
    }

    /// Returns a workspace for a connection that has something to read.
    func acquireWorkspace() -> TaskConfined<ExchangeWorkspace> {
        state.value.counters.active += 1
        if let unused = state.value.workspaces.take() { return unused }
        let workspace = ExchangeWorkspace(limits: limits.http1)
        activities.add(workspace.exchange.activity)
        return TaskConfined(workspace)
    }

    /// Keeps an unused workspace for the next connection.
    func releaseWorkspace(_ workspace: TaskConfined<ExchangeWorkspace>) {
        state.value.counters.active -= 1
        let activity = workspace.value.exchange.activity
        activity.end()
        if state.value.workspaces.keep(workspace) { return }
        activities.remove(activity)
        workspace.deallocate()
    }

    private func refreshDate() {
        let second = loop.now.nanoseconds / 1_000_000_000
        guard second != state.value.datedAt else { return }
        state.value.datedAt = second
        state.value.date.refresh(unixSeconds: WallClock.secondsSinceEpoch())
    }
}

/// Counters of a loop: plain numbers in its own memory, published to swift-metrics once per second.
extension LoopServer {
    /// Counts a request.
    func countRequest() { count.requests &+= 1 }

    /// Counts bytes that were read from a connection.
    func countReceived(_ bytes: Int) { count.bytesReceived &+= bytes }

    /// Counts bytes that were passed to the kernel.
    func countSent(_ bytes: Int) { count.bytesSent &+= bytes }

    /// Counts a request that is rejected before a handler is called, or whose body is rejected.
    ///
    /// - Parameters:
    ///   - status: The status code that is sent; 0 for none.
    ///   - cause: The cause, one of a small set, because it is a metric dimension.
    func countRejection(_ status: Int, because cause: String) {
        count.rejections[.init(status: status, cause: cause), default: 0] += 1
    }

    /// Counts an expired timeout.
    func countTimeout(_ phase: ServerCounters.Timeout) { count.timeouts[phase, default: 0] += 1 }

    /// Counts the start of a TLS handshake on an open connection.
    func countHandshakeStart() { count.handshaking += 1 }

    /// Counts the end of a TLS handshake; called once for each that has started.
    func countHandshakeEnd(_ outcome: String) {
        count.handshaking -= 1
        count.handshakes[outcome, default: 0] += 1
    }
}

import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking
import SpoorTLS

/// A server's part on one event loop: it accepts there, knows its connections, and lends them what they need.
///
/// All of it belongs to the loop's thread.
final class LoopServer: @unchecked Sendable {
    // Unchecked, because it is made and used by tasks that run on the loop only; streams check that.

    let loop: EventLoop
    let chain: MiddlewareChain
    let limits: ServerLimits
    let logger: Logger
    let rejectionHandler: RejectionHandler?
    let listeners: [BoundListener]
    private let connectionsMax: Int
    private let peers: PeerTable?
    let progress: ShutdownProgress
    /// The exchanges, as the watchdog sees them.
    let probes = ProbeList()
    /// Those whose reloads are counted here.
    private let secured: [TLSServer]
    private let metrics: ServerMetrics
    /// Only on one loop of a server.
    private let poolMetrics: BlockingPoolMetrics?

    /// What every request touches, in a place without run-time guards.
    private struct State {
        var spare: [(driver: ConnectionDriver, exchange: Exchange)] = []
        var datedAt: UInt64 = 0
        var date = DateField(unixSeconds: WallClock.secondsSinceEpoch())
        var hasBegunDraining = false
        var counters = ServerCounters()
    }

    private let state = TaskConfined(State())
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var refusedPeers: [ObjectIdentifier: RefusedPeer] = [:]
    private var roomWaiters: [CheckedContinuation<Void, Never>] = []
    /// Connections that have something to do and no task yet.
    private var starting: [ServerConnection] = []
    private var starter: CheckedContinuation<Void, Never>?
    private var acceptorCount: Int
    private var deadlines: [Deadline] = []
    private var publication: Deadline?

    /// The `Date` of answers that are made now.
    var date: DateField {
        refreshDate()
        return state.value.date
    }
    /// Whether connections are to end with their present exchange.
    var isDraining: Bool { progress.isDraining }

    /// The time-outs in nanoseconds, ready to be added to an instant.
    struct Timeouts {
        let head, idle, body, write, linger, handshake, drainIdleGrace: UInt64
    }

    let timeouts: Timeouts

    /// More idle sets of buffers than this are not kept: 16 KiB and more each.
    private static let spareMax = 256

    /// More refused peers than this at once get no answer.
    private static let refusedPeersMax = 64

    init(
        loop: EventLoop, listeners: [BoundListener], chain: MiddlewareChain, limits: ServerLimits,
        connectionsMax: Int, peers: PeerTable?, progress: ShutdownProgress, secured: [TLSServer],
        metrics: ServerMetrics, poolMetrics: BlockingPoolMetrics?,
        logger: Logger, rejectionHandler: RejectionHandler?
    ) {
        self.loop = loop
        self.listeners = listeners
        self.chain = chain
        self.limits = limits
        self.connectionsMax = connectionsMax
        self.peers = peers
        self.progress = progress
        self.secured = secured
        self.metrics = metrics
        self.poolMetrics = poolMetrics
        self.logger = logger
        self.rejectionHandler = rejectionHandler
        acceptorCount = listeners.count
        timeouts = Timeouts(
            head: limits.headTimeout.wholeNanoseconds, idle: limits.idleTimeout.wholeNanoseconds,
            body: limits.bodyTimeout.wholeNanoseconds, write: limits.writeTimeout.wholeNanoseconds,
            linger: limits.lingerTimeout.wholeNanoseconds,
            handshake: limits.handshakeTimeout.wholeNanoseconds,
            drainIdleGrace: limits.drainIdleGrace.wholeNanoseconds)
    }

    deinit {
        state.deallocate()
    }

    /// Where the server listens on this loop.
    var addresses: [SocketAddress] { listeners.map(\.listener.address) }

    /// Accepts and serves until drained or cut off.
    func run() async {
        publishEverySecond()
        await withDiscardingTaskGroup { group in
            for bound in listeners {
                group.addTask(executorPreference: self.loop) { await self.accept(from: bound) }
            }
            while let connections = await self.nextToStart() {
                for connection in connections {
                    group.addTask(executorPreference: self.loop) { await connection.run() }
                }
            }
        }
        for deadline in deadlines { loop.remove(deadline) }
        if let publication { loop.remove(publication) }
        for peer in refusedPeers.values { peer.end() }
        for bound in listeners { bound.listener.close() }
        // Each of them holds the server that lends it.
        state.value.spare.removeAll()
        publish()
    }

    // MARK: Accepting

    private func accept(from bound: BoundListener) async {
        do {
            while true {
                while connections.count >= connectionsMax, !isDraining {
                    await withCheckedContinuation { roomWaiters.append($0) }
                }
                guard let stream = try await bound.listener.accept() else { break }
                admit(stream, from: bound)
            }
        } catch {
            logger.critical(
                "accepting has ended",
                metadata: ["address": "\(bound.listener.address)", "error": "\(error)"])
        }
        acceptorCount -= 1
        wakeStarter()
    }

    /// Takes a connection in, or refuses it.
    private func admit(_ stream: any ByteStream, from bound: BoundListener) {
        state.value.counters.accepted += 1
        if let peers, let peer = stream.peer.peerNetwork, !peers.admit(peer) {
            return refuse(stream, from: bound)
        }
        let secured = bound.tls.map { secure(stream, by: $0) }
        // OpenSSL had no memory for it.
        if case .some(nil) = secured { return leave(stream) }
        let tls = secured ?? nil
        let connection = ServerConnection(tls ?? stream, on: self, handshake: tls)
        connections[ObjectIdentifier(connection)] = connection
        connection.begin()
    }

    /// The peer has a connection less.
    private func leave(_ stream: any ByteStream) {
        if let peers, let peer = stream.peer.peerNetwork { peers.leave(peer) }
    }

    private func refuse(_ stream: any ByteStream, from bound: BoundListener) {
        state.value.counters.refusedPeers += 1
        // Who speaks TLS has nothing to read in plain HTTP.
        guard bound.tls == nil, refusedPeers.count < Self.refusedPeersMax else {
            return stream.close()
        }
        let rejected = RejectedRequest(
            .serviceUnavailable, because: "connectionsPerPeerMax",
            limit: .init(
                name: "connectionsPerPeerMax", value: limits.connectionsPerPeerMax,
                unit: "connections"),
            connection: ConnectionInfo(of: stream))
        log(rejected)
        var answer: [UInt8] = []
        append(rejected, to: &answer)
        let key = ObjectIdentifier(stream)
        refusedPeers[key] = RefusedPeer(stream, answer: answer, lingering: timeouts.linger) {
            [unowned self] in refusedPeers[key] = nil
        }
    }

    private func makeRoom() {
        for waiter in roomWaiters { waiter.resume() }
        roomWaiters.removeAll()
    }

    // MARK: Starting tasks

    /// Starts a task for a connection that has something to do: in the group that `run` keeps open, so that it is a child with
    /// all that children inherit.
    func start(_ connection: ServerConnection) {
        starting.append(connection)
        wakeStarter()
    }

    private func wakeStarter() {
        starter?.resume()
        starter = nil
    }

    /// The connections to start; nil when there will be none any more.
    private func nextToStart() async -> [ServerConnection]? {
        while starting.isEmpty {
            if acceptorCount == 0, connections.isEmpty { return nil }
            await withCheckedContinuation { starter = $0 }
        }
        defer { starting.removeAll(keepingCapacity: true) }
        return starting
    }

    // MARK: Ending

    /// Accepts what is on its way here, then no more; streams without an end are ended, idle connections stay for a moment, and
    /// all answers say that the connection closes.
    func drain() {
        guard !state.value.hasBegunDraining else { return }
        state.value.hasBegunDraining = true
        makeRoom()
        let began = loop.now
        for connection in connections.values { connection.drainBegan() }
        stopAccepting()
        after(limits.drainIdleGrace) { server in
            for connection in server.connections.values { connection.endIfIdle(since: began) }
        }
    }

    private func stopAccepting() {
        let shared = listeners.filter(\.origin.sharesPort)
        let near = listeners.filter { !$0.origin.sharesPort && !$0.isReachedOverNetworks }
        let far = listeners.filter { !$0.origin.sharesPort && $0.isReachedOverNetworks }
        stopAccepting(at: near, after: Self.queueFills)
        stopAccepting(at: far, after: Self.handshakesEnd)
        guard !shared.isEmpty else { return }
        // Another process may listen there too: nobody is to fall between the two.
        for bound in shared { bound.listener.leadAway() }
        after(Self.handshakesEnd) { server in
            server.stopAccepting(at: shared, after: Self.queueFills)
        }
    }

    /// Lets no more connections begin, and accepts those that have begun.
    private func stopAccepting(at listeners: [BoundListener], after wait: Duration) {
        guard !listeners.isEmpty else { return }
        for bound in listeners { bound.listener.deafen() }
        after(wait) { _ in
            for bound in listeners {
                bound.listener.leadBack()
                bound.listener.finish()
            }
        }
    }

    /// How long the last handshakes are given to reach the kernel's queue, where no network is between.
    private static let queueFills = Duration.milliseconds(20)

    /// How long handshakes that have begun are waited for: a round trip around the world and more.
    private static let handshakesEnd = Duration.milliseconds(500)

    /// Ends all connections, whatever they do, and returns how many exchanges that cut off.
    func cutOff() -> Int {
        drain()
        for bound in listeners { bound.listener.close() }
        // Counted before the first is cancelled: a handler may return at once.
        let exchangeCount = connections.values.count(where: \.isHandling)
        state.value.counters.cutOff += exchangeCount
        for connection in connections.values { connection.cutOff() }
        return exchangeCount
    }

    private func after(_ duration: Duration, _ step: @escaping (LoopServer) -> Void) {
        let deadline = Deadline { [weak self] in if let self { step(self) } }
        deadlines.append(deadline)
        loop.arm(deadline, at: loop.now.advanced(by: duration))
    }

    // MARK: Counting

    /// What the loop counts by itself.
    var count: ServerCounters {
        _read { yield state.value.counters }
        _modify { yield &state.value.counters }
    }

    /// All that the loop has counted; on the loop, or after its end.
    var counters: ServerCounters {
        var all = count
        all.open = connections.count
        all.loopStalls = loop.stallCount
        all.acceptShortages = listeners.map(\.listener.shortageCount).reduce(0, +)
        for counts in secured.map(\.reloadCounts) {
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

    /// Forgets a connection that has closed.
    func ended(_ connection: ServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
        leave(connection.stream)
        makeRoom()
        if connections.isEmpty { wakeStarter() }
    }

    /// When a connection that begins to wait has waited for so long; the wait is shorter while the server drains.
    func idleDeadline(_ nanoseconds: UInt64) -> MonotonicInstant {
        loop.now.advanced(
            byNanoseconds: isDraining ? min(nanoseconds, timeouts.drainIdleGrace) : nanoseconds)
    }

    /// Lends buffers and an exchange to a connection that has something to do.
    func lend(
        to connection: ServerConnection, _ machine: ServerConnectionMachine
    ) -> (ConnectionDriver, Exchange) {
        state.value.counters.active += 1
        guard let lent = state.value.spare.popLast() else {
            let driver = ConnectionDriver(server: self, connection: connection, machine)
            let exchange = Exchange(transport: driver)
            probes.add(exchange.probe)
            return (driver, exchange)
        }
        lent.driver.begin(connection, machine)
        return lent
    }

    /// Takes back what was lent.
    func takeBack(_ driver: ConnectionDriver, _ exchange: Exchange) {
        state.value.counters.active -= 1
        exchange.probe.end()
        if state.value.spare.count < Self.spareMax {
            state.value.spare.append((driver, exchange))
        } else {
            probes.remove(exchange.probe)
        }
    }

    private func refreshDate() {
        let second = loop.now.nanoseconds / 1_000_000_000
        guard second != state.value.datedAt else { return }
        state.value.datedAt = second
        state.value.date.refresh(unixSeconds: WallClock.secondsSinceEpoch())
    }
}

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
    private let listeners: [BoundListener]
    private let connectionsMax: Int

    /// What every request touches, in a place without run-time guards.
    private struct State {
        var spare: [(driver: ExchangeDriver, exchange: Exchange)] = []
        var datedAt: UInt64 = 0
        var date = DateField(unixSeconds: WallClock.secondsSinceEpoch())
        var isDraining = false
        var requestCount = 0
        var refusedCount = 0
        var handshakes = HandshakeCounts()
    }

    private let state = TaskConfined(State())
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var roomWaiters: [CheckedContinuation<Void, Never>] = []

    /// The `Date` of answers that are made now.
    var date: DateField { state.value.date }
    /// Whether connections are to end with their present exchange.
    var isDraining: Bool { state.value.isDraining }

    /// The time-outs in nanoseconds, ready to be added to an instant.
    struct Timeouts {
        let head, idle, body, write, linger, handshake: UInt64
    }

    let timeouts: Timeouts

    /// More idle sets of buffers than this are not kept: 16 KiB and more each.
    private static let spareMax = 256

    init(
        loop: EventLoop, listeners: [BoundListener], chain: MiddlewareChain, limits: ServerLimits,
        connectionsMax: Int, logger: Logger
    ) {
        self.loop = loop
        self.listeners = listeners
        self.chain = chain
        self.limits = limits
        self.connectionsMax = connectionsMax
        self.logger = logger
        timeouts = Timeouts(
            head: limits.headTimeout.wholeNanoseconds, idle: limits.idleTimeout.wholeNanoseconds,
            body: limits.bodyTimeout.wholeNanoseconds, write: limits.writeTimeout.wholeNanoseconds,
            linger: limits.lingerTimeout.wholeNanoseconds,
            handshake: limits.handshakeTimeout.wholeNanoseconds)
    }

    deinit {
        state.deallocate()
    }

    /// Where the server listens on this loop.
    var addresses: [SocketAddress] { listeners.map(\.listener.address) }

    /// Accepts and serves until drained; cancelling cuts connections off.
    func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for bound in listeners {
                    group.addTask(executorPreference: self.loop) { await self.accept(from: bound) }
                }
            }
        } onCancel: {
            loop.execute { self.cutOff() }
        }
    }

    /// Stops accepting, ends idle connections, and lets the others finish their exchanges.
    func drain() {
        state.value.isDraining = true
        for bound in listeners { bound.listener.close() }
        for connection in connections.values { connection.endIfIdle() }
        makeRoom()
    }

    /// Ends all connections, whatever they do.
    private func cutOff() {
        drain()
        for connection in connections.values { connection.cutOff() }
    }

    private func accept(from bound: BoundListener) async {
        let listener = bound.listener
        await withDiscardingTaskGroup { group in
            do {
                while true {
                    while connections.count >= connectionsMax, !isDraining {
                        await withCheckedContinuation { roomWaiters.append($0) }
                    }
                    guard let stream = try await listener.accept() else { break }
                    if let tls = bound.tls {
                        guard let secure = secure(stream, by: tls) else { continue }
                        let connection = ServerConnection(secure, on: self)
                        connections[ObjectIdentifier(connection)] = connection
                        group.addTask(executorPreference: loop) { await connection.run(secure) }
                        continue
                    }
                    let connection = ServerConnection(stream, on: self)
                    connections[ObjectIdentifier(connection)] = connection
                    group.addTask(executorPreference: loop) { await connection.run() }
                }
            } catch {
                logger.critical(
                    "accepting has ended",
                    metadata: ["address": "\(listener.address)", "error": "\(error)"])
            }
        }
    }

    // MARK: For the connections

    /// Forgets a connection that has closed.
    func ended(_ connection: ServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
        makeRoom()
    }

    /// Lends buffers and an exchange to a connection that has something to do.
    func lend(to connection: ServerConnection) -> (ExchangeDriver, Exchange) {
        refreshDate()
        guard let lent = state.value.spare.popLast() else {
            let driver = ExchangeDriver(server: self, connection: connection)
            return (driver, Exchange(transport: driver))
        }
        lent.driver.begin(connection)
        return lent
    }

    /// Takes back what was lent.
    func takeBack(_ driver: ExchangeDriver, _ exchange: Exchange) {
        if state.value.spare.count < Self.spareMax { state.value.spare.append((driver, exchange)) }
    }

    /// How many requests have begun, and how many were refused before anybody could handle them; for when the loop has ended.
    var counts: (requests: Int, refused: Int) {
        (state.value.requestCount, state.value.refusedCount)
    }

    /// Counts a request that begins.
    func noteRequest() { state.value.requestCount &+= 1 }

    /// Counts a request that is refused before anybody could handle it.
    func noteRefusal() { state.value.refusedCount &+= 1 }

    /// The handshakes so far.
    var handshakes: HandshakeCounts { state.value.handshakes }

    /// Counts a handshake that has succeeded.
    func noteHandshake(isResumed: Bool) {
        state.value.handshakes.completed &+= 1
        if isResumed { state.value.handshakes.resumed &+= 1 }
    }

    /// Counts a handshake that has failed.
    func noteHandshake(failed cause: TLSHandshakeError.Cause) {
        state.value.handshakes.failed[cause, default: 0] &+= 1
    }

    private func refreshDate() {
        let second = loop.now.nanoseconds / 1_000_000_000
        guard second != state.value.datedAt else { return }
        state.value.datedAt = second
        state.value.date.refresh(unixSeconds: WallClock.secondsSinceEpoch())
    }

    private func makeRoom() {
        for waiter in roomWaiters { waiter.resume() }
        roomWaiters.removeAll()
    }
}

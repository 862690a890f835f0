public import Logging
public import Metrics
public import ServiceLifecycle
public import SpoorMiddleware
public import SpoorNetworking
import SpoorTLS
import Synchronization
public import UnixSignals

/// An HTTP/1.1 server: addresses to listen at, a chain of middlewares, a handler.
///
/// ```swift
/// let server = HTTPServer(listening: .loopback(port: 8080), middleware: [AccessLog()], handler: routes)
/// try await server.runUntilSignal()
/// ```
///
/// Every connection is one task on one event loop, and handlers run on that loop's thread: await, never block. A graceful
/// shutdown (a signal, the service group's, ``beginShutdown()``) stops accepting, says `Connection: close` in every answer, lets
/// exchanges in flight finish, ends idle connections after ``ServerLimits/drainIdleGrace``, and cuts off what takes longer than ``ServerLimits/drainTimeout``; cancelling ``run()`` cuts off at once.
public final class HTTPServer: Service {
    private let addresses: [ListenAddress]
    private let chain: MiddlewareChain
    private let limits: ServerLimits
    private let loopCount: Int
    private let logger: Logger
    private let metrics: (any MetricsFactory)?
    private let state = Mutex(State())
    private let stopRequests = AsyncStream.makeStream(of: Void.self)

    private struct State {
        var hasRun = false
        var hasEnded = false
        var secured: [TLSServer] = []
        var isDraining = false
        var servers: [LoopServer] = []
        var outcome: Result<[SocketAddress], any Error>?
        var awaiting: [CheckedContinuation<[SocketAddress], any Error>] = []
    }

    /// Makes a server that listens at several addresses; it does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - addresses: Where to listen; port 0 lets the kernel choose, see ``boundAddresses()``.
    ///   - middleware: The chain around the handler, the outermost first.
    ///   - handler: What answers, such as a ``Router``.
    ///   - limits: Bounds and time-outs.
    ///   - loopCount: How many event loops, each a thread with listeners of its own; one a core if nil. With more than one,
    ///     the kernel deals the connections of a TCP port among them (`SO_REUSEPORT`).
    ///   - logger: Where the server's own life is told.
    ///   - metrics: Where counters go once a second, under names that begin with `spoor.server.`; the bootstrapped
    ///     `MetricsSystem` if nil.
    public init(
        listening addresses: [ListenAddress],
        middleware: [any Middleware] = [],
        handler: any Handler,
        limits: ServerLimits = ServerLimits(),
        loopCount: Int? = nil,
        logger: Logger = Logger(label: "spoor.server"),
        metrics: (any MetricsFactory)? = nil
    ) {
        self.addresses = addresses
        chain = MiddlewareChain(middleware, handler: handler)
        self.limits = limits
        self.loopCount = loopCount ?? EventLoopGroup.allowedCoreCount
        self.logger = logger
        self.metrics = metrics
    }

    /// Makes a server that listens at one address; see ``init(listening:middleware:handler:limits:loopCount:logger:metrics:)-([ListenAddress],_,_,_,_,_,_)``.
    public convenience init(
        listening address: ListenAddress,
        middleware: [any Middleware] = [],
        handler: any Handler,
        limits: ServerLimits = ServerLimits(),
        loopCount: Int? = nil,
        logger: Logger = Logger(label: "spoor.server"),
        metrics: (any MetricsFactory)? = nil
    ) {
        self.init(
            listening: [address], middleware: middleware, handler: handler, limits: limits,
            loopCount: loopCount, logger: logger, metrics: metrics)
    }

    /// Serves until one of the signals, then drains; for a program that has no service group of its own.
    ///
    /// - Parameters:
    ///   - signals: What begins the graceful shutdown. If an address has TLS, `SIGHUP` makes the server read its
    ///     certificates again.
    ///   - services: What starts before the server and stops after it, such as a reporter.
    /// - Throws: As ``run()``.
    public func runUntilSignal(
        _ signals: [UnixSignal] = [.sigint, .sigterm], with services: [any Service] = []
    ) async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: (services + reloading).map { .init(service: $0) }
                    + [.init(service: self, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: signals,
                logger: logger))
        try await group.run()
    }

    /// Serves until a graceful shutdown has ended; once.
    ///
    /// - Throws: ``ServerError``, or `SystemError` when the kernel has no threads or descriptors left.
    public func run() async throws {
        let isFirst = state.withLock { state in
            defer { state.hasRun = true }
            return !state.hasRun
        }
        guard isFirst else { throw ServerError.runTwice }
        defer { state.withLock { $0.hasEnded = true } }
        do {
            try limits.validate()
            guard !addresses.isEmpty else { throw ServerError.noAddress }
            DescriptorLimit.raise()
            let group = try startLoops()
            do {
                try await run(on: group)
            } catch {
                await group.shutdown()
                throw error
            }
            await group.shutdown()
        } catch {
            settle(.failure(error))
            throw error
        }
    }

    /// What the server has done so far and what it does now, summed over its loops; zeros before it listens.
    public var counters: ServerCounters {
        get async {
            var sum = ServerCounters()
            for server in state.withLock({ $0.servers }) {
                sum += await withCheckedContinuation { continuation in
                    server.loop.execute { continuation.resume(returning: server.counters) }
                }
            }
            return sum
        }
    }

    /// Whether a graceful shutdown has begun, or the end of one: for a health check that tells balancers to look elsewhere.
    public var isDraining: Bool { state.withLock(\.isDraining) }

    /// Begins a graceful shutdown; ``run()`` returns when it has ended.
    public func beginShutdown() {
        stopRequests.continuation.yield()
    }

    /// Reads the files of all certificates and keys again, now; new connections see the new ones, others go on with theirs.
    ///
    /// The server does so by itself when the files have changed (`TLSServerConfiguration.reloadInterval`), and
    /// ``runUntilSignal(_:with:)`` does it for `SIGHUP`.
    ///
    /// - Throws: ``TLSConfigurationError`` for the first address whose files cannot be used: its old certificates stay, the
    ///   others are read all the same.
    public func reloadCertificates() async throws {
        var failure: (any Error)?
        for tls in state.withLock(\.secured) {
            do {
                try await BlockingPool.files.run { try tls.reload() }
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// Where the server listens, with the ports that the kernel chose; waits until it does.
    ///
    /// - Throws: What kept ``run()`` from listening.
    public func boundAddresses() async throws -> [SocketAddress] {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = state.withLock { state in
                if state.outcome == nil { state.awaiting.append(continuation) }
                return state.outcome
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    // MARK: Parts of run

    private var reloading: [any Service] {
        addresses.contains { $0.tls != nil } ? [CertificateReloading(server: self)] : []
    }

    private func startLoops() throws(ServerError) -> EventLoopGroup {
        do {
            return try EventLoopGroup(loopCount: loopCount)
        } catch {
            throw .cannotStartLoops(loopCount, error)
        }
    }

    private func run(on group: EventLoopGroup) async throws {
        let servers = try bind(on: group)
        let bound = servers.first.map(\.addresses) ?? []
        logger.info(
            "listening", metadata: ["addresses": "\(bound)", "loops": "\(group.loops.count)"])
        state.withLock { $0.servers = servers }
        settle(.success(bound))
        await serve(servers)
        let counters = await counters
        logger.info("stopped", metadata: ["counters": "\(counters)"])
    }

    private func bind(on group: EventLoopGroup) throws -> [LoopServer] {
        let binder = ListenerBinder(loops: group.loops)
        let bound = try addresses.flatMap { address throws(ServerError) in
            let tls = try secure(address)
            return try binder.bind(to: address).map { row in
                row.map { BoundListener(listener: $0.listener, origin: $0.origin, tls: tls) }
            }
        }
        let peers =
            limits.connectionsPerPeerMax < limits.connectionsMax
            ? PeerTable(countMax: limits.connectionsPerPeerMax) : nil
        let share = limits.connectionsMax.quotientAndRemainder(dividingBy: group.loops.count)
        return group.loops.indices.map { index in
            LoopServer(
                loop: group.loops[index], listeners: bound.map { $0[index] }, chain: chain,
                limits: limits,
                connectionsMax: max(1, share.quotient + (index < share.remainder ? 1 : 0)),
                peers: peers, secured: index == 0 ? state.withLock(\.secured) : [],
                metrics: ServerMetrics(factory: metrics ?? MetricsSystem.factory), logger: logger)
        }
    }

    private enum Event {
        case loopEnded, stopRequested, deadlinePassed, lookingEnded
    }

    private func serve(_ servers: [LoopServer]) async {
        await withTaskGroup(of: Event.self) { tasks in
            for server in servers {
                tasks.addTask(executorPreference: server.loop) {
                    await server.run()
                    return .loopEnded
                }
            }
            tasks.addTask {
                await self.awaitStopRequest()
                return .stopRequested
            }
            for tls in state.withLock(\.secured) {
                tasks.addTask {
                    await tls.keepLooking()
                    return .lookingEnded
                }
            }
            var left = servers.count
            while left > 0, let event = await tasks.next() {
                switch event {
                case .loopEnded:
                    left -= 1
                case .lookingEnded:
                    break
                case .stopRequested where Task.isCancelled, .deadlinePassed where Task.isCancelled:
                    // Cancelled from outside: the loops cut their connections off by themselves.
                    break
                case .stopRequested:
                    state.withLock { $0.isDraining = true }
                    logger.info("draining")
                    for server in servers { server.loop.execute { server.drain() } }
                    tasks.addTask { [limits] in
                        try? await Task.sleep(for: limits.drainTimeout.upToADay)
                        return .deadlinePassed
                    }
                case .deadlinePassed:
                    logger.warning("the drain's deadline has passed: exchanges are cut off")
                    tasks.cancelAll()
                }
            }
            tasks.cancelAll()
        }
    }

    private func awaitStopRequest() async {
        await withGracefulShutdownHandler {
            for await _ in stopRequests.stream { return }
        } onGracefulShutdown: {
            self.beginShutdown()
        }
    }

    /// Reads the certificates of an address, if it has any.
    private func secure(_ address: ListenAddress) throws(ServerError) -> TLSServer? {
        guard let configuration = address.tls else { return nil }
        do {
            let tls = try TLSServer(configuration, telling: logger)
            state.withLock { $0.secured.append(tls) }
            return tls
        } catch {
            throw .cannotSecure(address, error)
        }
    }

    private func settle(_ outcome: Result<[SocketAddress], any Error>) {
        let awaiting = state.withLock { state in
            state.outcome = outcome
            defer { state.awaiting = [] }
            return state.awaiting
        }
        for continuation in awaiting { continuation.resume(with: outcome) }
    }
}

extension HTTPServer: CustomStringConvertible {
    /// Where the server listens, or is to listen, and what it does: `HTTPServer(127.0.0.1:8080, draining)`.
    ///
    /// It does `nothing yet`, is `starting`, `serving`, `draining`, or has `ended`.
    public var description: String {
        state.withLock { state in
            var places = addresses.map(\.description)
            if case .success(let bound)? = state.outcome { places = bound.map(\.description) }
            let doing =
                state.hasEnded
                ? "ended"
                : !state.hasRun
                    ? "nothing yet"
                    : state.isDraining ? "draining" : state.outcome == nil ? "starting" : "serving"
            return "HTTPServer(\((places + [doing]).joined(separator: ", ")))"
        }
    }
}

public import Logging
public import CoreMetrics
public import ServiceLifecycle
public import SpoorMiddleware
public import SpoorNetworking
import SpoorTLS
import Synchronization

/// An HTTP/1.1 server: addresses to listen on, a middleware chain, and a handler.
///
/// ```swift
/// let server = HTTPServer(listening: .loopback(port: 8080), middleware: [AccessLog()], handler: routes)
/// try await server.runService()
/// ```
///
/// Every connection runs as a task on one event loop, and handlers run on that loop's thread: await, never block.
///
/// A graceful shutdown (by a signal, the service group, or ``triggerGracefulShutdown()``) sets ``isShuttingDown``,
/// continues to accept connections for ``ServerLimits/shutdownDelay``, then drains: the server stops accepting, sends
/// `Connection: close` in every response, ends event streams and the reading side of upgraded connections, lets
/// requests in flight complete, and closes idle connections after ``ServerLimits/idleConnectionGracePeriod``.
/// Requests that take longer than ``ServerLimits/gracefulShutdownTimeout`` are aborted. Handlers can observe the
/// start of the drain by ServiceLifecycle's `cancelOnGracefulShutdown()`, `gracefulShutdown()` and similar functions,
/// no matter how the server is run. ``closeImmediately()``, and cancelling ``run()``, close all connections
/// immediately.
public final class HTTPServer: Service {
    let addresses: [BindAddress]
    private let chain: MiddlewareChain
    let limits: ServerLimits
    private let loopCount: Int
    let logger: Logger
    private let metrics: (any MetricsFactory)?
    private let rejectionHandler: RejectionHandler?
    let state = Mutex(State())
    let progress = ShutdownProgress()
    let shutdownEvents = AsyncStream.makeStream(of: ServingEvent.self)

    /// Whether ``run()`` was called, and has returned.
    enum RunState: Sendable {
        case notStarted, running, ended
    }

    struct State {
        var run = RunState.notStarted
        var tlsServers: [TLSServer] = []
        var servers: [LoopServer] = []
        var outcome: Result<[SocketAddress], any Error>?
        var awaiting: [CheckedContinuation<[SocketAddress], any Error>] = []
    }

    /// Creates a server that listens on several addresses; it does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - addresses: The addresses to listen on; with port 0 the kernel chooses, see ``localAddresses()``.
    ///   - middleware: The middlewares around the handler, the outermost first.
    ///   - handler: The handler, such as a ``Router``.
    ///   - limits: The limits and timeouts.
    ///   - loopCount: The number of event loops, each a thread with its own listeners; one per core if nil. With more
    ///     than one, the kernel distributes the connections of a TCP port among them (`SO_REUSEPORT`).
    ///   - logger: The logger of the server, which also logs errors of handlers and middlewares that became a 500.
    ///   - metrics: The metrics factory; counters are published once per second, with names that begin with
    ///     `spoor.server.`, and those of all ``BlockingPool``s of the process with `spoor.blocking_pool.`; that of
    ///     the bootstrapped `MetricsSystem` if nil.
    ///   - rejectionHandler: Creates the response to a request that the HTTP layer rejects (a malformed head, 408,
    ///     413, 431 and others), such as a JSON body; ``RejectedRequest/defaultResponse`` if nil.
    public init(
        listening addresses: [BindAddress],
        middleware: [any Middleware] = [],
        handler: any Handler,
        limits: ServerLimits = ServerLimits(),
        loopCount: Int? = nil,
        logger: Logger = Logger(label: "spoor.server"),
        metrics: (any MetricsFactory)? = nil,
        rejectionHandler: RejectionHandler? = nil
    ) {
        self.addresses = addresses
        chain = MiddlewareChain(middleware, handler: handler, logger: logger)
        self.limits = limits
        self.loopCount = loopCount ?? EventLoopGroup.allowedCoreCount
        self.logger = logger
        self.metrics = metrics
        self.rejectionHandler = rejectionHandler
    }

    /// Creates a server that listens on one address; see
    /// ``init(listening:middleware:handler:limits:loopCount:logger:metrics:rejectionHandler:)-([BindAddress],_,_,_,_,_,_,_)``.
    public convenience init(
        listening address: BindAddress,
        middleware: [any Middleware] = [],
        handler: any Handler,
        limits: ServerLimits = ServerLimits(),
        loopCount: Int? = nil,
        logger: Logger = Logger(label: "spoor.server"),
        metrics: (any MetricsFactory)? = nil,
        rejectionHandler: RejectionHandler? = nil
    ) {
        self.init(
            listening: [address], middleware: middleware, handler: handler, limits: limits,
            loopCount: loopCount, logger: logger, metrics: metrics,
            rejectionHandler: rejectionHandler)
    }

    /// Runs the server until a graceful shutdown has ended; may be called once.
    ///
    /// - Throws: ``ServerError``, or `SystemError` if the kernel has no threads or file descriptors left.
    public func run() async throws {
        try state.withLock { state throws(ServerError) in
            guard state.run == .notStarted else { throw ServerError.alreadyRunning }
            state.run = .running
        }
        defer { state.withLock { $0.run = .ended } }
        do {
            try limits.validate()
            guard !addresses.isEmpty else { throw ServerError.noAddress }
            DescriptorLimit.raise()
            for mistake in chain.orderMistakes {
                logger.warning("middlewares in the wrong order", metadata: ["order": "\(mistake)"])
            }
            let group = try startLoops()
            do {
                try await run(on: group)
            } catch {
                await group.shutdown()
                throw error
            }
            await group.shutdown()
        } catch {
            setOutcome(.failure(error))
            throw error
        }
    }

    /// The counters and gauges of the server, summed over its event loops; zeros before it listens.
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

    /// Reads the files of all certificates and keys again; new connections use the new ones, existing connections
    /// keep theirs.
    ///
    /// The server does this automatically when the files have changed (`TLSServerConfiguration.reloadInterval`), and
    /// ``runService(_:with:)`` does it on `SIGHUP`.
    ///
    /// - Throws: ``TLSConfigurationError`` for the first address whose files cannot be loaded: its previous
    ///   certificates stay in use, those of other addresses are reloaded anyway.
    public func reloadCertificates() async throws {
        var failure: (any Error)?
        for tls in state.withLock(\.tlsServers) {
            do {
                try await BlockingPool.files.run { try tls.reload() }
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// Returns the addresses that the server listens on, with the ports that the kernel chose; waits until it
    /// listens.
    ///
    /// - Throws: The error that kept ``run()`` from listening.
    public func localAddresses() async throws -> [SocketAddress] {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = state.withLock { state in
                if state.outcome == nil { state.awaiting.append(continuation) }
                return state.outcome
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    // MARK: Running

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
        // A shutdown that was triggered before the event loops existed.
        drainIfDue()
        let watchdog = startWatchdog(over: servers)
        defer { watchdog?.stop() }
        setOutcome(.success(bound))
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
            limits.maxConnectionsPerRemoteAddress < limits.maxConnections
            ? PeerTable(maxCount: limits.maxConnectionsPerRemoteAddress) : nil
        let share = limits.maxConnections.quotientAndRemainder(dividingBy: group.loops.count)
        let poolMetrics = metrics.map { BlockingPoolMetrics(factory: $0) } ?? .system
        return group.loops.indices.map { index in
            LoopServer(
                loop: group.loops[index], listeners: bound.map { $0[index] }, chain: chain,
                limits: limits,
                maxConnections: max(1, share.quotient + (index < share.remainder ? 1 : 0)),
                peers: peers, progress: progress,
                tlsServers: index == 0 ? state.withLock(\.tlsServers) : [],
                metrics: ServerMetrics(factory: metrics ?? MetricsSystem.factory),
                poolMetrics: index == 0 ? poolMetrics : nil, logger: logger,
                rejectionHandler: rejectionHandler)
        }
    }

    /// Reads the certificates of an address, if it has any.
    private func secure(_ address: BindAddress) throws(ServerError) -> TLSServer? {
        guard let configuration = address.tls else { return nil }
        do {
            let tls = try TLSServer(configuration, logger: logger)
            state.withLock { $0.tlsServers.append(tls) }
            return tls
        } catch {
            throw .invalidTLSConfiguration(address, error)
        }
    }

    private func setOutcome(_ outcome: Result<[SocketAddress], any Error>) {
        let awaiting = state.withLock { state in
            state.outcome = outcome
            defer { state.awaiting = [] }
            return state.awaiting
        }
        for continuation in awaiting { continuation.resume(with: outcome) }
    }
}

extension HTTPServer: CustomStringConvertible {
    /// The addresses that the server listens on, or will listen on, and its state: `HTTPServer(127.0.0.1:8080,
    /// shutting down)`.
    ///
    /// The state is `not started`, `starting`, `serving`, `shutting down`, or `ended`.
    public var description: String {
        state.withLock { state in
            var places = addresses.map(\.description)
            if case .success(let bound)? = state.outcome { places = bound.map(\.description) }
            let doing =
                switch state.run {
                case .ended: "ended"
                case .notStarted where !isShuttingDown: "not started"
                case .running where !isShuttingDown: state.outcome == nil ? "starting" : "serving"
                case .notStarted, .running: "shutting down"
                }
            return "HTTPServer(\((places + [doing]).joined(separator: ", ")))"
        }
    }
}

import Logging
import ServiceLifecycle
import SpoorNetworking
import SpoorTLS
import Synchronization

/// Shutting down a server: gracefully, stage by stage, or immediately.
extension HTTPServer {
    /// Whether a graceful shutdown has begun; a readiness check should then report 503.
    ///
    /// True from the moment at which ``triggerGracefulShutdown()`` returns, also while new connections are still
    /// accepted (``ServerLimits/shutdownDelay``), and after ``run()`` has returned from a shutdown. In a handler use
    /// `exchange.isServerShuttingDown`, which needs no reference to the server.
    public var isShuttingDown: Bool { progress.stage > .none }

    /// Triggers a graceful shutdown; ``run()`` returns when it has ended.
    ///
    /// ``isShuttingDown`` is true when this returns. It may be called on any thread and more than once; also before
    /// ``run()``, which then listens and stops again.
    public func triggerGracefulShutdown() {
        advance(to: limits.shutdownDelay > .zero ? .announced : .draining, because: .requested)
    }

    /// Closes all connections immediately; ``run()`` returns when the cancelled handlers have.
    ///
    /// Requests in flight are aborted and counted (``ServerCounters/aborted``). It may follow a
    /// ``triggerGracefulShutdown()`` that takes too long, and may be called on any thread.
    public func closeImmediately() {
        advance(to: .closing, because: .requested)
    }

    /// Why a stage of the shutdown was reached.
    enum ShutdownCause: Sendable {
        case requested, delayEnded, timedOut, cancelled
    }

    /// An event while a server is running.
    enum ServingEvent: Sendable {
        case reached(ShutdownProgress.Stage, ShutdownCause)
        case connectionsEnded
        /// A helper task has ended.
        case helperEnded
    }

    /// Advances to a stage of the shutdown, unless it was reached before.
    func advance(to stage: ShutdownProgress.Stage, because cause: ShutdownCause) {
        guard progress.advance(to: stage) else { return }
        drainIfDue()
        shutdownEvents.continuation.yield(.reached(stage, cause))
    }

    /// Makes the event loops drain if that stage is reached; they do it once.
    func drainIfDue() {
        guard progress.isDraining else { return }
        for server in state.withLock(\.servers) { server.loop.execute { server.drain() } }
    }

    /// Serves until all connections have ended after a shutdown.
    func serve(_ servers: [LoopServer]) async {
        // A separate task: a cancellation from outside must not reach handlers before `abort` has counted them.
        let serving = Task { await self.superviseShutdown(of: servers) }
        await withTaskCancellationHandler {
            await serving.value
        } onCancel: {
            self.advance(to: .closing, because: .cancelled)
        }
    }

    private func superviseShutdown(of servers: [LoopServer]) async {
        // A separate group, so that handlers can observe the start of the drain by ServiceLifecycle's functions no
        // matter how the server is run and how its shutdown was triggered.
        let connections = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: ConnectionService(servers: servers),
                        successTerminationBehavior: .ignore)
                ],
                logger: Logger(label: "spoor.server.connections") { _ in SwiftLogNoOpLogHandler() })
        )
        await withTaskGroup(of: ServingEvent.self) { tasks in
            tasks.addTask {
                do {
                    try await connections.run()
                } catch {
                    self.logger.error("server failed", metadata: ["error": "\(error)"])
                }
                return .connectionsEnded
            }
            tasks.addTask {
                await self.followGracefulShutdown()
                return .helperEnded
            }
            for tls in state.withLock(\.tlsServers) {
                tasks.addTask {
                    await tls.watchFiles()
                    return .helperEnded
                }
            }
            tasks.addTask { await self.nextShutdownEvent() }
            while let event = await tasks.next() {
                switch event {
                case .connectionsEnded:
                    tasks.cancelAll()
                    return
                case .helperEnded: break
                case .reached(let stage, let cause):
                    if let timer = await enter(stage, of: servers, connections, because: cause) {
                        tasks.addTask { await self.advance(after: timer) }
                    }
                    tasks.addTask { await self.nextShutdownEvent() }
                }
            }
        }
    }

    /// The next stage and its timeout.
    private struct StageTimer: Sendable {
        let delay: Duration
        let next: ShutdownProgress.Stage
        let cause: ShutdownCause
    }

    /// Executes a stage; returns the timer that ends it.
    private func enter(
        _ stage: ShutdownProgress.Stage, of servers: [LoopServer], _ connections: ServiceGroup,
        because cause: ShutdownCause
    ) async -> StageTimer? {
        switch stage {
        case .none: return nil
        case .announced:
            logger.info(
                "graceful shutdown started, still accepting connections",
                metadata: ["shutdownDelay": "\(limits.shutdownDelay)"])
            return StageTimer(delay: limits.shutdownDelay, next: .draining, cause: .delayEnded)
        case .draining:
            logger.info("draining")
            await connections.triggerGracefulShutdown()
            return StageTimer(
                delay: limits.gracefulShutdownTimeout, next: .closing, cause: .timedOut)
        case .closing:
            await close(servers, because: cause)
            return nil
        }
    }

    private func nextShutdownEvent() async -> ServingEvent {
        for await event in shutdownEvents.stream { return event }
        return .helperEnded
    }

    private func advance(after timer: StageTimer) async -> ServingEvent {
        if (try? await Task.sleep(for: timer.delay.upToADay)) != nil {
            advance(to: timer.next, because: timer.cause)
        }
        return .helperEnded
    }

    /// Starts the shutdown when that of the enclosing service group starts.
    private func followGracefulShutdown() async {
        let (never, continuation) = AsyncStream.makeStream(of: Void.self)
        await withGracefulShutdownHandler {
            for await _ in never {}
        } onGracefulShutdown: {
            self.triggerGracefulShutdown()
        }
        continuation.finish()
    }

    /// Aborts requests in flight; the log line contains the number that is counted.
    private func close(_ servers: [LoopServer], because cause: ShutdownCause) async {
        var exchangeCount = 0
        for server in servers {
            exchangeCount += await withCheckedContinuation { continuation in
                server.loop.execute { continuation.resume(returning: server.abort()) }
            }
        }
        let message: Logger.Message =
            switch cause {
            case .timedOut:
                "graceful shutdown timed out, closing all connections"
            case .cancelled: "server task cancelled, closing all connections"
            case .requested, .delayEnded: "closing all connections immediately"
            }
        logger.log(
            level: exchangeCount > 0 ? .warning : .info, message,
            metadata: ["abortedExchanges": "\(exchangeCount)"])
    }
}

/// All connections of a server, on all of its event loops, as one service.
private struct ConnectionService: Service {
    let servers: [LoopServer]

    func run() async {
        await withDiscardingTaskGroup { tasks in
            for server in servers {
                tasks.addTask(executorPreference: server.loop) { await server.run() }
            }
        }
    }
}

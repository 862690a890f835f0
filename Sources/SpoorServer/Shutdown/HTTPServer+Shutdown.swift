import Logging
import ServiceLifecycle
import SpoorNetworking
import SpoorTLS
import Synchronization

/// Ending a server: gracefully, stage by stage, or at once.
extension HTTPServer {
    /// Whether a graceful shutdown has begun: what a readiness check reports as 503.
    ///
    /// True from the moment at which ``triggerGracefulShutdown()`` returns, also while new connections are still accepted
    /// (``ServerLimits/shutdownDelay``), and after ``run()`` has returned from a shutdown. In a handler ask
    /// `exchange.isServerShuttingDown`, which needs no reference to the server.
    public var isDraining: Bool { progress.stage > .none }

    /// Begins a graceful shutdown; ``run()`` returns when it has ended.
    ///
    /// ``isDraining`` is true when this returns. It may be called on any thread and more than once; before ``run()``, which
    /// then listens and stops again.
    public func triggerGracefulShutdown() {
        advance(to: limits.shutdownDelay > .zero ? .announced : .draining, because: .asked)
    }

    /// Closes every connection at once, whatever it is doing; ``run()`` returns when the cancelled handlers have.
    ///
    /// Exchanges in flight are cut off and counted (``ServerCounters/aborted``). It may follow a ``triggerGracefulShutdown()`` that takes
    /// too long, and may be called on any thread.
    public func closeImmediately() {
        advance(to: .closing, because: .asked)
    }

    /// Why a stage of the shutdown was reached.
    enum ShutdownCause: Sendable {
        case asked, delayEnded, timedOut, cancelled
    }

    /// What happens to a server while it serves.
    enum ServingEvent: Sendable {
        case reached(ShutdownProgress.Stage, ShutdownCause)
        case connectionsEnded
        /// A helper has nothing more to do.
        case helperEnded
    }

    /// Goes on to a stage of the shutdown, unless it was reached before.
    func advance(to stage: ShutdownProgress.Stage, because cause: ShutdownCause) {
        guard progress.advance(to: stage) else { return }
        drainIfDue()
        shutdownEvents.continuation.yield(.reached(stage, cause))
    }

    /// Lets the loops drain if that stage is reached; they do it once.
    func drainIfDue() {
        guard progress.isDraining else { return }
        for server in state.withLock(\.servers) { server.loop.execute { server.drain() } }
    }

    /// Serves until all connections have ended after a shutdown.
    func serve(_ servers: [LoopServer]) async {
        // A task of its own: a cancellation from outside must not reach handlers before `aborted` has counted them.
        let serving = Task { await self.superviseShutdown(of: servers) }
        await withTaskCancellationHandler {
            await serving.value
        } onCancel: {
            self.advance(to: .closing, because: .cancelled)
        }
    }

    private func superviseShutdown(of servers: [LoopServer]) async {
        // A group of its own, so that handlers can wait for the begin of the drain by ServiceLifecycle's functions however
        // the server is run, and however its shutdown was begun.
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
                    self.logger.error("serving has failed", metadata: ["error": "\(error)"])
                }
                return .connectionsEnded
            }
            tasks.addTask {
                await self.followGracefulShutdown()
                return .helperEnded
            }
            for tls in state.withLock(\.secured) {
                tasks.addTask {
                    await tls.keepLooking()
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

    /// What comes next if nothing happens before.
    private struct StageTimer: Sendable {
        let delay: Duration
        let next: ShutdownProgress.Stage
        let cause: ShutdownCause
    }

    /// Executes a stage; returns what ends it.
    private func enter(
        _ stage: ShutdownProgress.Stage, of servers: [LoopServer], _ connections: ServiceGroup,
        because cause: ShutdownCause
    ) async -> StageTimer? {
        switch stage {
        case .none: return nil
        case .announced:
            logger.info(
                "shutting down: not ready any more, still accepting",
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

    /// Begins the shutdown with that of the service group around the server.
    private func followGracefulShutdown() async {
        let (never, continuation) = AsyncStream.makeStream(of: Void.self)
        await withGracefulShutdownHandler {
            for await _ in never {}
        } onGracefulShutdown: {
            self.triggerGracefulShutdown()
        }
        continuation.finish()
    }

    /// Cuts off what is in flight; the log line has the number that is counted.
    private func close(_ servers: [LoopServer], because cause: ShutdownCause) async {
        var exchangeCount = 0
        for server in servers {
            exchangeCount += await withCheckedContinuation { continuation in
                server.loop.execute { continuation.resume(returning: server.aborted()) }
            }
        }
        let message: Logger.Message =
            switch cause {
            case .timedOut:
                "the drain took longer than gracefulShutdownTimeout: closing all connections"
            case .cancelled: "the server's task was cancelled: closing all connections"
            case .asked, .delayEnded: "closing all connections at once"
            }
        logger.log(
            level: exchangeCount > 0 ? .warning : .info, message,
            metadata: ["exchangesCutOff": "\(exchangeCount)"])
    }
}

/// All connections of a server, on all of its loops, as one service.
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

package import Logging
public import ServiceLifecycle
import Synchronization
public import UnixSignals

/// Running a server as the main service of a program.
extension HTTPServer {
    /// Runs the server until one of the signals, then shuts down gracefully; for a program without its own service
    /// group.
    ///
    /// A second signal, of the same or another kind, stops everything immediately: connections are closed, handlers
    /// cancelled, and the other services as well.
    ///
    /// - Parameters:
    ///   - signals: The signals that trigger the graceful shutdown. If an address has TLS, `SIGHUP` makes the server
    ///     read its certificates again.
    ///   - services: The services that start before the server and stop after it, such as a reporter; they stop one
    ///     after the other, the last one first, unless they are ``ConcurrentServices``.
    /// - Throws: As ``run()``, or what a service throws.
    public func runService(
        gracefulShutdownSignals signals: [UnixSignal] = [.sigint, .sigterm],
        with services: [any Service] = []
    ) async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: (services + certificateServices).map { .init(service: $0) }
                    + [.init(service: self, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger))
        try await SignalledGroup(group, logger: logger).run(until: signals)
    }

    private var certificateServices: [any Service] {
        addresses.contains { $0.tls != nil } ? [CertificateReloading(server: self)] : []
    }
}

/// A service group that the first signal shuts down gracefully, and the second one cancels.
package final class SignalledGroup: Sendable {
    private let group: ServiceGroup
    private let logger: Logger
    private let isCancelled = Atomic(false)

    package init(_ group: ServiceGroup, logger: Logger) {
        self.group = group
        self.logger = logger
    }

    /// Runs the group until one of the signals has ended it.
    ///
    /// - Throws: What a service throws, except the `CancellationError` of one that the second signal has ended.
    package func run(until signals: [UnixSignal] = [.sigint, .sigterm]) async throws {
        let caught = await UnixSignalsSequence(trapping: signals)
        // The task that waits for signals must not wait for the task that runs the services.
        let running = Task { [group] in try await group.run() }
        let listening = Task { await self.handle(caught, running) }
        defer { listening.cancel() }
        do {
            try await withTaskCancellationHandler {
                try await running.value
            } onCancel: {
                running.cancel()
            }
        } catch is CancellationError where isCancelled.load(ordering: .relaxed) && !Task.isCancelled
        {
        }
    }

    private func handle(
        _ caught: UnixSignalsSequence, _ running: Task<Void, any Error>
    ) async {
        var isFirst = true
        for await signal in caught {
            guard isFirst else {
                logger.warning(
                    "second signal received, closing all connections",
                    metadata: ["signal": "\(signal)"]
                )
                isCancelled.store(true, ordering: .relaxed)
                running.cancel()
                return
            }
            isFirst = false
            logger.info(
                "shutting down gracefully, another signal closes all connections",
                metadata: ["signal": "\(signal)"])
            await group.triggerGracefulShutdown()
        }
    }
}

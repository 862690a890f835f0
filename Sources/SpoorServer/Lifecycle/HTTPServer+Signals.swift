import Logging
public import ServiceLifecycle
public import UnixSignals

/// Running a server as the main thing of a program.
extension HTTPServer {
    /// Serves until one of the signals, then shuts down gracefully; for a program that has no service group of its own.
    ///
    /// A second signal, of the same or another kind, ends everything at once: connections are closed, handlers cancelled, and
    /// the other services too.
    ///
    /// - Parameters:
    ///   - signals: What begins the graceful shutdown. If an address has TLS, `SIGHUP` makes the server read its
    ///     certificates again.
    ///   - services: What starts before the server and stops after it, such as a reporter.
    /// - Throws: As ``run()``, or what a service throws.
    public func runUntilSignal(
        _ signals: [UnixSignal] = [.sigint, .sigterm], with services: [any Service] = []
    ) async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: (services + certificateServices).map { .init(service: $0) }
                    + [.init(service: self, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger))
        let caught = await UnixSignalsSequence(trapping: signals)
        // The task that waits for the services is not to be waited for by the one that waits for signals.
        let serving = Task { try await group.run() }
        let listening = Task { await self.heed(caught, of: group, running: serving) }
        defer { listening.cancel() }
        do {
            try await withTaskCancellationHandler {
                try await serving.value
            } onCancel: {
                serving.cancel()
            }
        } catch is CancellationError where progress.stage == .closing && !Task.isCancelled {
            // A service that was ended by the second signal.
        }
    }

    /// The first signal begins the graceful shutdown, the second one cancels it.
    private func heed(
        _ caught: UnixSignalsSequence, of group: ServiceGroup,
        running serving: Task<Void, any Error>
    ) async {
        var isFirst = true
        for await signal in caught {
            guard isFirst else {
                logger.warning(
                    "a second signal: closing everything at once", metadata: ["signal": "\(signal)"]
                )
                serving.cancel()
                return
            }
            isFirst = false
            logger.info(
                "shutting down; another signal closes everything at once",
                metadata: ["signal": "\(signal)"])
            await group.triggerGracefulShutdown()
        }
    }

    private var certificateServices: [any Service] {
        addresses.contains { $0.tls != nil } ? [CertificateReloading(server: self)] : []
    }
}

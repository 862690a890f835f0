public import ServiceLifecycle

/// Services that run as one: they are started and stopped at the same time.
///
/// A `ServiceGroup` and ``HTTPServer/runService(gracefulShutdownSignals:with:)`` stop services one after the other, which
/// services that depend on each other need. Services that do not, such as several reporters, stop together in the time
/// of the slowest one:
///
/// ```swift
/// try await server.runService(with: [ConcurrentServices([jaeger, tempo]), database])
/// ```
public struct ConcurrentServices: Service {
    private let services: [any Service]

    /// Creates a service from services that do not depend on each other.
    public init(_ services: [any Service]) {
        self.services = services
    }

    /// Runs all services until each of them has returned; a graceful shutdown reaches all of them at the same time.
    ///
    /// Without services it waits for the graceful shutdown, because a service that returns earlier would end its group.
    ///
    /// - Throws: The first error of a service, after the others have been cancelled and have returned.
    public func run() async throws {
        if services.isEmpty { try await gracefulShutdown() }
        try await withThrowingDiscardingTaskGroup { tasks in
            for service in services { tasks.addTask { try await service.run() } }
        }
    }
}

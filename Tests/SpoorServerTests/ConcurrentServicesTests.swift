import Logging
import ServiceLifecycle
import SpoorServer
import SpoorTesting
import Synchronization
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct ConcurrentServicesTests {
    /// A service that stops when all services of its test are stopping.
    private struct Peer: Service {
        let stopping: Count
        let count: Int
        let all: Gate

        func run() async throws {
            try await gracefulShutdown()
            if stopping.increment() == count { all.open() }
            try await all.wait()
        }
    }

    /// The number of services that are stopping.
    private final class Count: Sendable {
        private let number = Atomic(0)

        var value: Int { number.load(ordering: .relaxed) }

        func increment() -> Int { number.add(1, ordering: .relaxed).newValue }
    }

    private struct Mishap: Error {}

    private struct Failing: Service {
        func run() async throws { throw Mishap() }
    }

    private struct Waiting: Service {
        let ended: Gate

        func run() async throws {
            try? await gracefulShutdown()
            ended.open()
        }
    }

    @Test func `a graceful shutdown reaches all services at the same time`() async throws {
        let (stopping, all) = (Count(), Gate())
        let services = (0..<3).map { _ in Peer(stopping: stopping, count: 3, all: all) }
        let group = ServiceGroup(
            services: [ConcurrentServices(services)], logger: Logger(label: "test"))
        let running = Task { try await group.run() }
        await group.triggerGracefulShutdown()
        // One after the other they would wait for each other forever.
        try await running.value
        #expect(stopping.value == 3)
    }

    @Test func `an error of one service cancels the others and is thrown`() async throws {
        let ended = Gate()
        await #expect(throws: Mishap.self) {
            try await ConcurrentServices([Waiting(ended: ended), Failing()]).run()
        }
        try await ended.wait()
    }

    @Test func `no services wait for the graceful shutdown, so their group continues`() async throws
    {
        let ended = Gate()
        let group = ServiceGroup(
            services: [ConcurrentServices([]), Waiting(ended: ended)],
            logger: Logger(label: "test"))
        let running = Task { try await group.run() }
        await group.triggerGracefulShutdown()
        // A service that returned earlier would be an error of the group.
        await #expect(throws: Never.self) { try await running.value }
        try await ended.wait()
    }
}

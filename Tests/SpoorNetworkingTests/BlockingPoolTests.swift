import Glibc
import Synchronization
import Testing

@testable import SpoorNetworking

@Suite(.timeLimit(.minutes(10))) struct BlockingPoolTests {
    struct Failure: Error {}

    /// How many run at once, and the most that ever did.
    private final class Gauge: Sendable {
        let running = Atomic(0)
        let most = Atomic(0)

        func measure(_ body: () -> Void) {
            let now = running.add(1, ordering: .sequentiallyConsistent).newValue
            most.max(now, ordering: .sequentiallyConsistent)
            body()
            running.subtract(1, ordering: .sequentiallyConsistent)
        }
    }

    @Test func `runs work off the loop and comes back to it`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        try await Task(executorPreference: loop) { () async throws in
            let wasOnLoop = try await BlockingPool.shared.run { EventLoop.current != nil }
            #expect(!wasOnLoop)
            #expect(loop.isCurrent)
            await #expect(throws: Failure.self) {
                try await BlockingPool.shared.run { throw Failure() }
            }
        }.value
        await group.shutdown()
    }

    @Test func `does everything it took, with no more threads than allowed`() async throws {
        let pool = BlockingPool(threadsMax: 3, queueMax: 5_000)
        let gauge = Gauge()
        let sum = try await withThrowingTaskGroup { tasks in
            for number in 0..<1_000 {
                tasks.addTask {
                    try await pool.run {
                        gauge.measure { sched_yield() }
                        return number
                    }
                }
            }
            return try await tasks.reduce(0, +)
        }
        #expect(sum == 499_500)
        #expect(gauge.most.load(ordering: .relaxed) <= 3)
    }

    @Test func `refuses what its queue does not hold`() async throws {
        let pool = BlockingPool(threadsMax: 1, queueMax: 1)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let isOpen = Atomic(false)
        let blocked = Task {
            try await pool.run {
                start.finish()
                while !isOpen.load(ordering: .acquiring) { sched_yield() }
            }
        }
        for await _ in started {}
        let (second, finish) = AsyncStream.makeStream(of: Void.self)
        #expect(pool.submit { finish.finish() } == nil)
        #expect(pool.submit {} == .queueFull)
        await #expect(throws: BlockingPool.Refusal.queueFull) { try await pool.run {} }
        isOpen.store(true, ordering: .releasing)
        try await blocked.value
        for await _ in second {}
    }
}
